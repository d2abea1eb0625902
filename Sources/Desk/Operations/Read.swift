/// Tells the others of a session how far one has read.
package struct Read: ClientOperation {
  package static let name: StaticString = "read"
  package static let frameType: UInt8 = 19
  package static let summary = "Tell the others that all up to a sequence was read"
  package static let allowed = Roles.everybody
  package static let audit = AuditRule.never
  package static let answer = AnswerKind.nothing
  package static let noun: Noun? = nil

  package var session: SessionID
  package var seq: Sequence
  package init(session: SessionID, seq: Sequence) { (self.session, self.seq) = (session, seq) }

  package static let fields = Fields(
    Self.init(session:seq:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "seq", { $0.seq }, .sequence, "The last one that was read."))

  package func request(by asker: Asker) -> DeskRequest { .read(session, seq) }
}
