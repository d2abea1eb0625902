/// Finds one's own open sessions.
package struct Sessions: ClientOperation {
  package static let name: StaticString = "sessions"
  package static let frameType: UInt8 = 23
  package static let summary = "One's own open sessions, newest first"
  package static let about = """
    Those that a customer has opened, those that anybody else serves. Whoever has kept nothing goes on with one of them.
    """
  package static let allowed = Roles.everybody
  package static let route: Route? = Route(.get, "/v1/sessions")
  package static let answer = AnswerKind.sessions

  /// Of one answer, and when nobody says how many.
  package static let most = 100
  package static let usual = 20

  package var limit: Int
  package init(limit: Int = usual) { self.limit = limit }

  package static let fields = Fields(
    Self.init(limit:),
    Field(
      1, "limit", { $0.limit }, .count(upTo: most).or(usual, isSaid: true),
      "How many at the most, up to \(most)."))

  package func request(by asker: Asker) -> DeskRequest { .sessions(limit: limit) }
}
