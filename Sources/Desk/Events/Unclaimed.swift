/// Nobody wants a session that waits.
package struct Unclaimed: DeskNews, Hashable {
  package static let name: StaticString = "unclaimed"
  package static let summary =
    "So many agents, one behind the other, have declined or missed a session that waits. Others go on being asked."

  package var offers: UInt32

  package static let fields = Fields(
    Self.init(offers:),
    Field(1, "offers", { $0.offers }, .amount(upTo: .max), "How many offers came to nothing."))
}
