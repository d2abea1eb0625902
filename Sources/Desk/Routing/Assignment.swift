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
    // From level 9 on it is agents who are remembered: see `unserved`.
    guard level < VirtualArrival.since else { return }
    if after.isUnserved { unservedLines.insert(skill) } else { unservedLines.remove(skill) }
  }

  /// Changes an agent, and its place in the indexes. nil: there is no such agent.
  @discardableResult
  mutating func changeAgent<Result>(_ id: AgentID, _ change: (inout Agent) -> Result) -> Result? {
    let (level, now) = (level, now)
    guard let before = agentTable.read(id, { AgentStanding($0, at: level) }) else { return nil }
    let result = agentTable.update(id) { agent in
      if level >= VirtualArrival.since { agent.passTime(to: now) }
      let result = change(&agent)
      // Who is there, or has nothing to lose, need not hurry.
      if agent.status != .offline || agent.hasNothingToLose { agent.deadline = nil }
      return result
    }
    guard let after = agentTable.read(id, { AgentStanding($0, at: level) }) else { return nil }
    move(id, from: before, to: after)
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

  /// Where the lines have an agent who is free.
  private mutating func move(_ id: AgentID, from before: AgentStanding, to after: AgentStanding) {
    let hasSameLines = before.hasSameLines(as: after)
    if before.isAvailable != after.isAvailable || before.load != after.load || !hasSameLines {
      if before.isAvailable { for line in before.lines { changeLine(line) { $0.remove(before.load) } } }
      if after.isAvailable { for line in after.lines { changeLine(line) { $0.insert(after.load) } } }
      if !unserved.isEmpty, unserved.remove(before.load), after.isAvailable { unserved.insert(after.load) }
    }
    guard level >= VirtualArrival.since else { return }
    if before.isOnline != after.isOnline || before.capacity != after.capacity || !hasSameLines {
      if before.isOnline {
        for line in before.lines { changeLine(line) { $0.leaves(withRoomFor: before.capacity) } }
      }
      if after.isOnline {
        for line in after.lines { changeLine(line) { $0.comes(withRoomFor: after.capacity) } }
      }
    }
    if !hasSameLines {
      for line in before.lines where !after.serves(line) { changeLine(line) { $0.forget(id) } }
    }
  }

  /// Gives a queued session that is in no line to an agent with room, or its place in the line. Nobody who is gone is given
  /// to an agent.
  /// - Parameter last: agents who get it only when nobody else is free.
  mutating func seat(_ id: SessionID, ratherThan last: [AgentID] = [], into effects: inout [Effect]) {
    guard level < VirtualArrival.since else { return seatByPolicy(id, ratherThan: last, into: &effects) }
    guard let session = session(id) else { return }
    let (place, skill) = (session.queuePlace(at: level), session.skill)
    if session.isPassedOver {
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

  /// Gives a queued session, that is in no line any more, to an agent with room, or asks that agent where the policy wants it.
  /// - Parameters:
  ///   - since: when it entered the line; nil: it did not have to wait.
  ///   - choice: why this agent; nil below level 9.
  mutating func assign(
    _ id: SessionID, to agent: AgentID, skill: String, waitingSince since: UInt64?, by choice: Choice? = nil,
    into effects: inout [Effect]
  ) {
    if let choice, choice.policy.policy.accept == .ring, level >= Offer.since {
      return offer(id, to: agent, by: choice, into: &effects)
    }
    let now = now
    let serves = level >= VirtualArrival.since && agentTable.read(agent, { $0.serves(skill) }) == true
    changeLine(skill) { line in
      line.pace.recordAssignment(waitingSince: since, now: now)
      if serves { line.turns?.took(agent, at: now) }
    }
    // Whoever is taken out of turn, without a choice, says nothing of how long others wait.
    if since != nil, choice != nil { served(id, of: skill) }
    give(id, to: agent, by: choice, into: &effects)
  }

  /// As `assign`, past all lines: says nothing about how fast one moves.
  /// - Parameter choice: why this agent; nil: somebody has handed the session to it.
  mutating func give(
    _ id: SessionID, to agent: AgentID, by choice: Choice? = nil, into effects: inout [Effect]
  ) {
    let record = level >= VirtualArrival.since ? self.record(of: choice, id, to: agent) : nil
    give(id, to: agent, as: record, into: &effects)
  }

  /// - Parameter record: why this agent; nil below level 9.
  mutating func give(
    _ id: SessionID, to agent: AgentID, as record: AssignmentRecord?, into effects: inout [Effect]
  ) {
    let (now, level) = (now, level)
    let rules = timerRules.rules
    // Whoever serves it is not invited to it any more.
    if level >= Team.since { removeInvitation(of: agent, to: id) }
    changeAgent(agent) { agent in
      agent.offerSet.remove(id)
      agent.chatSet.insert(id)
      if level >= Offer.since { agent.work.missed = 0 }
      if level >= VirtualArrival.since { agent.work.givenAt = now }
    }
    changeSession(id) { session in
      session.state = .active
      session.agents = [agent]
      session.updatedAt = now
      session.figures?.isGiven(at: now)
      session.timers.isGiven(rules, at: now)
      if let record { session.wasGiven(record, at: now) }
    }
    sessionCounts[.queued] -= 1
    sessionCounts[.active] += 1
    effects.append(.session(id, .assigned(agent)))
  }

  /// Gives the agent whoever is first in any of its lines, as long as it has room, and the entry has.
  mutating func pull(for id: AgentID, into effects: inout [Effect]) {
    guard pullOne(for: id, into: &effects) else { return }
    while level == .first || pullRoom > 0 {
      guard pullOne(for: id, into: &effects) else { return }
      pullRoom -= 1
    }
    noteUnserved(id)
  }

  /// - Returns: false when there is nobody to give, or the agent has no room.
  mutating func pullOne(for id: AgentID, into effects: inout [Effect]) -> Bool {
    guard let place = firstWaiting(for: id), let session = session(place.session) else { return false }
    leaveLines(session)
    let choice = level >= VirtualArrival.since ? next(session, for: id) : nil
    assign(
      session.id, to: id, skill: session.skill, waitingSince: session.queuedAt, by: choice, into: &effects)
    return true
  }

  /// The first of those whom an agent with room may serve.
  func firstWaiting(for id: AgentID) -> QueuePlace? {
    guard let (isAvailable, lines) = agentTable.read(id, { ($0.isAvailable, $0.lines) }), isAvailable else {
      return nil
    }
    var best: QueuePlace?
    for line in lines {
      guard let (first, gated) = lineTable.read(TextKey(line), { ($0.waiting.first, $0.gated) }) else {
        continue
      }
      if let first, best.map({ first < $0 }) ?? true { best = first }
      for behind in gated {
        guard let first = behind.places.first, best.map({ first < $0 }) ?? true else { continue }
        let kept = policies.version(behind.gate.version)
        let passes = agentTable.read(id) { kept.lets($0, through: behind.gate, of: line) }
        if passes == true { best = first }
      }
    }
    return best
  }

  /// Whether the agent has to serve somebody else first, whom an entry had no room to give to it. Below level 9.
  private func isBehindOthers(_ place: QueuePlace, for agent: AgentID) -> Bool {
    guard !unservedLines.isEmpty, let first = firstWaiting(for: agent) else { return false }
    return first < place
  }

  /// Goes on with what entries had no room to give: to the least loaded agent of a line whoever it has to serve first. Below
  /// level 9; see `serveUnserved(_:limit:into:)`.
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
