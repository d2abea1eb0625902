internal import Desk
internal import Hummingbird
internal import Protocol

/// What the node knows of the cluster, and who serves. Neither waits for a quorum.
struct ClusterRoutes: RouteSet {
  let cluster: any Cluster
  /// Whether the status may be read without a token.
  let openStatus: Bool

  var paths: [String] { ["/v1/cluster/status", "/v1/agents"] }

  func add(to routes: some RouterMethods<APIContext>) {
    routes.get("/v1/cluster/status") { request, context in
      _ = try QueryParameters(request.uri.query, allowed: [])
      if !openStatus { try context.require(atLeast: .agent) }
      var status = await cluster.status()
      if let desk = context.claims?.desk {
        // Whoever is of a desk is told how much that one holds, and nothing of the others.
        status.show(try await cluster.desks(desk, after: nil, limit: 1, local: true).desks.first)
      }
      return try Response.json(StatusDocument(status: status))
    }
    routes.get("/v1/agents") { request, context in
      _ = try QueryParameters(request.uri.query, allowed: [])
      try context.require(atLeast: .agent)
      return try Response.json(AgentsDocument(await cluster.agents(in: context.desk)))
    }
  }
}
