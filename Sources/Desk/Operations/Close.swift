/// Ends a conversation.
package struct Close: ClientOperation {
  package static let name: StaticString = "close"
  package static let summary = "End a session"
  package static let about = "For its customer, its agents, supervisors and admins."
  package static let allowed = Roles.everybody
  package static let route: Route? = Route(.post, "/v1/sessions/{session}/close")
  package static let answer = AnswerKind.ok

  package var session: SessionID
  package var reason: String
  package init(session: SessionID, reason: String = "") { (self.session, self.reason) = (session, reason) }

  package static let fields = Fields(
    Self.init(session:reason:),
    Field("session", { $0.session }, .session, "Which one."),
    Field("reason", { $0.reason }, .text(256).or(""), "Told to all of the session."))

  package func request(by asker: Asker) -> DeskRequest { .close(session, reason: reason) }
}
