/// No agent has more chats than its capacity, no chat has two agents, and in the end agents and sessions tell the same
/// of who serves whom.
enum AgentCheck {
  static func violations(in evidence: Evidence) -> [Violation] {
    var found: Set<Violation> = []
    for sight in evidence.agentSights + evidence.finalAgents {
      var servedBy: [String: String] = [:]
      for agent in sight.agents {
        if agent.chats.count > agent.capacity {
          found.insert(
            Violation(
              "over capacity",
              "\(agent.id) had \(agent.chats.count) chats on \(sight.node), capacity "
                + "\(agent.capacity)"))
        }
        for chat in agent.chats {
          if let other = servedBy[chat] {
            found.insert(
              Violation("two agents", session: chat, "\(other) and \(agent.id) both had it on \(sight.node)"))
          }
          servedBy[chat] = agent.id
        }
      }
    }
    for sight in evidence.sights + evidence.finalSights where sight.agents.count > 1 {
      found.insert(
        Violation("two agents", session: sight.session, "\(sight.node) says \(sight.agents) serve it"))
    }
    for sight in evidence.finalAgents { found.formUnion(agreement(sight, evidence)) }
    return found.sorted { ($0.check, $0.session ?? "", $0.text) < ($1.check, $1.session ?? "", $1.text) }
  }

  private static func agreement(_ sight: AgentSight, _ evidence: Evidence) -> [Violation] {
    let sessions = evidence.finalSights.filter { $0.node == sight.node }
    let active = sessions.filter { $0.state == "active" }
    let ours = Set(sessions.map(\.session))
    let hasUnanswered = evidence.openings.contains { $0.session == nil }
    var found: [Violation] = []
    for agent in sight.agents {
      let served = Set(active.filter { $0.agents.contains(agent.id) }.map(\.session))
      for chat in agent.chats where ours.contains(chat) && !served.contains(chat) {
        found.append(
          Violation(
            "ghost chat", session: chat, "\(agent.id) has it on \(sight.node), the session says otherwise"))
      }
      for session in served.subtracting(agent.chats) {
        found.append(
          Violation(
            "ghost chat", session: session, "\(sight.node) gives it to \(agent.id), who does not have it"))
      }
      // Agents of this run serve nobody else's customers.
      let isOfThisRun = !served.isEmpty
      if isOfThisRun, !hasUnanswered {
        for chat in agent.chats where !ours.contains(chat) {
          found.append(Violation("ghost chat", session: chat, "\(agent.id) serves what nobody opened"))
        }
      }
    }
    return found
  }
}
