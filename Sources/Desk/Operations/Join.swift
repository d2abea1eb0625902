/// Follows a session on this connection.
package struct Join: ClientOperation {
  package static let name: StaticString = "join"
  package static let frameType: UInt8 = 17
  package static let summary = "Follow a session: its messages and events come on this connection"
  package static let allowed = Roles.everybody
  package static let audit = AuditRule.inForeignSession
  package static let answer = AnswerKind.joined
  package static let noun: Noun? = nil

  package var session: SessionID
  package var after: Sequence
  package init(session: SessionID, after: Sequence = .zero) { (self.session, self.after) = (session, after) }

  package static let fields = Fields(
    Self.init(session:after:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(
      2, "after", { $0.after }, .sequence.or(.zero),
      "The last message that is known: what came behind it is brought."))

  package var auditMatter: AuditMatter { AuditMatter(session: session) }

  package func request(by asker: Asker) -> DeskRequest { .join(session, after: after) }
}
