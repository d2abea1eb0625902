/// Fail-over of ownership.
extension DeskState {
  /// The lost server's sessions go to the heirs, in the order of their ids, each to the heir who then owns the fewest
  /// (ties by id). Epochs rise, so that what the lost one still proposes is refused.
  mutating func apply(_ lost: ServerLost, into effects: inout [Effect]) -> Answer {
    var heirs: [ServerID] = []
    for heir in lost.heirs.sorted() where heir != lost.server && heirs.last != heir { heirs.append(heir) }
    guard !heirs.isEmpty else { return .done }

    let orphans = ownedTable.removeValue(forKey: lost.server)?.elements ?? []
    var counts = heirs.map { ownedTable[$0]?.count ?? 0 }
    var shares = heirs.map { _ in [SessionID]() }
    for orphan in orphans {
      var fewest = 0
      for candidate in heirs.indices where counts[candidate] < counts[fewest] { fewest = candidate }
      counts[fewest] += 1
      shares[fewest].append(orphan)
      let owner = heirs[fewest]
      _ = sessionTable.update(orphan) { session in
        session.owner = owner
        // At the very last number there is no next one; a log does not live that long.
        if session.epoch.rawValue < .max { session.epoch = session.epoch.next }
      }
    }
    for (heir, share) in zip(heirs, shares) where !share.isEmpty {
      ownedTable[heir, default: RankedSet()].merge(ascending: share)
    }
    if !orphans.isEmpty { effects.append(.ownersMoved(from: lost.server, sessions: orphans.count)) }
    endPresences(of: lost.server, into: &effects)
    return .done
  }
}
