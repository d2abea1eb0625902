/// Tells the others of a session that one writes.
package struct Typing: ClientOperation {
  package static let name: StaticString = "typing"
  package static let frameType: UInt8 = 20
  package static let summary = "Tell the others that one writes, or no longer"
  package static let allowed = Roles.everybody
  package static let audit = AuditRule.never
  package static let answer = AnswerKind.nothing
  package static let noun: Noun? = nil

  package var session: SessionID
  package var on: Bool
  package init(session: SessionID, on: Bool) { (self.session, self.on) = (session, on) }

  package static let fields = Fields(
    Self.init(session:on:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "on", { $0.on }, .flag, "false: no longer."))

  package func request(by asker: Asker) -> DeskRequest { .typing(session, isOn: on) }
}
