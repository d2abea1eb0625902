/// The session waits for an agent.
package struct Queued: SessionNews {
  package static let number: UInt16 = 101
  package static let name: StaticString = "queued"
  package static let summary = "The session waits for an agent."

  package var position: UInt32
  package var eta: UInt32
  package var low: UInt64?
  package var high: UInt64?
  package init(position: UInt32, eta: UInt32, low: UInt64? = nil, high: UInt64? = nil) {
    (self.position, self.eta, self.low, self.high) = (position, eta, low, high)
  }

  package init(position: Int, eta: Int, range: ClosedRange<UInt64>?) {
    self.init(
      position: UInt32(clamping: position), eta: UInt32(clamping: eta), low: range?.lowerBound,
      high: range?.upperBound)
  }

  package static let fields = Fields(
    Self.init(position:eta:low:high:),
    Field(1, "position", { $0.position }, .amount(upTo: .max), "The place in the line of its skill, from 1."),
    Field(
      2, "eta_ms", { $0.eta }, .amount(upTo: .max),
      "How long it will wait by what was seen lately, in ms; 0: nothing can be said."),
    Field(
      3, "eta_low_ms", { $0.low }, .optional(.number),
      "Of ten who are told this, one waits less. Missing: nothing can be said."),
    Field(4, "eta_high_ms", { $0.high }, .optional(.number), "Of ten who are told this, one waits more."))
}
