internal import Hummingbird

/// For whoever restarts processes (`/livez`) and whoever sends clients to nodes (`/readyz`). Neither needs a token.
struct HealthRoutes: RouteSet {
  let readiness: Readiness

  static let verbose = QueryField.flag("verbose", "List the checks that passed too.")
  static let noLeader = QueryField.flag("noleader", "Leave out whether a leader is known.")
  static let readyFields: [any DescribedQueryField] = [verbose, noLeader]

  var paths: [String] { ["/livez", "/readyz"] }

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
