/// Each member once, in a drawn order; then again in another (SWIM, section 4.3). So a dead member is probed by
/// everybody within two rounds.
struct ProbeOrder: Sendable {
  private var members: [MemberID] = []
  private var position = 0

  /// At a drawn place: one who joins is as likely to be next as any.
  mutating func insert(_ member: MemberID, _ generator: inout SeededGenerator) {
    let place = generator.draw(below: members.count + 1)
    members.insert(member, at: place)
    if place < position { position += 1 }
  }

  mutating func remove(_ member: MemberID) {
    guard let place = members.firstIndex(of: member) else { return }
    members.remove(at: place)
    if place < position { position -= 1 }
  }

  /// The next one of which `isWanted` is true; nil when there is none.
  mutating func next(_ generator: inout SeededGenerator, where isWanted: (MemberID) -> Bool) -> MemberID? {
    for _ in 0..<2 * members.count {
      if position >= members.count {
        generator.shuffle(&members)
        position = 0
      }
      position += 1
      if isWanted(members[position - 1]) { return members[position - 1] }
    }
    return nil
  }
}
