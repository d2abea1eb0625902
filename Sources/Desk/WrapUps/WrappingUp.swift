internal import Kernel

/// Who still has to do with a chat that is over. The list of when that ends is changed here alone, so that it is exact at all times. From
/// level 10 on.
extension DeskState {
  /// How long whoever has served a session has behind it, in ms, by the policy of now; 0: no time.
  func wrapUpTime(behind session: Session) -> UInt64 {
    guard level >= WrapUp.since else { return 0 }
    return UInt64(policies.policy(channel: session.channel, intent: session.intent).policy.wrapUp)
  }

  /// A chat of the agent is over, or was given away.
  mutating func endChat(_ session: Session, of agent: AgentID) {
    let time = wrapUpTime(behind: session)
    guard time > 0 else {
      changeAgent(agent) { $0.chatSet.remove(session.id) }
      return
    }
    let wrapUp = WrapUp(until: now + time, session: session.id)
    changeAgent(agent) { agent in
      agent.chatSet.remove(session.id)
      agent.wrapUpSet.insert(wrapUp)
    }
    wrapUpDeadlines.insert(WrapUpDeadline(wrapUp: wrapUp, agent: agent))
  }

  /// - Parameter given: see `mayGive`.
  /// - Returns: how many had come to their end, up to the limit.
  mutating func endWrapUps(_ given: inout Int, limit: Int, into effects: inout [Effect]) -> Int {
    var free: [AgentID] = []
    var count = 0
    while count < limit, let due = wrapUpDeadlines.first, due.wrapUp.until <= now {
      count += 1
      end(due.wrapUp, of: due.agent)
      if free.last != due.agent { free.append(due.agent) }
    }
    for agent in free {
      effects.append(.agent(number, agent))
      if mayGive(given), pullOne(for: agent, into: &effects) { countGiven(&given) }
      noteUnserved(agent)
    }
    return count
  }

  /// The agent has done what was to be done: it takes others.
  /// - Parameters:
  ///   - session: nil: all of its, up to `limit`.
  ///   - limit: so many at the most, those that end first.
  mutating func endWrapUps(of agent: AgentID, of session: SessionID?, limit: Int, into effects: inout [Effect])
  {
    let all = agentTable.read(agent) { $0.wrapUpSet.prefix(session == nil ? limit : .max) } ?? []
    let ended = all.filter { session == nil || $0.session == session }
    guard !ended.isEmpty else { return }
    for wrapUp in ended.prefix(limit) { end(wrapUp, of: agent) }
    effects.append(.agent(number, agent))
    pull(for: agent, into: &effects)
  }

  private mutating func end(_ wrapUp: WrapUp, of agent: AgentID) {
    wrapUpDeadlines.remove(WrapUpDeadline(wrapUp: wrapUp, agent: agent))
    changeAgent(agent) { agent in agent.wrapUpSet.remove(wrapUp) }
  }

  /// What is wrong with them; empty: nothing.
  func checkWrapUps() -> [String] {
    var problems: [String] = []
    var due: [WrapUpDeadline] = []
    for agent in agents() {
      due += agent.wrapUpSet.elements.map { WrapUpDeadline(wrapUp: $0, agent: agent.id) }
      problems += agent.wrapUpSet.checkInvariants()
    }
    if wrapUpDeadlines.elements != due.sorted() {
      problems.append("the list of what ends behind chats is wrong")
    }
    if level < WrapUp.since, !due.isEmpty { problems.append("level \(level) knows no time behind a chat") }
    return problems + wrapUpDeadlines.checkInvariants()
  }
}
