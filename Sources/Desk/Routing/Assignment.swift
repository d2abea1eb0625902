/// Who serves whom. The indexes that assignment looks at are changed here alone, so that they are exact at all times.
extension DeskState {
  /// Changes a waiting line; one that has nothing left to say is dropped.
  mutating func changeLine(_ skill: String, _ change: (inout WaitingLine) -> Void) {
    let isIdle = lineTable.update(skill) { line in
      change(&line)
      return line.isIdle
    }
    switch isIdle {
    case true?: lineTable.remove(skill)
    case false?: break
    case nil:
      var line = WaitingLine()
      change(&line)
      if !line.isIdle { lineTable.set(skill, to: line) }
    }
  }

  /// Changes an agent, and its place among those who are available. nil: there is no such agent.
  @discardableResult
  mutating func changeAgent<Result>(_ id: AgentID, _ change: (inout Agent) -> Result) -> Result? {
    guard let before = agentTable.read(id, { ($0.isAvailable, $0.load, $0.lines, $0.status) }) else {
      return nil
    }
    let result = agentTable.update(id, change)
    guard let after = agentTable.read(id, { ($0.isAvailable, $0.load, $0.lines, $0.status) }) else {
      return nil
    }
    if before.0 != after.0 || before.1 != after.1 || before.2 != after.2 {
      if before.0 { for line in before.2 { changeLine(line) { $0.available.remove(before.1) } } }
      if after.0 { for line in after.2 { changeLine(line) { $0.available.insert(after.1) } } }
    }
    if before.3 != after.3 {
      agentCounts[before.3] -= 1
      agentCounts[after.3] += 1
    }
    return result
  }

  /// Gives a queued session, that is in no line any more, to an agent with room.
  /// - Parameter since: when it entered the line; nil: it did not have to wait.
  mutating func assign(
    _ id: SessionID, to agent: AgentID, skill: String, waitingSince since: UInt64?, into effects: inout [Effect]
  ) {
    let now = now
    changeAgent(agent) { $0.chatSet.insert(id) }
    _ = sessionTable.update(id) { session in
      session.state = .active
      session.agents = [agent]
      session.updatedAt = now
    }
    sessionCounts[.queued] -= 1
    sessionCounts[.active] += 1
    changeLine(skill) { $0.pace.recordAssignment(waitingSince: since, now: now) }
    effects.append(.session(id, .assigned(agent)))
  }

  /// Gives the agent whoever is first in any of its lines, as long as it has room.
  mutating func pull(for id: AgentID, into effects: inout [Effect]) {
    while let (isAvailable, lines) = agentTable.read(id, { ($0.isAvailable, $0.lines) }), isAvailable {
      var best: (place: QueuePlace, skill: String)?
      for line in lines {
        guard let first = lineTable.read(line, { $0.waiting.first }) ?? nil else { continue }
        if let found = best, found.place < first { continue }
        best = (first, line)
      }
      guard let (place, skill) = best else { return }
      changeLine(skill) { $0.waiting.remove(place) }
      let since = sessionTable.read(place.session) { $0.openedAt }
      assign(place.session, to: id, skill: skill, waitingSince: since ?? now, into: &effects)
    }
  }
}
