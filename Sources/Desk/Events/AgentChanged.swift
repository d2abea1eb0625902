/// An agent is not what it was.
package struct AgentChanged: DeskNews, Hashable {
  package static let name: StaticString = "agent"
  package static let summary =
    "An agent's status, skills, capacity, name or connections have changed, or it has done with a chat that was over."

  package var agent: String
  package var shown: String
  package var status: AgentStatus
  package var connections: UInt64
  package var skills: [SkillWeight]
  package var capacity: UInt32
  package var chats: UInt64
  package var wrappingUp: UInt64

  package static let fields = Fields(
    Self.init(agent:shown:status:connections:skills:capacity:chats:wrappingUp:),
    Field(1, "agent", { $0.agent }, .text(128), "Who: the `sub` of its token."),
    Field(2, "name", { $0.shown }, .text(256), "The agent's name."),
    Field(3, "status", { $0.status }, .status, "What it is now."),
    Field(4, "connections", { $0.connections }, .number, "So many of its connections are there, on all nodes."),
    Field(5, "skills", { $0.skills }, .skills, "What it knows, each with a weight."),
    Field(6, "capacity", { $0.capacity }, .amount(upTo: .max), "Sessions that it serves at a time."),
    Field(7, "chats", { $0.chats }, .number, "Sessions that it serves now."),
    Field(
      8, "wrapping_up", { $0.wrappingUp }, .number.or(0),
      "Sessions that are over, and with which it still has to do."))

  init(_ agent: borrowing Agent) {
    self.init(
      agent: agent.id.rawValue, shown: agent.name, status: agent.status,
      connections: UInt64(agent.presences.count), skills: agent.skills, capacity: agent.capacity,
      chats: UInt64(agent.chatCount), wrappingUp: UInt64(agent.wrapUpSet.count))
  }

  private init(
    agent: String, shown: String, status: AgentStatus, connections: UInt64, skills: [SkillWeight],
    capacity: UInt32, chats: UInt64, wrappingUp: UInt64
  ) {
    (self.agent, self.shown, self.status, self.connections) = (agent, shown, status, connections)
    (self.skills, self.capacity, self.chats, self.wrappingUp) = (skills, capacity, chats, wrappingUp)
  }
}
