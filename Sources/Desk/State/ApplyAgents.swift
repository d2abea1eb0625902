internal import Kernel

/// Status and presence of agents.
extension DeskState {
  mutating func apply(_ status: SetAgentStatus, from origin: Origin, into effects: inout [Effect]) -> Answer {
    guard !isEarlierLife(origin, of: status.presence.server) else { return .refused(.earlierLife) }
    let now = now
    var changed = false
    if !agentTable.contains(status.agent) {
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
    if changed { effects.append(.agent(status.agent)) }
    pull(for: status.agent, into: &effects)
    return .done
  }

  mutating func apply(_ end: EndPresences, from origin: Origin, into effects: inout [Effect]) -> Answer {
    guard !isEarlierLife(origin, of: end.server) else { return .refused(.earlierLife) }
    guard let items = end.items else {
      if end.bounds != nil, origin.server == end.server, origin.request != 0 {
        // Twice in the log: what came in between is of this life.
        guard lifeTable[end.server] != origin.request else { return .done }
        lifeTable[end.server] = origin.request
      }
      let limit = end.bounds.map { Int(max(1, $0.limit)) } ?? .max
      endPresences(of: end.server, limit: limit, grace: end.bounds?.grace, into: &effects)
      return .done
    }
    for item in items {
      let presence = Presence(server: end.server, connection: item.connection)
      endPresence(of: item.agent, grace: end.bounds?.grace, into: &effects) { $0.removePresence(presence) }
    }
    return .done
  }

  /// All presences of the first agents on a server, in the order of their ids.
  /// - Returns: how many agents.
  @discardableResult
  mutating func endPresences(
    of server: ServerID, limit: Int, grace: UInt64?, into effects: inout [Effect]
  ) -> Int {
    let present = presentTable[server]?.prefix(limit) ?? []
    for id in present { endPresence(of: id, grace: grace, into: &effects) { $0.removePresences(on: server) } }
    return present.count
  }

  /// An agent who is nowhere connected is offline, and has a while to come back to its chats.
  private mutating func endPresence(
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
    if changed == true { effects.append(.agent(agent)) }
  }

  /// Whether the server has started anew since it numbered the request: another server may have held it back for
  /// long, and it would bring back an agent whose connection is gone.
  private func isEarlierLife(_ origin: Origin, of server: ServerID) -> Bool {
    guard origin.server == server, origin.request != 0, let life = lifeTable[server] else { return false }
    return origin.request < life
  }
}
