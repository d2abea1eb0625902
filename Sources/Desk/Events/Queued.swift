/// The session waits for an agent.
package struct Queued: SessionNews {
  package static let number: UInt16 = 101
  package static let name: StaticString = "queued"
  package static let summary = "The session waits for an agent."

  package var position: UInt32
  package var eta: UInt32
  package init(position: UInt32, eta: UInt32) { (self.position, self.eta) = (position, eta) }

  package static let fields = Fields(
    Self.init(position:eta:),
    Field(1, "position", { $0.position }, .amount(upTo: .max), "The place in the line of its skill, from 1."),
    Field(
      2, "eta_ms", { $0.eta }, .amount(upTo: .max),
      "How long it will wait by what was seen lately, in ms; 0: nothing can be said."))
}
