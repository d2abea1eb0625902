internal import Hummingbird

/// For whoever restarts processes (`/livez`) and whoever sends clients to nodes (`/readyz`). Neither needs a token.
struct HealthRoutes: RouteSet {
  let readiness: Readiness

  private static let verbose = QueryField.flag("verbose", "List the checks that passed too.")
  private static let noLeader = QueryField.flag("noleader", "Leave out whether a leader is known.")
  private static let readyFields: [any DescribedQueryField] = [verbose, noLeader]

  static let queries = [
    QueryRoute(
      path: "/livez", name: "livez", tag: "operation", summary: "The process lives", readers: .anybody,
      answer: .text("It does.")),
    QueryRoute(
      path: "/readyz", name: "readyz", tag: "operation", summary: "The node can serve clients",
      about: "Checks that failed are listed by name.", readers: .anybody, fields: readyFields,
      answer: .text("Ready."), unready: "Not ready; the failed checks."),
  ]

  var paths: [String] { Self.queries.map(\.path) }

  var needsIdentity: Bool { false }

  func add(to routes: some RouterMethods<APIContext>) {
    // That it answers is the answer: the process lives and its event loops turn.
    routes.get("/livez") { _, _ in
      Response.text("ok\n", type: "text/plain; charset=utf-8")
    }
    routes.get("/readyz") { request, _ in
      let query = try QueryParameters(request.uri.query, Self.readyFields)
      let (verbose, withoutLeader) = (try query.value(Self.verbose), try query.value(Self.noLeader))
      let checks = await readiness.checks().filter { !withoutLeader || $0.name != Readiness.leader }
      let isReady = checks.allSatisfy(\.isPassed)
      var lines = checks.filter { verbose || !$0.isPassed }.map { check in
        "[\(check.isPassed ? "+" : "-")] \(check.name): \(check.detail)\n"
      }
      lines.append(isReady ? "ready\n" : "not ready\n")
      return Response.text(
        lines.joined(), type: "text/plain; charset=utf-8", status: isReady ? .ok : .serviceUnavailable)
    }
  }
}
