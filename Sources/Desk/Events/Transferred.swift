/// Somebody has handed the session on.
package struct Transferred: SessionNews {
  package static let number: UInt16 = 103
  package static let name: StaticString = "transferred"
  package static let summary = "Somebody has handed the session on; `assigned` or `queued` follows."

  package var from: String?
  package var to: String?
  package var skill: String?
  package init(from: String?, to: String?, skill: String?) {
    (self.from, self.to, self.skill) = (from, to, skill)
  }

  package static let fields = Fields(
    Self.init(from:to:skill:),
    Field(1, "from", { $0.from }, .optional(.text(128)), "The agent who served it; missing: it was waiting."),
    Field(2, "to", { $0.to }, .optional(.text(128)), "The agent who gets it."),
    Field(3, "skill", { $0.skill }, .optional(.text(64)), "What its next agent has to know."))
}
