import Testing

@testable import Gossip

@Suite("The choice of an owner")
struct PlacementTests {
  static func node(
    _ id: UInt64, owned: Int, unsettled: Int = 0, health: Health = .alive, hints: LoadHints? = LoadHints(),
    age: UInt64 = 0, upFor: UInt64? = nil
  ) -> PlacementCandidate {
    PlacementCandidate(
      member: MemberID(id), health: health, ownedSessions: owned, unsettled: unsettled, hints: hints,
      hintAge: age,
      upFor: upFor)
  }

  /// Who is chosen in many draws, by how often.
  static func counts(
    _ nodes: [PlacementCandidate], local: UInt64? = nil, preference: Bool = false
  ) -> [UInt64: Int] {
    var rules = PlacementRules()
    if !preference { rules.preference = nil }
    var generator = SeededGenerator(seed: 5)
    var counts: [UInt64: Int] = [:]
    for _ in 0..<3_000 {
      let choice = Placement.choose(
        among: nodes, local: local.map { MemberID($0) }, rules: rules, generator: &generator)
      counts[choice?.owner.rawValue ?? 0, default: 0] += 1
    }
    return counts
  }

  @Test(
    "of two that are drawn the one with fewer sessions; the fullest never, the emptiest by two of three draws")
  func lower() {
    let counts = Self.counts([Self.node(1, owned: 100), Self.node(2, owned: 200), Self.node(3, owned: 300)])
    #expect(counts[3] == nil)
    #expect((1_900...2_100).contains(counts[1] ?? 0))
  }

  @Test("what was given away here and is not committed yet counts")
  func unsettled() {
    let counts = Self.counts([Self.node(1, owned: 100, unsettled: 60), Self.node(2, owned: 150)])
    #expect(counts == [2: 3_000])
    var ledger = PlacementLedger()
    ledger.placed(on: MemberID(4))
    ledger.placed(on: MemberID(4))
    ledger.settled(on: MemberID(4))
    ledger.settled(on: MemberID(5))
    #expect(ledger.unsettled(on: MemberID(4)) == 1)
    #expect(ledger.unsettled(on: MemberID(5)) == 0)
  }

  @Test("draining, dead and departed nodes are not eligible; suspects only when there is nobody else")
  func eligible() {
    let draining = LoadHints(isDraining: true)
    let nodes = [
      Self.node(1, owned: 0, health: .dead), Self.node(2, owned: 0, health: .left),
      Self.node(3, owned: 0, hints: draining),
      Self.node(4, owned: 0, health: .suspect), Self.node(5, owned: 900),
    ]
    #expect(Self.counts(nodes) == [5: 3_000])
    // A draining node does not become eligible when its hint grows old, nor by being the customer's.
    let old = nodes.dropLast() + [Self.node(6, owned: 0, hints: draining, age: 90_000)]
    #expect(Self.counts(Array(old)) == [4: 3_000])
    #expect(Self.counts(nodes, local: 3, preference: true) == [5: 3_000])
    #expect(Self.counts(Array(nodes.prefix(3))) == [0: 3_000])
    #expect(Self.counts([]) == [0: 3_000])
  }

