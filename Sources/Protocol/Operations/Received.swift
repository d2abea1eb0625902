package import Desk

/// Confirms messages of a connection that has asked for receipts. Read by hand, as `Send`; it ends at the gateway.
package struct Received: ClientOperation {
  package static let name: StaticString = "received"
  package static let summary = "Confirm the messages up to a sequence, on a connection with receipts"
  package static let allowed = Roles.everybody
  package static let answer = AnswerKind.nothing

  package var session: SessionID
  package var seq: Sequence
  package init(session: SessionID, seq: Sequence) { (self.session, self.seq) = (session, seq) }

  package static let fields = Fields(
    Self.init(session:seq:),
    Field("session", { $0.session }, .session, "Which one."),
    Field("seq", { $0.seq }, .sequence, "The last one that has come."))

  /// Never asked for: see `ServerConnection`.
  package func request(by asker: Asker) -> ClientRequest.Body { .read(session, seq) }
}
