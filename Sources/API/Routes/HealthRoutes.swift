internal import Hummingbird

/// For whoever restarts processes (`/livez`) and whoever sends clients to nodes (`/readyz`). Neither needs a token.
struct HealthRoutes: RouteSet {
  let readiness: Readiness

  var paths: [String] { ["/livez", "/readyz"] }

  var needsIdentity: Bool { false }

  func add(to routes: some RouterMethods<APIContext>) {
    // That it answers is the answer: the process lives and its event loops turn.
    routes.get("/livez") { _, _ in
      Response.text("ok\n", type: "text/plain; charset=utf-8")
    }
    routes.get("/readyz") { request, _ in
      let parameters = try QueryParameters(request.uri.query, allowed: ["verbose", "noleader"])
      let verbose = try parameters.flag("verbose")
      let withoutLeader = try parameters.flag("noleader")
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
