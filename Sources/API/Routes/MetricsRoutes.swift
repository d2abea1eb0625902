internal import Desk
internal import Hummingbird
internal import Protocol

/// For Prometheus. Open when the status is: both say the same about the cluster, and nothing about people.
struct MetricsRoutes: RouteSet {
  let cluster: any Cluster
  let gateway: @Sendable () -> GatewayFigures
  let version: String
  let openStatus: Bool
  let lostLogLines: @Sendable () -> Int

  static let query = QueryRoute(
    path: "/metrics", name: "metrics", tag: "operation", summary: "Figures for Prometheus",
    about: "Text exposition format 0.0.4.", readers: .staffUnlessOpen, answer: .text("The figures."))

  var paths: [String] { [Self.query.path] }

  func add(to routes: some RouterMethods<APIContext>) {
    routes.get("/metrics") { _, context in
      if !openStatus { try context.require(atLeast: .agent) }
      let page = MetricsPage(
        node: cluster.thisNode.name, version: version, replica: await cluster.figures(), gateway: gateway(),
        process: .read(), lostLogLines: lostLogLines())
      return Response.text(page.render(), type: MetricsPage.contentType)
    }
  }
}
