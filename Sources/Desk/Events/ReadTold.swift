/// Somebody has read the session up to a message.
package struct ReadTold: SessionNews {
  package static let number: UInt16 = 106
  package static let name: StaticString = "read"
  package static let summary = "Somebody has read everything up to there. It is not kept, and may get lost."

  package var by: String
  package var seq: Sequence
  package init(by: String, seq: Sequence) { (self.by, self.seq) = (by, seq) }

  package static let fields = Fields(
    Self.init(by:seq:),
    Field(1, "by", { $0.by }, .text(128), "Who."),
    Field(2, "seq", { $0.seq }, .sequence, "The last message that was read."))
}
