/// Finds one's own open sessions.
package struct Sessions: ClientOperation {
  package typealias Answer = OpenSessions
  package static let name: StaticString = "sessions"
  package static let summary = "One's own open sessions, newest first"
  package static let about = """
    Those that a customer has opened, those that anybody else serves. Whoever has kept nothing goes on with one of them.
    """
  package static let allowed = Roles.everybody
  package static let route: Route? = Route(.get, "/v1/sessions")
  package static let answer = AnswerKind.sessions

  package var limit: Int
  package init(limit: Int = OwnSessions.usual) { self.limit = limit }

  package static let fields = Fields(
    Self.init(limit:),
    Field(
      "limit", { $0.limit }, .count(upTo: OwnSessions.most).or(OwnSessions.usual, isSaid: true),
      "How many at the most, up to \(OwnSessions.most)."))

  package func request(by asker: Asker) -> ClientRequest.Body { .sessions(limit: limit) }
}
