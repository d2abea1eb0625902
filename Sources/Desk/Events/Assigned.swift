/// An agent serves the session from now on.
package struct Assigned: SessionNews {
  package static let number: UInt16 = 102
  package static let name: StaticString = "assigned"
  package static let summary = "An agent serves the session from now on."

  package var agent: String
  package var shown: String
  package init(agent: String, shown: String) { (self.agent, self.shown) = (agent, shown) }

  package static let fields = Fields(
    Self.init(agent:shown:),
    Field(1, "agent", { $0.agent }, .text(128), "Who: the `sub` of its token."),
    Field(2, "name", { $0.shown }, .text(256), "The agent's name."))
}
