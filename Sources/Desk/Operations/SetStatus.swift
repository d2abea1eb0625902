package import Kernel

/// Says whether an agent takes chats. It holds as long as one of the agent's connections does.
package struct SetStatus: DeskOperation {
  package static let number: UInt16 = 192
  package static let since = Level.sixth
  package static let name: StaticString = "status"
  package static let frameType: UInt8 = 21
  package static let summary = "Say whether one takes chats, which, and how many"
  package static let about =
    """
    It holds as long as the agent has a connection, and for a grace behind the last one. Over HTTP the agent has to be connected \
    somewhere, but to say that it is offline. Asked again with the same `id`, it changes nothing that was said since, and the \
    connection that asks is one of the agent's.
    """
  package static let allowed = Roles.agent
  package static let route: Route? = Route(.post, "/v1/agents/status")
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
    let granted = SetStatus(
      status: status, skills: try asker.entitlement.skills(skills),
      capacity: try asker.entitlement.capacity(capacity))
    return .arrange(DeskRecord(granted, id: asker.requestID), stays: asker.stays)
  }

  package func apply(to scope: inout DeskScope) throws(Refusal) {
    let agent = AgentID(scope.by.id)
    guard let status = scope.envelope.agentStatus else {
      guard let known = scope.desk.agent(agent), status == .offline || !known.presences.isEmpty else {
        throw .agentUnavailable
      }
      return scope.desk.change(
        agent, to: self, name: scope.by.name, grace: scope.envelope.grace, &scope.effects)
    }
    if case .refused(let refusal) = scope.desk.apply(status, into: &scope.effects) { throw refusal }
  }

  /// What was said since counts, but for whoever is nowhere connected: they are back, as they said.
  package func applyAgain(to scope: inout DeskScope) {
    guard status != .offline, var again = scope.envelope.agentStatus,
      let agent = scope.desk.agent(again.agent)
    else { return }
    if agent.status != .offline { again.status = agent.status }
    (again.skills, again.capacity) = (nil, nil)
    _ = scope.desk.apply(again, into: &scope.effects)
  }
}

extension DeskEnvelope {
  /// An agent's word on a connection that stays, as it is carried out; nil: it is something else.
  package var agentStatus: SetAgentStatus? {
    guard let presence, let operation = record.opened(as: SetStatus.self) else { return nil }
    return SetAgentStatus(
      agent: AgentID(by.id), name: by.name, status: operation.status, skills: operation.skills,
      capacity: operation.capacity, presence: presence, grace: grace, desk: desk)
  }
}

extension Command {
  /// The same, in whichever form it is.
  package var agentStatus: SetAgentStatus? {
    switch self {
    case .setStatus(let status): status
    case .arrange(let envelope): envelope.agentStatus
    case .open, .send, .perform, .endPresences, .serverLost, .timePasses, .dropMonths, .raiseLevel, .attend,
      .govern, .noteRead, .annotate:
      nil
    }
  }
}
