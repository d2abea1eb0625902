/// A member is suspected, and has until the deadline to contradict. Each independent accuser brings the deadline
/// nearer, quickly at first (Lifeguard, section IV-B):
///
///     timeout = max(minimum, maximum - (maximum - minimum) * ln(confirmations + 1) / ln(expected + 1))
struct Suspicion: Sendable {
  var startedAt: UInt64
  /// In the order in which they were heard of; the first one raised the suspicion.
  private(set) var accusers: [MemberID]
  /// Milliseconds.
  let minimum: UInt64
  let maximum: UInt64
  /// Confirmations that bring it down to the minimum.
  let expected: Int

  init(startedAt: UInt64, accuser: MemberID, minimum: UInt64, maximum: UInt64, expected: Int) {
    self.startedAt = startedAt
    accusers = [accuser]
    self.minimum = minimum
    self.maximum = max(minimum, maximum)
    self.expected = expected
  }

  /// False: it was known, or it no longer matters.
  mutating func confirm(_ accuser: MemberID) -> Bool {
    guard accusers.count <= expected, !accusers.contains(accuser) else { return false }
    accusers.append(accuser)
    return true
  }

  var deadline: UInt64 {
    guard expected > 0 else { return startedAt + minimum }
    let confirmations = Double(accusers.count - 1)
    let share = Logarithm.natural(confirmations + 1) / Logarithm.natural(Double(expected) + 1)
    let timeout = Double(maximum) - Double(maximum - minimum) * share
    return startedAt + max(minimum, UInt64(max(0, timeout)))
  }
}

extension GossipNode {
  /// Members that may still answer, and this node.
  var liveCount: Int { table.records.count { $0.health < .dead } + 1 }

  func newSuspicion(by accuser: MemberID) -> Suspicion {
    let live = liveCount
    let scale = max(1, Logarithm.decimal(Double(live)))
    let minimum = UInt64(
      Double(configuration.suspicionMultiplier) * scale * Double(configuration.probeInterval))
    // Neither the first accuser nor the accused can confirm.
    let expected =
      configuration.lifeguard.dynamicSuspicion ? min(configuration.suspicionConfirmations, max(0, live - 2)) : 0
    return Suspicion(
      startedAt: clock, accuser: accuser, minimum: minimum,
      maximum: minimum * UInt64(configuration.suspicionMaximumFactor), expected: expected)
  }

  /// This node's own finding: the member did not answer.
  mutating func suspect(_ member: MemberID) {
    guard let place = table.position(of: member), table[place].health < .dead else { return }
    hear(
      HealthRumour(
        member: member, health: .suspect, incarnation: table[place].incarnation, accuser: id))
  }

  mutating func confirm(_ accuser: MemberID, at place: Int) {
    guard accuser != .nobody, table[place].suspicion?.confirm(accuser) == true else { return }
    queue.spread(.suspicion(table[place].id, by: accuser))
  }

  mutating func expireSuspicions() {
    guard !isLeaving else { return }
    for place in table.indices {
      guard let suspicion = table[place].suspicion, clock >= suspicion.deadline else { continue }
      adopt(
        HealthRumour(member: table[place].id, health: .dead, incarnation: table[place].incarnation), at: place)
    }
  }
}
