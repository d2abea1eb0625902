internal import Kernel

/// What changes for those who wait without anybody having said so: time, and policies. From level 9 on.
extension DeskState {
  /// Of the desk's sessions so many are looked through with one command, and the rest of their piece.
  private static var mostLookedThrough: Int { 2_048 }

  /// The next step of a policy begins for those who have waited for so long: more agents may be asked.
  ///
  /// - Parameters:
  ///   - given: see `mayGive`.
  ///   - limit: so many sessions at the most.
  /// - Returns: how many.
  mutating func beginSteps(_ given: inout Int, limit: Int, into effects: inout [Effect]) -> Int {
    // Each of them may be given to an agent.
    let room = min(limit, max(pullRoom, 0) + (given == 0 ? 1 : 0))
    var widened: [QueuePlace] = []
    while widened.count < room, let due = stepDeadlines.first, due.time <= now,
      let session = session(due.session)
    {
      leaveLines(session)
      widened.append(session.queuePlace(at: level))
    }
    // Whoever came first is given an agent first, whosever step began first.
    for place in widened.sorted() {
      if seatAgain(place.session, into: &effects) { countGiven(&given) }
    }
    return widened.count
  }

  /// A policy was set or deleted: those who wait under another one than they have now go on under that, at the place that they have.
  /// Piece by piece of the desk's sessions, until all were looked through. Agents who may serve them now take them then, in the
  /// order of their lines: see `serveUnserved`.
  mutating func followPolicies() {
    guard var piece = policies.cursor else { return }
    var looked = 0
    var noted: Set<PlaceOfLine> = []
    while piece < sessionTable.shards.count, looked < Self.mostLookedThrough {
      for id in sessionTable.shards[piece].keys.sorted() {
        looked += 1
        guard isUnderAnother(id), let session = session(id) else { continue }
        leaveLines(session)
        guard let session = routed(id) else { continue }
        enterLines(session)
        noteFree(for: session, &noted)
      }
      piece += 1
    }
    policies.cursor = piece
    if piece >= sessionTable.shards.count { policies.dropOutdated() }
  }

  private struct PlaceOfLine: Hashable {
    var line: TextKey
    var gate: Gate?
  }

  /// The free agents who may serve a session that has just entered its lines have somebody to serve.
  private mutating func noteFree(for session: Session, _ noted: inout Set<PlaceOfLine>) {
    let asking = asking(for: session)
    let kept = policies.version(session.routingOrUsual.policy)
    var places = asking.gates.map { PlaceOfLine(line: TextKey($0.line), gate: $0.gate) }
    if asking.isPlain { places.append(PlaceOfLine(line: TextKey(session.skill), gate: nil)) }
    for place in places where noted.insert(place).inserted {
      let free = lineTable.read(place.line) { $0.available.elements } ?? []
      for load in free {
        let passes =
          place.gate.map { gate in
            agentTable.read(load.agent) { kept.lets($0, through: gate, of: place.line.text) } ?? false
          } ?? true
        if passes { unserved.insert(load) }
      }
    }
  }

  /// Whether a session waits in lines under another policy than it has now.
  private func isUnderAnother(_ id: SessionID) -> Bool {
    sessionTable.read(id) { session in
      guard session.isInLine else { return false }
      let kept = policies.policy(channel: session.channel, intent: session.intent)
      return session.routingOrUsual.policy != kept.version
    } ?? false
  }
}
