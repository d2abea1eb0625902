internal import Desk
internal import Hummingbird
internal import Protocol

/// The desks of the cluster for its admins, and one's own for others who serve.
struct DeskRoutes: RouteSet {
  let cluster: any Cluster

  var paths: [String] { ["/v1/desks"] }

  func add(to routes: some RouterMethods<APIContext>) {
    routes.get("/v1/desks") { request, context in
      let parameters = try QueryParameters(request.uri.query, allowed: ["after", "limit", "consistency"])
      let local = try parameters.choice("consistency", Consistency.self) == .local
      let limit = try parameters.integer("limit", in: 1...UInt64(Desks.most)).map { Int($0) } ?? Desks.most
      try context.require(atLeast: .agent)
      let after = try parameters.desk("after")
      let page = try await cluster.desks(
        context.isClusterAdmin ? nil : context.desk, after: after, limit: limit, local: local)
      return Response.json(text: DeskDocument.text(page))
    }
  }
}

/// `GET /v1/desks`.
enum DeskDocument {
  static func text(_ page: DeskPage) -> String {
    let desks = page.desks.map { DeskSummary.fields.json(of: $0) }
    return #"{"desks":[\#(desks.joined(separator: ","))],"more":\#(page.more)}"#
  }
}

extension ClusterStatus {
  /// What a desk holds in the place of what the cluster does.
  mutating func show(_ desk: DeskSummary?) {
    (sessions, agents) = (.init(), .init())
    guard let desk else { return }
    sessions.active = Int(clamping: desk.active)
    sessions.queued = Int(clamping: desk.queued)
    sessions.closed = Int(clamping: desk.closed)
    agents.online = Int(clamping: desk.online)
    agents.busy = Int(clamping: desk.busy)
    agents.away = Int(clamping: desk.away)
    agents.offline = Int(clamping: desk.offline)
  }
}
