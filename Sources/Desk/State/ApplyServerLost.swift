/// Fail-over of ownership.
extension ReplicatedState {
  /// The lost server's sessions go to the heirs one by one, each to the heir who then owns the fewest (ties by id).
  /// Epochs rise, so that what the lost one still proposes is refused. Then the presences end. Each
  /// application does a part; a later one goes on where this one has stopped, for the heir with the fewest is the
  /// same whether all is done at once or in parts.
  mutating func apply(_ lost: ServerLost, into effects: inout [Effect]) -> Answer {
    var heirs: [ServerID] = []
    for heir in lost.heirs.sorted() where heir != lost.server && heirs.last != heir { heirs.append(heir) }
    guard !heirs.isEmpty else { return .done }
    let limit = lost.bounds.map { Int(max(1, $0.limit)) } ?? .max

    let sessions = moveSessions(of: lost.server, to: heirs, limit: limit)
    let agents = endPresences(
      of: lost.server, limit: limit - sessions, grace: lost.bounds?.grace, into: &effects)
    if sessions + agents > 0 {
      effects.append(
        .serverLost(lost.server, sessions: sessions, agents: agents, more: isInvolved(lost.server)))
    }
    return .done
  }

  private mutating func moveSessions(of lost: ServerID, to heirs: [ServerID], limit: Int) -> Int {
    var orphans = servers.owned[lost]?.removePrefix(limit) ?? []
    // Commands of old logs have no limit and went by the ids; what they have decided must come out again.
    if limit == .max { orphans.sort { $0.id < $1.id } }
    if servers.owned[lost]?.isEmpty == true { servers.owned[lost] = nil }
    var counts = heirs.map { servers.owned[$0]?.count ?? 0 }
    var shares = heirs.map { _ in [OwnedSession]() }
    for orphan in orphans {
      var fewest = 0
      for candidate in heirs.indices where counts[candidate] < counts[fewest] { fewest = candidate }
      counts[fewest] += 1
      shares[fewest].append(orphan)
      let owner = heirs[fewest]
      change(orphan.id.desk) { $0.give(orphan.id, to: owner) }
    }
    for (heir, share) in zip(heirs, shares) where !share.isEmpty {
      servers.owned[heir, default: RankedSet()].merge(ascending: share.sorted())
    }
    return orphans.count
  }
}

extension DeskState {
  fileprivate mutating func give(_ id: SessionID, to owner: ServerID) {
    _ = sessionTable.update(id) { session in
      session.owner = owner
      // At the very last number there is no next one; a log does not live that long.
      if session.epoch.rawValue < .max { session.epoch = session.epoch.next }
    }
  }
}
