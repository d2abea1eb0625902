/// A customer has opened a session.
package struct Opened: DeskNews, Hashable {
  package static let name: StaticString = "opened"
  package static let summary = "A customer has opened a session; `queued` or `assigned` follows."

  package var customer: String
  package var shown: String
  package var channel: String
  package var skill: String
  package var priority: Int32

  package static let fields = Fields(
    Self.init(customer:shown:channel:skill:priority:),
    Field(1, "customer", { $0.customer }, .text(128), "Who: the `sub` of its token."),
    Field(2, "name", { $0.shown }, .text(256), "The customer's name."),
    Field(3, "channel", { $0.channel }, .text(64), "Where the customer comes from."),
    Field(4, "skill", { $0.skill }, .text(64), "What its agent has to know; empty: nothing."),
    Field(5, "priority", { $0.priority }, .priority, "Before others in its line when it is higher."))
}
