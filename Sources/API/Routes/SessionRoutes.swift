internal import Desk
internal import Hummingbird
internal import Protocol

/// How fresh what is read has to be.
enum Consistency: String, CaseIterable {
  /// As a quorum has it now: the default.
  case linearizable
  /// As this node has it, perhaps a little behind; answered without a quorum too.
  case local
}

/// A session and its messages, for those who take part in it and those who watch over it.
struct SessionRoutes: RouteSet {
  static let defaultLimit: UInt64 = 100
  static let greatestLimit = UInt64(History.most)

  let cluster: any Cluster

  var paths: [String] { ["/v1/sessions", "/v1/sessions/{session}", "/v1/sessions/{session}/messages"] }

  func add(to routes: some RouterMethods<APIContext>) {
    routes.get("/v1/sessions") { request, context in
      let parameters = try QueryParameters(request.uri.query, allowed: ["limit", "consistency"])
      let local = try parameters.choice("consistency", Consistency.self) == .local
      let limit = try parameters.integer("limit", in: 1...UInt64(Sessions.most)).map { Int($0) }
      let own = try await cluster.sessions(
        of: try context.person(), in: context.desk, limit: limit ?? Sessions.usual, local: local)
      return try Response.json(OwnSessionsDocument(own))
    }
    routes.get("/v1/sessions/:session") { request, context in
      let parameters = try QueryParameters(request.uri.query, allowed: ["consistency"])
      let local = try parameters.choice("consistency", Consistency.self) == .local
      let detail = try await session(context, local: local)
      return try Response.session(
        SessionDocument(
          detail, showsEpoch: (context.claims?.person.role.rawValue ?? 0) >= UserRole.supervisor.rawValue),
        AttributeText(detail.attributes, detail.facets))
    }
    routes.get("/v1/sessions/:session/messages") { request, context in
      let parameters = try QueryParameters(
        request.uri.query, allowed: ["after", "before", "since", "limit", "consistency"])
      let local = try parameters.choice("consistency", Consistency.self) == .local
      let limit = try parameters.integer("limit", in: 1...Self.greatestLimit) ?? Self.defaultLimit
      let range = try range(parameters)
      let id = try await session(context, local: local).summary.session
      // The session was just read from a quorum, if that was asked for, and this node has applied all that was
      // committed before: its own state is as good now.
      let page = try await cluster.messages(id, in: context.desk, range, limit: Int(limit), local: true)
      return try Response.json(MessagesDocument(id, page))
    }
  }

  private func range(_ parameters: QueryParameters) throws -> TranscriptRange {
    let given = ["after", "before", "since"].filter(parameters.has)
    guard given.count <= 1 else {
      throw ProblemDetails.badRequest(
        "The parameters \(given.joined(separator: " and ")) exclude each other; one of them is allowed.")
    }
    if let before = try parameters.integer("before", in: 1...UInt64.max) { return .before(Sequence(before)) }
    if let since = try parameters.time("since") { return .since(since) }
    return .after(Sequence(try parameters.integer("after", in: 0...UInt64.max) ?? 0))
  }

  /// The session of the path, if whoever asks may see it.
  private func session(_ context: APIContext, local: Bool) async throws -> SessionDetail {
    let person = try context.person()
    let text = context.parameters.get("session") ?? ""
    guard let id = SessionID(text: text) else {
      throw ProblemDetails.badRequest(
        "The session id is \"\(text.prefix(32))\"; allowed: the digits that \"opened\" gave.")
    }
    let detail = try await cluster.session(id, in: context.desk, local: local)
    let isAllowed =
      switch person.role {
      case .supervisor, .admin: true
      case .agent: detail.summary.agents.contains(AgentID(person.id))
      case .customer: detail.customer.isSame(as: person)
      }
    guard isAllowed else {
      throw ProblemDetails.forbidden(
        "Only its customer, its agents, supervisors and admins may read this session.")
    }
    return detail
  }
}
