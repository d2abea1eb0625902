internal import Kernel

/// Why a session waits.
package struct WaitExplanation: Hashable, Sendable {
  /// Agents that are named in one, of those who serve a line in which the session is.
  static let mostAgents = 20

  package var policy: PolicyName
  package var step: UInt32
  /// ms since 1970; nil: none follows.
  package var nextStep: UInt64?
  package var position: UInt32
  /// Its customer is gone, and it is passed over.
  package var isPassedOver: Bool
  package var agents: [AgentReason]
  package var excluded: [ExcludedAgents]
  /// Who is asked for it now.
  package var offeredTo: String?

  package static let fields = Fields(
    Self.init(policy:step:nextStep:position:isPassedOver:agents:excluded:offeredTo:),
    Field(1, "policy", { $0.policy }, .record(PolicyName.fields), "Under which policy."),
    Field(2, "step", { $0.step }, .amount(upTo: .max).or(0), "How many of its steps have begun."),
    Field(3, "next_step", { $0.nextStep }, .optional(.time), "When more agents may be asked."),
    Field(4, "position", { $0.position }, .amount(upTo: .max), "The place in the line of its skill."),
    Field(
      5, "passed_over", { $0.isPassedOver }, .flag.or(false), "Its customer is gone: it waits for that one."),
    Field(
      6, "agents", { $0.agents }, .list(of: .record(AgentReason.fields), upTo: mostAgents),
      "Some of those who have what it takes, by id, and why they do not serve it."),
    Field(
      7, "excluded", { $0.excluded }, .list(of: .record(ExcludedAgents.fields), upTo: 16),
      "How many of the desk's agents do not, and why."),
    Field(8, "offered_to", { $0.offeredTo }, .optional(.text(128)), "The agent who is asked for it now."))
}

/// Why one agent does not serve a session that waits.
package struct AgentReason: Hashable, Sendable {
  package var agent: String
  package var reason: ExcludedAgents.Reason
  package var chats: UInt32
  package var capacity: UInt32

  package static let fields = Fields(
    Self.init(agent:reason:chats:capacity:),
    Field(1, "agent", { $0.agent }, .text(128), "Who."),
    Field(
      2, "reason", { $0.reason }, .named(ExcludedAgents.Reason.allCases, { $0.name }, number: { $0.rawValue }),
      "Why not."),
    Field(3, "chats", { $0.chats }, .amount(upTo: .max), "Chats at this time."),
    Field(4, "capacity", { $0.capacity }, .amount(upTo: .max), "And how many at the most."))
}

extension DeskState {
  /// - Parameter room: agents that may be looked at. Where there are more, nobody is named and few reasons are counted.
  func explainWait(of session: Session, room: Int) -> (explanation: WaitExplanation, looked: Int) {
    // A session that is passed over has not followed its policy since then.
    let routing = session.routingOrUsual
    let kept =
      !session.isInLine || !policies.has(routing.policy)
      ? policies.policy(channel: session.channel, intent: session.intent) : policies.version(routing.policy)
    let step = session.isInLine ? routing.step : 0
    let asking = kept.asking(step: step, skill: session.skill)
    var found = Candidates()
    var named: [AgentReason] = []
    var looked = 1
    if kept.policy.algorithm == .manual {
      found.exclude(.manual, agentTable.count)
    } else if agentTable.count <= room {
      for id in agentTable.sortedKeys {
        guard let agent = agentTable[id] else { continue }
        looked += 1
        let reason = reason(of: agent, session, kept, asking)
        found.exclude(reason)
        guard reason != .skill, named.count < WaitExplanation.mostAgents else { continue }
        named.append(
          AgentReason(
            agent: id.rawValue, reason: reason, chats: UInt32(clamping: agent.chatCount),
            capacity: agent.capacity))
      }
    } else {
      found.exclude(.offline, agentCounts.offline)
      found.exclude(.away, agentCounts.away)
      found.exclude(.busy, agentCounts.busy)
    }
    let explanation = WaitExplanation(
      policy: PolicyName(kept), step: UInt32(step),
      nextStep: session.isInLine ? stepDeadline(of: session)?.time : nil,
      position: UInt32(clamping: position(of: session.id)?.position ?? 1), isPassedOver: session.isPassedOver,
      agents: named, excluded: found.reasons, offeredTo: session.offer?.agent.rawValue)
    return (explanation, looked)
  }

  private func reason(
    of agent: Agent, _ session: Session, _ kept: KeptPolicy, _ asking: Asking
  ) -> ExcludedAgents.Reason {
    let lines = (asking.isPlain ? [session.skill] : []) + asking.gates.map(\.line)
    guard lines.contains(where: { agent.serves($0) }) else { return .skill }
    switch agent.status {
    case .offline: return .offline
    case .away: return .away
    case .busy: return .busy
    case .online: break
    }
    let passes =
      asking.isPlain && agent.serves(session.skill)
      || asking.gates.contains { agent.serves($0.line) && kept.lets(agent, through: $0.gate, of: $0.line) }
    guard passes else { return .narrowed }
    return agent.isAvailable ? .behind : .full
  }
}
