/// Passing a session on.
extension DeskState {
  /// The session leaves whoever serves it and goes to the next one in the same step, so that it never has two agents
  /// and no place is lost. What cannot be done changes nothing.
  mutating func apply(_ transfer: TransferSession, into effects: inout [Effect]) -> Answer {
    guard let session = session(transfer.session) else { return .refused(.notFound) }
    switch session.foresee(transfer) {
    case .settled(let answer), .doubtful(let answer): return answer
    case .undecided: break
    }
    guard transfer.epoch == session.epoch else { return .refused(.staleEpoch) }
    if case .agent(let agent) = transfer.target {
      guard let isAvailable = agentTable.read(agent, { $0.isAvailable }) else { return .refused(.noSuchAgent) }
      if session.agents.contains(agent) {
        let done = transfer.done(level: level)
        _ = sessionTable.update(transfer.session) { $0.transfers.append(done) }
        return .done
      }
      guard isAvailable else { return .refused(.agentUnavailable) }
    }

    takeOut(session, by: transfer)
    effects.append(.session(session.id, .transferred(from: session.agents.first, to: transfer.target)))
    switch transfer.target {
    case .agent(let agent):
      give(session.id, to: agent, into: &effects)
      for giver in session.agents { pull(for: giver, into: &effects) }
    case .skill(let skill):
      // First the givers take who waits already: then the session is less likely to come back to one of them.
      for giver in session.agents { pull(for: giver, into: &effects) }
      seat(session.queuePlace, skill: skill, ratherThan: session.agents, into: &effects)
    }
    return .done
  }

  /// From its agents, or from its line: it is queued then, but in no line.
  private mutating func takeOut(_ session: Session, by transfer: TransferSession) {
    let now = now
    let done = transfer.done(level: level)
    switch session.state {
    case .active: for agent in session.agents { changeAgent(agent) { $0.chatSet.remove(session.id) } }
    case .queued:
      if !session.isPassedOver { changeLine(session.skill) { $0.waiting.remove(session.queuePlace) } }
    case .closed: break
    }
    changeSession(session.id) { session in
      session.transfers.append(done)
      session.state = .queued
      session.agents = []
      if case .skill(let skill) = transfer.target { session.skill = skill }
      session.queuedAt = now
      session.updatedAt = now
    }
    sessionCounts[session.state] -= 1
    sessionCounts[.queued] += 1
  }
}
