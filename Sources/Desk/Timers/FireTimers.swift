internal import Kernel

/// What falls due in a session because nobody did anything. From level 9 on.
extension DeskState {
  /// Closed because nobody was free in time.
  package static let queuedTooLong = "nobody was free in time"
  /// Closed because its customer has said nothing.
  package static let idle = "the customer has not answered"

  /// Changes when the timers of a session fire.
  mutating func moveTimers(
    _ id: SessionID, from before: [SessionTimers.Armed], to after: [SessionTimers.Armed]
  ) {
    guard before != after else { return }
    for timer in before where !after.contains(timer) {
      timerDeadlines.remove(TimerDeadline(time: timer.time, session: id, kind: timer.kind))
    }
    for timer in after where !before.contains(timer) {
      timerDeadlines.insert(TimerDeadline(time: timer.time, session: id, kind: timer.kind))
    }
  }

  /// Fires what is due, each timer once, in the order of their times.
  ///
  /// Chats that an agent has left without a word go to whoever is invited to them and has room, else back to the place in their line
  /// that they would have had all along; that agent gets one of them anew only where nobody else is free.
  ///
  /// - Parameters:
  ///   - given: see `mayGive`.
  ///   - limit: so many at the most.
  /// - Returns: how many.
  mutating func fireTimers(_ given: inout Int, limit: Int, into effects: inout [Effect]) -> Int {
    var count = 0
    var released: [(place: QueuePlace, agents: [AgentID])] = []
    var missed: [(place: QueuePlace, agent: AgentID)] = []
    while count < limit, let due = timerDeadlines.first, due.time <= now, let session = session(due.session) {
      changeSession(due.session) { $0.timers.fires(due.kind) }
      count += 1
      switch due.kind {
      case .queueLimit: end(session, by: .system, reason: Self.queuedTooLong, pulls: false, into: &effects)
      case .idleClose: end(session, by: .system, reason: Self.idle, pulls: false, into: &effects)
      case .remind: remind(session, into: &effects)
      case .ring:
        if let agent = miss(session, into: &effects) {
          missed.append((session.queuePlace(at: level), agent))
        }
      case .noReply:
        guard !session.agents.isEmpty else { break }
        for agent in session.agents {
          changeAgent(agent) { $0.chatSet.remove(session.id) }
          if let place = release(session.id, from: agent) { released.append((place, session.agents)) }
        }
      }
    }
    released.sort { $0.place < $1.place }
    var homeless: [(place: QueuePlace, agents: [AgentID])] = []
    for (place, agents) in released {
      for agent in agents { effects.append(.session(place.session, .released(by: agent))) }
      if let heir = heir(of: place.session) {
        give(place.session, to: heir, into: &effects)
      } else {
        homeless.append((place, agents))
      }
    }
    // First they take who waits already: then a session is less likely to come back to the same agent.
    missed.sort { $0.place < $1.place }
    for agent in released.flatMap(\.agents) + missed.map(\.agent) {
      if mayGive(given), pullOne(for: agent, into: &effects) { countGiven(&given) }
      noteUnserved(agent)
    }
    for (place, agents) in homeless { seat(place.session, ratherThan: agents, into: &effects) }
    for (place, _) in missed { askAnother(for: place.session, into: &effects) }
    return count
  }

  private mutating func remind(_ session: Session, into effects: inout [Effect]) {
    let text = timerRules.rules.remindText
    // The rule may be gone; what it said is not kept with the session.
    guard !text.isEmpty else { return }
    let reminder = SendMessage(
      session: session.id, epoch: session.epoch, id: "reminder/\(session.sequence.rawValue)", sender: .system,
      kind: .system, body: Array(text.utf8))
    _ = apply(reminder, into: &effects)
  }

  /// What is wrong with the list of timers; empty: nothing.
  func checkTimers() -> [String] {
    var problems: [String] = []
    var due: [TimerDeadline] = []
    for id in sessionTable.sortedKeys {
      guard let session = sessionTable[id] else { continue }
      problems += session.timers.check(in: session.state, level: level).map { "\(id): \($0)" }
      due += session.timers.armed.map { TimerDeadline(time: $0.time, session: id, kind: $0.kind) }
    }
    if timerDeadlines.elements != due.sorted() { problems.append("the list of timers is wrong") }
    if level < TimerRules.since, timerRules.version > 0 { problems.append("level \(level) knows no timers") }
    return problems + timerDeadlines.checkInvariants()
  }
}
