internal import Kernel

/// Who serves whom. The indexes that assignment looks at are changed here alone, so that they are exact at all times.
extension DeskState {
  /// Changes a waiting line; one that has nothing left to say is dropped.
  mutating func changeLine(_ skill: String, _ change: (inout WaitingLine) -> Void) {
    let skill = TextKey(skill)
    let after = lineTable.update(skill) { line in
      change(&line)
      return (isIdle: line.isIdle, isUnserved: line.isUnserved)
    }
    guard let after else {
      var line = WaitingLine()
      change(&line)
      if !line.isIdle { lineTable.set(skill, to: line) }
      return
    }
    if after.isIdle { lineTable.remove(skill) }
    if after.isUnserved { unservedLines.insert(skill) } else { unservedLines.remove(skill) }
  }

  /// Changes an agent, and its place in the indexes. nil: there is no such agent.
  @discardableResult
  mutating func changeAgent<Result>(_ id: AgentID, _ change: (inout Agent) -> Result) -> Result? {
    guard let before = agentTable.read(id, { AgentStanding($0) }) else { return nil }
    let result = agentTable.update(id) { agent in
      let result = change(&agent)
      // Who is there, or has nothing to lose, need not hurry.
      if agent.status != .offline || agent.chatSet.isEmpty { agent.deadline = nil }
      return result
    }
    guard let after = agentTable.read(id, { AgentStanding($0) }) else { return nil }
    if before.isAvailable != after.isAvailable || before.load != after.load || !before.hasSameLines(as: after) {
      if before.isAvailable {
        for line in before.lines { changeLine(line) { $0.available.remove(before.load) } }
      }
      if after.isAvailable { for line in after.lines { changeLine(line) { $0.available.insert(after.load) } } }
    }
    if before.status != after.status {
      agentCounts[before.status] -= 1
      agentCounts[after.status] += 1
    }
    if before.presences != after.presences { movePresence(id, from: before, to: after) }
    if before.deadline != after.deadline {
      if let deadline = before.deadline { deadlines.remove(deadline) }
      if let deadline = after.deadline { deadlines.insert(deadline) }
    }
    return result
  }

  private mutating func movePresence(_ id: AgentID, from before: AgentStanding, to after: AgentStanding) {
    for presence in before.presences where !after.isPresent(on: presence.server) {
      servers.present[presence.server]?.remove(AgentPlace(desk: number, agent: id))
      if servers.present[presence.server]?.isEmpty == true { servers.present[presence.server] = nil }
    }
    for presence in after.presences where !before.isPresent(on: presence.server) {
      servers.present[presence.server, default: RankedSet()].insert(AgentPlace(desk: number, agent: id))
    }
  }

  /// Gives a queued session that is in no line to an agent with room, or its place in the line. Nobody who is gone is given
  /// to an agent.
  /// - Parameter last: agents who get it only when nobody else is free.
  mutating func seat(
    _ place: QueuePlace, skill: String, ratherThan last: [AgentID] = [], into effects: inout [Effect]
  ) {
    if sessionTable.read(place.session, { $0.isPassedOver }) == true {
      // It has its place, for the time when its customer is back.
      let position = position(of: place.session)?.position ?? 1
      effects.append(.session(place.session, .queued(position: position)))
      return
    }
    let free = lineTable.read(TextKey(skill)) { line -> AgentLoad? in
      guard !last.isEmpty else { return line.available.first }
      return line.available.prefix(last.count + 1).first { !last.contains($0.agent) } ?? line.available.first
    }
    if let free = free ?? nil, !isBehindOthers(place, for: free.agent) {
      return assign(place.session, to: free.agent, skill: skill, waitingSince: nil, into: &effects)
    }
    changeLine(skill) { $0.waiting.insert(place) }
    let position = position(of: place.session)?.position ?? 1
    effects.append(.session(place.session, .queued(position: position)))
  }

  /// Gives a queued session, that is in no line any more, to an agent with room.
  /// - Parameter since: when it entered the line; nil: it did not have to wait.
  mutating func assign(
    _ id: SessionID, to agent: AgentID, skill: String, waitingSince since: UInt64?, into effects: inout [Effect]
  ) {
    let now = now
    changeLine(skill) { $0.pace.recordAssignment(waitingSince: since, now: now) }
    give(id, to: agent, into: &effects)
  }

  /// As `assign`, past all lines: says nothing about how fast one moves.
  mutating func give(_ id: SessionID, to agent: AgentID, into effects: inout [Effect]) {
    let now = now
    changeAgent(agent) { $0.chatSet.insert(id) }
    changeSession(id) { session in
      session.state = .active
      session.agents = [agent]
      session.updatedAt = now
      session.figures?.isGiven(at: now)
    }
    sessionCounts[.queued] -= 1
    sessionCounts[.active] += 1
    effects.append(.session(id, .assigned(agent)))
  }

  /// Gives the agent whoever is first in any of its lines, as long as it has room, and the entry has.
  mutating func pull(for id: AgentID, into effects: inout [Effect]) {
    guard pullOne(for: id, into: &effects) else { return }
    while level == .first || pullRoom > 0, pullOne(for: id, into: &effects) { pullRoom -= 1 }
  }

  /// - Returns: false when there is nobody to give, or the agent has no room.
  private mutating func pullOne(for id: AgentID, into effects: inout [Effect]) -> Bool {
    guard let (place, skill) = firstWaiting(for: id) else { return false }
    changeLine(skill) { $0.waiting.remove(place) }
    let since = sessionTable.read(place.session) { $0.queuedAt }
    assign(place.session, to: id, skill: skill, waitingSince: since ?? now, into: &effects)
    return true
  }

  private func firstWaiting(for id: AgentID) -> (place: QueuePlace, skill: String)? {
    guard let (isAvailable, lines) = agentTable.read(id, { ($0.isAvailable, $0.lines) }), isAvailable else {
      return nil
    }
    var best: (place: QueuePlace, skill: String)?
    for line in lines {
      guard let first = lineTable.read(TextKey(line), { $0.waiting.first }) ?? nil else { continue }
      if let found = best, found.place < first { continue }
      best = (first, line)
    }
    return best
  }

  /// Whether the agent has to serve somebody else first, whom an entry had no room to give to it.
  private func isBehindOthers(_ place: QueuePlace, for agent: AgentID) -> Bool {
    guard !unservedLines.isEmpty, let (first, _) = firstWaiting(for: agent) else { return false }
    return first < place
  }

  /// Goes on with what entries had no room to give: to the least loaded agent of a line whoever it has to serve first.
  ///
  /// - Parameter limit: sessions at the most, and no more than one and what the entry has room for.
  mutating func serveUnserved(limit: Int, into effects: inout [Effect]) {
    guard level > .first else { return }
    var room = limit
    while room > 0, room == limit || pullRoom > 0, let line = unservedLines.first,
      let next = lineTable.read(line, { $0.available.first }) ?? nil,
      pullOne(for: next.agent, into: &effects)
    {
      if room < limit { pullRoom -= 1 }
      room -= 1
    }
  }
}