  @Test("hints tip what counts leave open, and cannot outweigh a clear difference")
  func bounded() {
    let busy = LoadHints(
      connections: 4_000_000_000, cpuPerMille: 1_000, loopLagMicroseconds: .max, ackP99Microseconds: .max)
    let idle = LoadHints()
    #expect(
      Self.counts([Self.node(1, owned: 100, hints: busy), Self.node(2, owned: 100, hints: idle)]) == [2: 3_000])
    // Of a mean of 150 the hints weigh at most 8 + 15.
    #expect(
      Self.counts([Self.node(1, owned: 138, hints: busy), Self.node(2, owned: 162, hints: idle)]) == [1: 3_000])
  }

  @Test("a hint loses its weight with age, unknown after three periods; silence never makes a node look better")
  func decay() {
    let idle = LoadHints()
    let busy = LoadHints(cpuPerMille: 1_000, loopLagMicroseconds: .max, ackP99Microseconds: .max)
    var last = -1
    for age in stride(from: UInt64(0), through: 4_000, by: 250) {
      let pressure = PlacementScore.pressure(of: idle, age: age, period: 1_000)
      #expect(pressure >= last)
      last = pressure
      let pressed = PlacementScore.pressure(of: busy, age: age, period: 1_000)
      #expect(pressed >= pressure)
    }
    #expect(PlacementScore.pressure(of: idle, age: 0, period: 1_000) == 0)
    #expect(PlacementScore.pressure(of: idle, age: 1_500, period: 1_000) == 250)
    #expect(last == PlacementScore.unknownPressure)
    #expect(PlacementScore.pressure(of: nil, age: 0, period: 1_000) == PlacementScore.unknownPressure)
  }

  @Test("a node that has just started is charged the mean and more, less as time passes")
  func slowStart() {
    func charge(_ upFor: UInt64?) -> Int {
      PlacementScore(Self.node(1, owned: 0, upFor: upFor), mean: 100, rules: PlacementRules()).slowStartCharge
    }
    #expect(charge(0) == 108_000)
    #expect(charge(30_000) == 54_000)
    #expect(charge(60_000) == 0)
    #expect(charge(nil) == 0)
    let others = [Self.node(2, owned: 100), Self.node(3, owned: 100)]
    #expect(Self.counts(others + [Self.node(1, owned: 0, upFor: 0)])[1] == nil)
    #expect((Self.counts(others + [Self.node(1, owned: 0, upFor: 45_000)])[1] ?? 0) > 1_900)
  }

  @Test("the time since a node came back counts, not that since its start, and grows with the age of its hints")
  func upFor() throws {
    var bench = try Bench()
    func candidate() throws -> PlacementCandidate {
      PlacementCandidate(
        try #require(bench.node.status(of: MemberID(3))), ownedSessions: 4, unsettled: 0, now: bench.now)
    }
    bench.now += 300
    #expect(try candidate().upFor == 300)
    bench.receive(from: 3, .gossip, [.load(3, 50, 1, age: 500, LoadHints(uptimeSeconds: 20))])
    bench.now += 1_000
    #expect(try candidate().upFor == 21_500)
    #expect(try candidate().hintAge == 1_500)
    bench.receive(from: 2, .gossip, [.dead(3, 50)])
    bench.now += 1_000
    #expect(try candidate().health == .dead)
    bench.receive(from: 2, .gossip, [.alive(3, 51)])
    bench.now += 700
    #expect(try candidate().upFor == 700)
  }

  @Test("the customer's node keeps the session unless the other owns clearly fewer")
  func local() {
    func counts(_ own: Int, _ other: Int) -> [UInt64: Int] {
      Self.counts([Self.node(1, owned: own), Self.node(2, owned: other)], local: 1, preference: true)
    }
    #expect(counts(141, 100) == [1: 3_000])
    #expect(counts(142, 100) == [2: 3_000])
    #expect(counts(16, 0) == [1: 3_000])
    #expect(counts(17, 0) == [2: 3_000])
  }

  @Test("a choice says who was compared, with what, and why")
  func explained() throws {
    var generator = SeededGenerator(seed: 1)
    let nodes = [
      Self.node(1, owned: 100, unsettled: 2, hints: LoadHints(cpuPerMille: 500), age: 300),
      Self.node(2, owned: 20, hints: nil),
    ]
    let choice = try #require(
      Placement.choose(among: nodes, local: MemberID(1), rules: PlacementRules(), generator: &generator))
    #expect(choice.owner == MemberID(2))
    #expect(choice.reason == .localIsFull)
    #expect(choice.candidates.map(\.member.rawValue) == [1, 2])
    #expect(
      choice.description
        == "2 by localIsFull of 1: 105220 (owned 100, unsettled 2, pressure 230 of 300 ms ago, hints +3220, "
        + "slow start +0); 2: 27000 (owned 20, unsettled 0, pressure 500 unknown, hints +7000, slow start +0)")
    let single = try #require(
      Placement.choose(among: [nodes[0]], local: nil, rules: PlacementRules(), generator: &generator))
    #expect(single.reason == .onlyOne)
  }

  @Test("counts that make no sense do not trap")
  func nonsense() {
    let nodes = [Self.node(1, owned: .max, unsettled: .max), Self.node(2, owned: .min, age: .max, upFor: .max)]
    #expect(Self.counts(nodes) == [2: 3_000])
  }
}
