internal import Desk
internal import Hummingbird
internal import Protocol

/// For Prometheus. Open when the status is: both say the same about the cluster, and nothing about people. What each desk holds
/// is for admins of the cluster alone.
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
      if !openStatus {
        try context.require(atLeast: .agent)
        guard context.claims?.desk == nil else {
          throw ProblemDetails.forbidden(
            "The figures are those of all desks, and your token is for one of them.")
        }
      }
      let desks = context.isClusterAdmin ? await Self.desks(cluster) : []
      let page = MetricsPage(
        node: cluster.thisNode.name, version: version, replica: await cluster.figures(), desks: desks,
        gateway: gateway(),
        process: .read(), lostLogLines: lostLogLines())
      return Response.text(page.render(), type: MetricsPage.contentType)
    }
  }

  /// All of them, as this node has them; none where it cannot say.
  private static func desks(_ cluster: any Cluster) async -> [DeskSummary] {
    (try? await cluster.desks(nil, after: nil, limit: DeskNumber.most + 1, local: true))?.desks ?? []
  }
}
