/// What falls due.
extension DeskState {
  /// Agents who did not come back in time lose their chats and invitations, in the order of their deadlines. The chats go to
  /// whoever is invited to them and has room, else back to the place in their line that they would have had all along, so the
  /// first of them gets whoever is free. Then sessions are closed whose customers did not come
  /// back, timers fire (see `fireTimers`), steps of policies begin, and those who wait although an agent is free are served (see `mostPulled`).
  ///
  /// - Parameter limit: sessions that it changes at the most, above 0.
  /// - Returns: the chats that it has taken from agents.
  mutating func passTime(limit: Int, into effects: inout [Effect]) -> Int {
    var room = limit
    var released: [(place: QueuePlace, agent: AgentID)] = []
    var count = 0
    while room > 0, let due = deadlines.first, due.time <= now {
      let chats = agentTable.read(due.agent) { $0.chatSet.prefix(room) } ?? []
      let invitations = agentTable.read(due.agent) { $0.invitedSet.prefix(room - chats.count) } ?? []
      // With nothing to lose there is no deadline. Were there one, it must not be met for ever.
      guard !chats.isEmpty || !invitations.isEmpty else { break }
      // With the last chat and the last invitation the deadline goes.
      changeAgent(due.agent) { agent in for chat in chats { agent.chatSet.remove(chat) } }
      for chat in chats {
        if let place = release(chat, from: due.agent) { released.append((place, due.agent)) }
      }
      for id in invitations { endInvitation(of: due.agent, to: id, because: .lost, into: &effects) }
      room -= chats.count + invitations.count
      count += chats.count
    }
    released.sort { $0.place < $1.place }
    for (place, agent) in released {
      effects.append(.session(place.session, .released(by: agent)))
      if level >= Team.since, let heir = heir(of: place.session) {
        give(place.session, to: heir, into: &effects)
      } else {
        seat(place.session, into: &effects)
      }
    }
    room -= closeAbandoned(limit: room, into: &effects)
    guard level >= VirtualArrival.since else {
      serveUnserved(limit: room, into: &effects)
      return count
    }
    var given = 0
    room -= fireTimers(&given, limit: room, into: &effects)
    room -= endWrapUps(&given, limit: room, into: &effects)
    room -= beginSteps(&given, limit: room, into: &effects)
    followPolicies()
    // In the order of the lines, which is not known before all that wait are in them.
    if policies.cursor == nil { serveUnserved(&given, limit: room, into: &effects) }
    return count
  }

  /// - Returns: where the session has to wait now; nil: others serve it as well.
  mutating func release(_ id: SessionID, from agent: AgentID) -> QueuePlace? {
    let (now, level) = (now, level)
    let waits = changeSession(id) { session -> QueuePlace? in
      session.agents.removeAll { $0 == agent }
      session.updatedAt = now
      guard session.agents.isEmpty else { return nil }
      session.state = .queued
      session.queuedAt = now
      session.figures?.isReleased()
      session.timers.isTaken()
      return session.queuePlace(at: level)
    }
    guard let waits = waits ?? nil else { return nil }
    sessionCounts[.active] -= 1
    sessionCounts[.queued] += 1
    return waits
  }
}
