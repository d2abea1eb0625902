/// An epoch of a session has one owner, epochs never go back, and in the end all nodes name the same one.
enum OwnershipCheck {
  static func violations(in evidence: Evidence) -> [Violation] {
    let all = Dictionary(grouping: evidence.sights + evidence.finalSights, by: \.session)
    let during = Dictionary(grouping: evidence.sights, by: \.session)
    let final = Dictionary(grouping: evidence.finalSights, by: \.session)
    var found: [Violation] = []
    for (session, sights) in all.sorted(by: { $0.key < $1.key }) {
      found += owners(session, sights)
      found += epochs(session, during[session] ?? [])
      found += agreement(session, final[session] ?? [])
    }
    return found
  }

  private static func owners(_ session: String, _ sights: [SessionSight]) -> [Violation] {
    var owners: [UInt64: String] = [:]
    var found: [Violation] = []
    for sight in sights {
      guard let epoch = sight.epoch else { continue }
      if let other = owners[epoch], other != sight.owner {
        found.append(
          Violation("two owners", session: session, "epoch \(epoch) had \(other) and \(sight.owner) as owners"))
      }
      owners[epoch] = sight.owner
    }
    return found
  }

  /// Whoever asks after an answer was given must not get an older one.
  private static func epochs(_ session: String, _ sights: [SessionSight]) -> [Violation] {
    let byReturn = sights.filter { $0.epoch != nil }.sorted { $0.returned < $1.returned }
    let byCall = byReturn.sorted { $0.called < $1.called }
    var found: [Violation] = []
    var highest: UInt64 = 0
    var next = 0
    for sight in byCall {
      while next < byReturn.count, byReturn[next].returned < sight.called {
        highest = max(highest, byReturn[next].epoch ?? 0)
        next += 1
      }
      if let epoch = sight.epoch, epoch < highest {
        found.append(
          Violation(
            "epoch went back", session: session, "\(sight.node) said epoch \(epoch) after \(highest) was seen"))
      }
    }
    return found
  }

  private static func agreement(_ session: String, _ sights: [SessionSight]) -> [Violation] {
    guard let first = sights.first else { return [] }
    return sights.dropFirst().compactMap { sight in
      // Nobody owns a session that has left the memory of a node, and it may be there still at another one.
      let isOver = sight.owner.isEmpty || first.owner.isEmpty
      let isSame =
        (isOver || sight.owner == first.owner && sight.epoch == first.epoch) && sight.state == first.state
        && sight.agents == first.agents && sight.sequence == first.sequence && sight.position == first.position
      guard !isSame else { return nil }
      return Violation(
        "divergence", session: session,
        "\(sight.node) says owner \(sight.owner), \(sight.state), agents \(sight.agents), seq \(sight.sequence); "
          + "\(first.node) says owner \(first.owner), \(first.state), agents \(first.agents), seq "
          + "\(first.sequence)")
    }
  }
}
