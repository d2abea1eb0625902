/// The customer of a session is gone.
package struct Left: DeskNews, Hashable {
  package static let name: StaticString = "left"
  package static let summary = "The customer is nowhere connected: a session that waits is passed over."

  package var customer: String

  package static let fields = Fields(
    Self.init(customer:), Field(1, "customer", { $0.customer }, .text(128), "Who: the `sub` of its token."))
}

/// The customer of a session is back.
package struct Returned: DeskNews, Hashable {
  package static let name: StaticString = "returned"
  package static let summary = "The customer is there again; for one that was passed over, its place follows."

  package var customer: String

  package static let fields = Fields(
    Self.init(customer:), Field(1, "customer", { $0.customer }, .text(128), "Who: the `sub` of its token."))
}
