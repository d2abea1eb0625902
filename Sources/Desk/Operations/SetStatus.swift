/// Says whether an agent takes chats. It holds as long as one of the agent's connections does, so it is for connections.
package struct SetStatus: ClientOperation {
  package static let name: StaticString = "status"
  package static let frameType: UInt8 = 21
  package static let summary = "Say whether one takes chats, which, and how many"
  package static let about =
    "It holds as long as the agent has a connection, and for a grace behind the last one."
  package static let allowed = Roles.agent
  package static let answer = AnswerKind.ok
  package static let noun: Noun? = .agent

  package var status: AgentStatus
  package var skills: [SkillWeight]?
  package var capacity: UInt32?
  package init(status: AgentStatus, skills: [SkillWeight]? = nil, capacity: UInt32? = nil) {
    (self.status, self.skills, self.capacity) = (status, skills, capacity)
  }

  package static let fields = Fields(
    Self.init(status:skills:capacity:),
    Field(1, "status", { $0.status }, .status, "Online takes chats; busy and away keep what is there."),
    Field(
      2, "skills", { $0.skills }, .optional(.skills),
      "Names, or objects with a weight. Without them the token's count, else what was before."),
    Field(
      3, "capacity", { $0.capacity }, .optional(.amount(upTo: 100_000)),
      "Chats at a time. Without it the token's counts, else what was before, 1 for somebody new."))

  package func request(by asker: Asker) throws(Failure) -> DeskRequest {
    .status(
      status, skills: try asker.entitlement.skills(skills), capacity: try asker.entitlement.capacity(capacity))
  }
}
