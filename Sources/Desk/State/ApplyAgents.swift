/// Status and presence of agents.
extension DeskState {
  mutating func apply(_ status: SetAgentStatus, into effects: inout [Effect]) -> Answer {
    var changed = false
    if !agentTable.contains(status.agent) {
      agentTable.set(status.agent, to: Agent(id: status.agent))
      agentCounts[.offline] += 1
      changed = true
    }
    changeAgent(status.agent) { agent in
      let before = (agent.name, agent.status, agent.skills, agent.capacity)
      if !status.name.isEmpty { agent.name = status.name }
      agent.status = status.status
      if let skills = status.skills { agent.setSkills(skills) }
      if let capacity = status.capacity { agent.capacity = capacity }
      if before != (agent.name, agent.status, agent.skills, agent.capacity) { changed = true }
      // Who says offline on one connection is offline, even if others are still open: those stay known, so that a
      // word on one of them brings the agent back.
      let presenceChanged =
        status.status == .offline
        ? agent.removePresence(status.presence) : agent.addPresence(status.presence)
      if presenceChanged { changed = true }
    }
    if changed { effects.append(.agent(status.agent)) }
    pull(for: status.agent, into: &effects)
    return .done
  }

  mutating func apply(_ end: EndPresences, into effects: inout [Effect]) -> Answer {
    guard let items = end.items else {
      endPresences(of: end.server, into: &effects)
      return .done
    }
    for item in items {
      let presence = Presence(server: end.server, connection: item.connection)
      endPresence(of: item.agent, into: &effects) { $0.removePresence(presence) }
    }
    return .done
  }

  /// All presences on a server, in the order of the agents' ids.
  mutating func endPresences(of server: ServerID, into effects: inout [Effect]) {
    var present: [AgentID] = []
    for shard in agentTable.shards {
      for (id, agent) in shard where agent.presences.contains(where: { $0.server == server }) {
        present.append(id)
      }
    }
    present.sort()
    for id in present { endPresence(of: id, into: &effects) { $0.removePresences(on: server) } }
  }

  /// An agent who is nowhere connected is offline, and keeps its chats.
  private mutating func endPresence(
    of agent: AgentID, into effects: inout [Effect], _ remove: (inout Agent) -> Bool
  ) {
    let changed = changeAgent(agent) { agent in
      guard remove(&agent) else { return false }
      if agent.presences.isEmpty { agent.status = .offline }
      return true
    }
    if changed == true { effects.append(.agent(agent)) }
  }
}
