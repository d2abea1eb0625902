internal import Desk
internal import Hummingbird
internal import Protocol

/// A session and its messages, for those who take part in it and those who watch over it.
struct SessionRoutes: RouteSet {
  let cluster: any Cluster

  private static let sessionFields: [any DescribedQueryField] = [QueryField<Bool>.isLocal]
  static let after = QueryField.number("after", from: 0, "The first messages behind this sequence.")
  static let before = QueryField.number("before", from: 1, "The last messages before this sequence.")
  static let since = QueryField.time(
    "since", "The first messages at or after this time: milliseconds since 1970, or RFC 3339.")
  private static let limit = QueryField.limit(upTo: History.most, or: History.usual)
  private static let messageFields: [any DescribedQueryField] = [
    after, before, since, limit, QueryField<PageCursor?>.cursor, QueryField<Bool>.isLocal,
  ]

  static let queries = [
    QueryRoute(
      path: "/v1/sessions/{session}", name: "session", tag: "sessions", summary: "One session",
      readers: .ofSession, fields: sessionFields,
      headers: [
        .init(
          name: "If-None-Match", about: "`ETag` of the answer that you have: 304 when it would be the same.")
      ],
      answer: .document("Session", "The session.", hasTag: true)),
    QueryRoute(
      path: "/v1/sessions/{session}/messages", name: "messages", tag: "sessions",
      summary: "Messages of a session",
      about:
        "Ascending by `seq`. At most one of `after`, `before`, `since` and `cursor`; without any, from the first "
        + "message on.",
      readers: .ofSession, fields: messageFields, answer: .document("Messages", "A page of messages.")),
  ]

  var paths: [String] { Self.queries.map(\.path) }

  func add(to routes: some RouterMethods<APIContext>) {
    routes.get("/v1/sessions/:session") { request, context in
      let query = try QueryParameters(request.uri.query, Self.sessionFields)
      let detail = try await session(context, local: try query.value(.isLocal))
      let document = SessionDocument(
        detail, showsEpoch: (context.claims?.person.role.rawValue ?? 0) >= UserRole.supervisor.rawValue)
      let text = try document.text(AttributeText(detail.attributes, detail.facets))
      return Response.tagged(text, SessionTag.of(text, detail.version), for: request)
    }
    routes.get("/v1/sessions/:session/messages") { request, context in
      let query = try QueryParameters(request.uri.query, Self.messageFields)
      let (local, limit) = (try query.value(.isLocal), try query.value(Self.limit))
      let asked = try MessagesAsked(query)
      let id = try await session(context, local: local).summary.session
      let range = try asked.range(in: id)
      // The session was just read from a quorum, if that was asked for, and this node has applied all that was
      // committed before: its own state is as good now.
      let page = try await cluster.messages(
        id, by: try context.person(), in: context.desk, range, limit: limit, local: true)
      return try Response.json(
        MessagesDocument(id, page, next: MessagesAsked.next(behind: page, range, in: id)))
    }
  }

  /// The session of the path, if whoever asks may see it.
  private func session(_ context: APIContext, local: Bool) async throws -> SessionDetail {
    let person = try context.person()
    let text = context.parameters.get("session") ?? ""
    guard let id = SessionID(text: text) else {
      throw ProblemDetails.badRequest(
        "The session id is \"\(text.prefix(32))\"; allowed: the digits that \"opened\" gave.")
    }
    let detail = try await cluster.session(id, by: person, in: context.desk, local: local)
    guard
      person.mayRead(sessionOf: detail.customer, servedBy: detail.summary.agents, or: detail.readers)
    else {
      throw ProblemDetails.forbidden(
        "Only its customer, its agents, supervisors and admins may read this session.")
    }
    return detail
  }
}
