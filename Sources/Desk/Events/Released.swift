/// An agent has lost a session.
package struct Released: DeskNews, Hashable {
  package static let name: StaticString = "released"
  package static let summary =
    "The agent did not come back in time and has lost the session; `assigned` or `queued` follows."

  package var agent: String

  package static let fields = Fields(
    Self.init(agent:), Field(1, "agent", { $0.agent }, .text(128), "Who has served it."))
}
