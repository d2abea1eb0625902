/// Somebody types, or no longer.
package struct TypingTold: SessionNews {
  package static let number: UInt16 = 105
  package static let name: StaticString = "typing"
  package static let summary = "Somebody types, or no longer. It is not kept, and may get lost."

  package var by: String
  package var shown: String
  package var on: Bool
  package init(by: String, shown: String, on: Bool) { (self.by, self.shown, self.on) = (by, shown, on) }

  package static let fields = Fields(
    Self.init(by:shown:on:),
    Field(1, "by", { $0.by }, .text(128), "Who."),
    Field(2, "name", { $0.shown }, .text(256), "That one's name."),
    Field(3, "on", { $0.on }, .flag, "Whether there is typing."))
}
