/// What speaks against a node, in thousandths of a session: the lower the better. Integers only, so that every
/// machine comes to the same.
package struct PlacementScore: Hashable, Sendable {
  package let member: MemberID
  package let ownedSessions: Int
  package let unsettled: Int
  /// From 0 (idle) to 1000, as the hints say it, aged; see `pressure(of:age:period:)`.
  package let pressurePerMille: Int
  /// nil: unknown or too old.
  package let hintAge: UInt64?
  package let hintCharge: Int
  package let slowStartCharge: Int
  package var total: Int { (ownedSessions + unsettled) * 1_000 + hintCharge + slowStartCharge }

  /// - Parameter mean: sessions that an eligible node owns on average.
  init(_ candidate: PlacementCandidate, mean: Int, rules: PlacementRules) {
    let limit = 1 << 40
    member = candidate.member
    ownedSessions = min(max(0, candidate.ownedSessions), limit)
    unsettled = min(max(0, candidate.unsettled), limit)
    let isKnown = candidate.hints != nil && candidate.hintAge < 3 * rules.hintPeriod
    hintAge = isKnown ? candidate.hintAge : nil
    pressurePerMille = Self.pressure(of: candidate.hints, age: candidate.hintAge, period: rules.hintPeriod)
    hintCharge = pressurePerMille * (rules.hintSessions + mean * rules.hintPerMille / 1_000)
    if let upFor = candidate.upFor, upFor < rules.slowStart {
      let missing = Int((rules.slowStart - upFor) * 1_000 / rules.slowStart)
      slowStartCharge = missing * (mean + rules.slowStartSessions)
    } else {
      slowStartCharge = 0
    }
  }

  /// What is assumed of a node of which nothing is known.
  static let unknownPressure = 500

  /// 40 % processor, and 20 % each of loop lag, ack P99 and connections, each of which goes to its end the slower the
  /// higher it is (half at 10 ms, 25 ms and 10,000). With age, it moves to what is assumed of an unknown node, but
  /// never down: a node must not look better for falling silent.
  static func pressure(of hints: LoadHints?, age: UInt64, period: UInt64) -> Int {
    guard let hints, age < 3 * period else { return unknownPressure }
    let now =
      (400 * Int(hints.cpuPerMille) + 200 * saturating(hints.loopLagMicroseconds, half: 10_000)
        + 200 * saturating(hints.ackP99Microseconds, half: 25_000)
        + 200 * saturating(hints.connections, half: 10_000)) / 1_000
    return now + max(0, unknownPressure - now) * Int(age) / Int(3 * period)
  }

  private static func saturating(_ value: UInt32, half: Int) -> Int { Int(value) * 1_000 / (Int(value) + half) }
}
