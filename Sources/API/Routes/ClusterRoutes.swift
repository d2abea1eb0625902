internal import Desk
internal import Hummingbird
internal import Protocol

/// What the node knows of the cluster, and who serves. Neither waits for a quorum.
struct ClusterRoutes: RouteSet {
  let cluster: any Cluster
  /// Whether the status may be read without a token.
  let openStatus: Bool

  static let limit = QueryField.limit(upTo: AgentPage.most, or: AgentPage.most)
  static let listFields: [any DescribedQueryField] = [limit, QueryField<PageCursor?>.cursor]

  static let queries = [
    QueryRoute(
      path: "/v1/cluster/status", name: "clusterStatus", tag: "cluster",
      summary: "The cluster as this node sees it", about: "Always answers and never waits for a quorum.",
      readers: .staffUnlessOpen, answer: .document("ClusterStatus", "What the node knows now.")),
    QueryRoute(
      path: "/v1/cluster/members", name: "members", tag: "cluster", summary: "The nodes of the cluster",
      about: "As this node sees them, sorted by name, page by page; the status has all of them.",
      readers: .staffUnlessOpen, fields: listFields, answer: .document("Members", "The members.")),
    QueryRoute(
      path: "/v1/agents", name: "agents", tag: "cluster", summary: "All agents",
      about: "As this node has them, sorted by id, page by page.", readers: .roles(.staff), fields: listFields,
      answer: .document("Agents", "The agents.")),
  ]

  var paths: [String] { Self.queries.map(\.path) }

  func add(to routes: some RouterMethods<APIContext>) {
    routes.get("/v1/cluster/status") { request, context in
      _ = try QueryParameters(request.uri.query, [])
      if !openStatus { try context.require(atLeast: .agent) }
      var status = await cluster.status()
      if let desk = context.claims?.desk {
        // Whoever is of a desk is told how much that one holds, and nothing of the others.
        status.show(try await cluster.desks(desk, after: nil, limit: 1, local: true).desks.first)
      }
      return Response.json(text: status.json)
    }
    routes.get("/v1/cluster/members") { request, context in
      let query = try QueryParameters(request.uri.query, Self.listFields)
      if !openStatus { try context.require(atLeast: .agent) }
      let after = try query.value(.cursor).map { try $0.name(in: "members") }
      let limit = try query.value(Self.limit)
      let rest = await cluster.status().members.sorted { $0.id < $1.id }
        .filter { member in after.map { $0 < member.id } ?? true }
      let last = rest.count > limit ? rest[limit - 1].id : nil
      let page = MembersDocument(
        members: Array(rest.prefix(limit)), next: last.map { PageCursor(Array($0.utf8), in: "members").text })
      return Response.json(text: page.json)
    }
    routes.get("/v1/agents") { request, context in
      let query = try QueryParameters(request.uri.query, Self.listFields)
      try context.require(atLeast: .agent)
      let list = "agents/\(context.desk)"
      let after = try query.value(.cursor).map { AgentID(try $0.name(in: list)) }
      let page = await cluster.agents(in: context.desk, after: after, limit: try query.value(Self.limit))
      let last = page.more ? page.agents.last?.id : nil
      return try Response.json(
        AgentsDocument(page, next: last.map { PageCursor(Array($0.rawValue.utf8), in: list) }))
    }
  }
}

/// `GET /v1/cluster/members`.
struct MembersDocument: StatusRecord {
  var members: [ClusterStatus.Member]
  var next: String?

  static let title: StaticString = "Members"
  static let figures: [Figure<Self>] = [
    Figure("members", { $0.members }, "As the observing node sees them."),
    Figure(
      "next", maybe: { $0.next }, "Missing on the last page.",
      schema: ##""$ref": "#/components/schemas/Next""##),
  ]
}
