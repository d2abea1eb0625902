internal import Kernel

/// Status and presence of agents.
extension DeskState {
  mutating func apply(_ status: SetAgentStatus, into effects: inout [Effect]) -> Answer {
    let now = now
    var changed = false
    if !agentTable.contains(status.agent) {
      guard settings.hasRoom(forAgents: agentTable.count) else { return .refused(.deskFull) }
      agentTable.set(status.agent, to: Agent(id: status.agent))
      agentCounts[.offline] += 1
      changed = true
    }
    changeAgent(status.agent) { agent in
      let before = (TextKey(agent.name), agent.status, agent.skills, agent.capacity)
      if !status.name.isEmpty { agent.name = status.name }
      agent.status = status.status
      if let skills = status.skills { agent.setSkills(skills) }
      if let capacity = status.capacity { agent.capacity = capacity }
      if before != (TextKey(agent.name), agent.status, agent.skills, agent.capacity) { changed = true }
      // Who says offline on one connection is offline, even if others are still open: those stay known, so that a
      // word on one of them brings the agent back.
      let presenceChanged =
        status.status == .offline
        ? agent.removePresence(status.presence) : agent.addPresence(status.presence)
      if presenceChanged { changed = true }
      agent.beginGrace(status.grace, now: now)
    }
    if changed { effects.append(.agent(number, status.agent)) }
    withdrawOffers(from: status.agent, into: &effects)
    pull(for: status.agent, into: &effects)
    return .done
  }

  /// The word of an agent who is connected elsewhere: its connections stay what they are.
  mutating func change(
    _ id: AgentID, to said: SetStatus, name: String, grace: UInt64?, _ effects: inout [Effect]
  ) {
    let now = now
    changeAgent(id) { agent in
      if !name.isEmpty { agent.name = name }
      agent.status = said.status
      if let skills = said.skills { agent.setSkills(skills) }
      if let capacity = said.capacity { agent.capacity = capacity }
      agent.beginGrace(grace, now: now)
    }
    effects.append(.agent(number, id))
    withdrawOffers(from: id, into: &effects)
    pull(for: id, into: &effects)
  }

  /// Connections of agents of this desk are gone.
  mutating func apply(_ end: EndPresences, items: [EndPresences.Item], into effects: inout [Effect]) {
    for item in items {
      let presence = Presence(server: end.server, connection: item.connection)
      endPresence(of: item.agent, grace: end.bounds?.grace, into: &effects) { $0.removePresence(presence) }
    }
  }

  /// An agent who is nowhere connected is offline, and has a while to come back to its chats.
  mutating func endPresence(
    of agent: AgentID, grace: UInt64?, into effects: inout [Effect], _ remove: (inout Agent) -> Bool
  ) {
    let now = now
    let changed = changeAgent(agent) { agent in
      guard remove(&agent) else { return false }
      if agent.presences.isEmpty {
        agent.status = .offline
        agent.beginGrace(grace, now: now)
      }
      return true
    }
    if changed == true { effects.append(.agent(number, agent)) }
  }
}
