import Simulation

/// Which fault is next, from a seed. Kinds are dealt like cards: each comes once before any comes twice, so that a
/// short run has seen them all.
struct FaultPlan: Sendable {
  struct Choice: Sendable, Equatable {
    var kind: FaultKind
    /// How long it lasts, in milliseconds.
    var hold: Int
    /// Which of the nodes that it could be done to.
    var pick: Int
  }

  private var kinds: [FaultKind]
  private var deck: [FaultKind] = []
  private var dice: Dice

  init(kinds: [FaultKind], seed: UInt64) {
    self.kinds = kinds
    dice = Dice(seed: seed, stream: 7)
  }

  /// nil: there is nothing to do.
  mutating func next() -> Choice? {
    if deck.isEmpty {
      deck = kinds
      dice.shuffle(&deck)
    }
    guard let kind = deck.popLast() else { return nil }
    let hold =
      switch kind {
      case .freezeLeader, .freezeFollower: dice.draw(2_000...6_000)
      case .isolateLeader, .isolateFollower, .cutPair: dice.draw(1_500...5_000)
      case .deafLeader, .deafFollower, .muteLeader, .muteFollower: dice.draw(1_500...5_000)
      case .clockJump, .slowDisk, .fullDisk: dice.draw(2_000...5_000)
      case .crowd, .descriptors, .fullDiskLeader: dice.draw(4_000...8_000)
      case .stutter, .lossyNetwork: dice.draw(2_000...4_000)
      default: dice.draw(300...2_500)
      }
    return Choice(kind: kind, hold: hold, pick: dice.below(1 << 16))
  }

  /// The cluster cannot do this.
  mutating func forget(_ kind: FaultKind) {
    kinds.removeAll { $0 == kind }
    deck.removeAll { $0 == kind }
  }
}
