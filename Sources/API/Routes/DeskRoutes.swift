internal import Desk
internal import Hummingbird
internal import Protocol

/// The desks of the cluster for its admins, and one's own for others who serve.
struct DeskRoutes: RouteSet {
  let cluster: any Cluster

  private static let after = QueryField.desk("after", "Those behind this name.")
  private static let limit = QueryField.limit(upTo: Desks.most, or: Desks.most)
  private static let fields: [any DescribedQueryField] = [after, limit, QueryField<Bool>.isLocal]

  static let query = QueryRoute(
    path: "/v1/desks", name: "desks", tag: "cluster", summary: Desks.summary, about: Desks.about,
    readers: .staff,
    fields: fields, answer: .document("Desks", "The desks."))

  var paths: [String] { [Self.query.path] }

  func add(to routes: some RouterMethods<APIContext>) {
    routes.get("/v1/desks") { request, context in
      let query = try QueryParameters(request.uri.query, Self.fields)
      try context.require(atLeast: .agent)
      let page = try await cluster.desks(
        context.isClusterAdmin ? nil : context.desk, after: try query.value(Self.after),
        limit: try query.value(Self.limit), local: try query.value(.isLocal))
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
