import Desk
import Kernel

/// The state beside what the log says of agents and those who wait.
extension AgentWatch {
  /// Nobody waits while an agent is free who may serve them, but for what an entry had no room to give. No policy of those that are
  /// set here keeps an agent of a line away from it.
  func waitsForNothing(_ desk: ReplicatedState) -> String? {
    guard !desk.hasUnserved else { return nil }
    let free = agents.filter { $0.value.hasRoom }
    guard !free.isEmpty else { return nil }
    let waiting = chats.filter { chat in
      chat.value.waits && !chat.value.isPassedOver
        && free.contains { $0.key.desk == chat.key.desk && $0.value.skills.contains(chat.value.skill) }
    }
    return waiting.keys.min().map { "session \($0.text) waits although an agent is free" }
  }

  /// Each assignment is explained: by whom it went, and that one stands first of those who could be asked.
  func unexplained(_ effects: [Effect], _ desk: ReplicatedState) -> String? {
    guard level >= .ninth else { return nil }
    for case .session(let id, .assigned(let agent)) in effects where chats[id]?.agent?.id == agent {
      guard let last = desk.assignments(of: id).last, last.agent == agent.rawValue, last.time == desk.now else {
        return "that session \(id.text) is given to \(agent) is not explained"
      }
      if last.way == .chosen, last.best.first?.agent != agent.rawValue {
        return "session \(id.text) is given to \(agent), who is not the first of those who were compared"
      }
      // Who has accepted was chosen in an entry before.
      if acceptedNow.contains(id) { continue }
      if let problem = policies.difference(from: last.policy, of: id.desk) {
        return "session \(id.text): \(problem)"
      }
    }
    return nil
  }

  func compare(_ desk: ReplicatedState) -> String? {
    let there = desk.desks.flatMap { desk in desk.agents().map { (Key(desk.number, $0.id), $0) } }
    guard there.count == agents.count else { return "\(there.count) agents, expected \(agents.count)" }
    for (key, agent) in there {
      let found = Agent(
        status: agent.status, skills: Set(agent.skills.filter { $0.weight > 0 }.map(\.skill) + [""]),
        capacity: agent.capacity, presences: Set(agent.presences), deadline: agent.deadline,
        chats: Set(agent.chats), invitations: Set(agent.invitations), offers: Set(agent.offers),
        wrapUps: agent.wrapUpEnds,
        missed: agent.missedOffers)
      if let expected = agents[key], found != expected {
        return "agent \(agent.id) is \(found.text); expected \(expected.text)"
      }
      for chat in agent.chats where desk.session(chat)?.agents != [agent.id] {
        return "session \(chat.text) is \(agent.id)'s, and has \(desk.session(chat)?.agents ?? [])"
      }
    }
    return nil
  }
}
