import Desk

/// Who serves whom, kept from the effects alone: what a client would have seen.
struct ChatBook {
  private var agents: [SessionID: AgentID] = [:]
  private var counts: [AgentID: Int] = [:]
  private(set) var released = 0
  private(set) var transferred = 0

  /// - Returns: what may not be: a session with two agents, an agent with more than it takes, a session that nobody
  ///   knows the place of.
  mutating func take(_ effects: [Effect], _ after: ReplicatedState) -> [String] {
    var problems: [String] = []
    for case .session(let session, let change) in effects {
      switch change {
      case .opened, .queued:
        if let agent = agents[session] { problems.append("\(session): queued, and served by \(agent)") }
      case .assigned(let agent):
        if let other = agents[session] { problems.append("\(session): given to \(agent), served by \(other)") }
        agents[session] = agent
        counts[agent, default: 0] += 1
        if counts[agent, default: 0] > Int(after.agent(agent)?.capacity ?? 0) {
          problems.append("\(agent) has \(counts[agent, default: 0]) chats")
        }
      case .released(let agent):
        if agents[session] != agent { problems.append("\(session): taken from \(agent), who has not got it") }
        agents[session] = nil
        counts[agent, default: 0] -= 1
        released += 1
      case .transferred(let agent, _):
        if agents[session] != agent { problems.append("\(session): handed on by \(String(describing: agent))") }
        agents[session] = nil
        if let agent { counts[agent, default: 0] -= 1 }
        transferred += 1
      case .left, .returned, .unclaimed: break
      case .closed:
        if let agent = agents.removeValue(forKey: session) { counts[agent, default: 0] -= 1 }
      }
    }
    for agent in after.agents() where agent.chatCount != counts[agent.id, default: 0] {
      problems.append(
        "\(agent.id) has \(agent.chatCount) chats, its clients know of \(counts[agent.id, default: 0])")
    }
    return problems
  }
}
