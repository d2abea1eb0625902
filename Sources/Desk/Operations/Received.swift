/// Confirms messages of a connection that has asked for receipts. The connection itself takes it, read by hand as `Send` is
/// (`ClientFrame.receipt`): nobody behind the gateway is asked for anything, so it is no `ClientOperation`.
package struct Received: Sendable {
  package var session: SessionID
  package var seq: Sequence
  package init(session: SessionID, seq: Sequence) { (self.session, self.seq) = (session, seq) }

  package static let fields = Fields(
    Self.init(session:seq:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "seq", { $0.seq }, .sequence, "The last one that has come."))
}
