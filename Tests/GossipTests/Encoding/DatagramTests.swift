import Testing

@testable import Gossip

@Suite("Datagrams")
struct DatagramTests {
  static let cluster = ClusterCheck(cluster: "test")

  /// Values of every size that a varint can have.
  static func number(_ random: inout SeededGenerator, upTo limit: UInt64 = .max) -> UInt64 {
    let value = random.next() >> UInt64(random.draw(below: 64))
    return limit == .max ? value : value % (limit + 1)
  }

  static func hints(_ random: inout SeededGenerator) -> LoadHints {
    func small() -> UInt32 { UInt32(number(&random, upTo: UInt64(UInt32.max))) }
    let versions = ["", "1.2.3", "0.9-ü", "a version that is too long to be told in full", "客服 2"]
    return LoadHints(
      connections: small(), ownedSessions: small(), cpuPerMille: UInt16(number(&random, upTo: 1_000)),
      loopLagMicroseconds: small(), proposalsPerSecond: small(), ackP99Microseconds: small(),
      isDraining: random.draw(below: 2) == 0, uptimeSeconds: small(),
      version: versions[random.draw(below: versions.count)])
  }

  static func rumour(_ random: inout SeededGenerator) -> Rumour {
    let member = MemberID(max(1, number(&random)))
    let incarnation = Incarnation(max(1, number(&random, upTo: Incarnation.highest.rawValue)))
    switch random.draw(below: 5) {
    case 0:
      return .health(
        HealthRumour(
          member: member, health: .suspect, incarnation: incarnation, accuser: MemberID(max(1, number(&random)))
        ))
    case 1: return .health(HealthRumour(member: member, health: .alive, incarnation: incarnation))
    case 2: return .health(HealthRumour(member: member, health: .dead, incarnation: .zero))
    case 3: return .health(HealthRumour(member: member, health: .left, incarnation: incarnation))
    default:
      return .load(
        LoadRumour(
          member: member, stamp: HintStamp(incarnation: incarnation, sequence: number(&random)),
          age: number(&random, upTo: LoadRumour.highestAge), hints: hints(&random)))
    }
  }

  static func datagram(_ random: inout SeededGenerator) -> Datagram {
    let body: Datagram.Body
    switch random.draw(below: 6) {
    case 0: body = .ping(number(&random))
    case 1: body = .ack(number(&random))
    case 2: body = .nack(number(&random))
    case 3: body = .pingRequest(number(&random), target: MemberID(max(1, number(&random))))
    case 4: body = .gossip
    default:
      let ends = [number(&random), number(&random)].sorted()
      body = .exchange(
        first: MemberID(ends[0]), last: MemberID(ends[1]), isAnswer: random.draw(below: 2) == 0)
    }
    return Datagram(
      sender: MemberID(max(1, number(&random))), recipient: MemberID(max(1, number(&random))),
      incarnation: Incarnation(max(1, number(&random, upTo: Incarnation.highest.rawValue))), body: body,
      rumours: (0..<random.draw(below: 6)).map { _ in rumour(&random) })
  }

  @Test("what was encoded is decoded as it was")
  func roundTrip() throws {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<2_000 {
      let datagram = Self.datagram(&random)
      let decoded = try Datagram.decode(datagram.encoded(cluster: Self.cluster), cluster: Self.cluster)
      #expect(decoded == datagram)
    }
  }

  @Test("a rumour of a kind that only newer nodes know takes neither the others nor the answer with it")
  func newerKind() throws {
    var random = SeededGenerator(seed: 9)
    for _ in 0..<200 {
      var datagram = Self.datagram(&random)
      let rest = Self.rumour(&random)
      let bytes = datagram.encoded(cluster: Self.cluster) + [0x20, 3, 1, 2, 3] + rest.encoded() + [0xFF, 0]
      datagram.rumours.append(rest)
      datagram.passedOver = 2
      #expect(try Datagram.decode(bytes, cluster: Self.cluster) == datagram)
      #expect(throws: DatagramError.truncated) {
        try Datagram.decode(bytes + [0x21, 1], cluster: Self.cluster)
      }
    }
  }

  @Test("a datagram that is cut short is refused, or was cut between two rumours")
  func truncated() throws {
    var random = SeededGenerator(seed: 2)
    for _ in 0..<150 {
      let datagram = Self.datagram(&random)
      let bytes = datagram.encoded(cluster: Self.cluster)
      for length in 0..<bytes.count {
        guard let decoded = try? Datagram.decode(Array(bytes[..<length]), cluster: Self.cluster) else {
          continue
        }
        #expect(decoded.rumours == Array(datagram.rumours.prefix(decoded.rumours.count)))
        #expect(decoded.rumours.count < datagram.rumours.count)
      }
    }
  }

  @Test("a flipped bit is refused or gives a datagram that encodes to exactly those bytes")
  func flipped() throws {
    var random = SeededGenerator(seed: 3)
    var accepted = 0
    var refused = 0
    for _ in 0..<60 {
      let bytes = Self.datagram(&random).encoded(cluster: Self.cluster)
      for bit in 0..<bytes.count * 8 {
        var changed = bytes
        changed[bit / 8] ^= 1 << UInt8(bit % 8)
        if let decoded = try? Datagram.decode(changed, cluster: Self.cluster) {
          accepted += 1
          #expect(decoded.encoded(cluster: Self.cluster) == changed || decoded.passedOver > 0)
        } else {
          refused += 1
        }
      }
    }
    #expect(accepted > 0)
    #expect(refused > 0)
  }

  @Test("a node survives any bytes: random ones, and random ones behind a true head")
  func anyBytes() throws {
    var random = SeededGenerator(seed: 4)
    var bench = try Bench()
    let head = Datagram(
      sender: MemberID(2), recipient: MemberID(1), incarnation: Incarnation(7), body: .gossip
    ).encoded(cluster: Bench.cluster)
    for round in 0..<20_000 {
      var bytes = round % 2 == 0 ? [] : Array(head.prefix(random.draw(below: head.count + 1)))
      for _ in 0..<random.draw(below: 80) { bytes.append(UInt8(truncatingIfNeeded: random.next())) }
      bench.node.receive(bytes, from: MemberID(2), now: bench.now)
    }
    #expect(bench.node.counters.refusedDatagrams > 10_000)
    #expect(bench.node.members.map(\.id.rawValue) == [2, 3, 4, 5])
    let sent = bench.pass(2_000)
    #expect(!sent.isEmpty)
  }

  @Test("a node survives any datagram that decodes, with the highest numbers in it")
  func anyDatagram() throws {
    var random = SeededGenerator(seed: 5)
    var bench = try Bench()
    for _ in 0..<3_000 {
      var datagram = Self.datagram(&random)
      datagram.sender = MemberID(UInt64(2 + random.draw(below: 4)))
      datagram.recipient = MemberID(1)
      for place in datagram.rumours.indices {
        let member = MemberID(UInt64(1 + random.draw(below: 5)))
        switch datagram.rumours[place] {
        case .health(var rumour):
          rumour.member = member
          datagram.rumours[place] = .health(rumour)
        case .load(var rumour):
          rumour.member = member
          if random.draw(below: 10) == 0 { rumour.stamp.sequence = .max }
          datagram.rumours[place] = .load(rumour)
        }
      }
      bench.node.receive(
        datagram.encoded(cluster: Bench.cluster), from: datagram.sender, now: bench.now)
      bench.pass(50)
    }
    #expect(bench.node.counters.refusedDatagrams == 0)
    #expect(bench.node.incarnation <= .highest)
  }

  @Test("another version, another cluster, another recipient, another sender and a stranger are refused")
  func foreign() throws {
    var bench = try Bench()
    let good = Datagram(
      sender: MemberID(2), recipient: MemberID(1), incarnation: Incarnation(7), body: .ping(1),
      rumours: [.dead(3, 9)])
    var other = good.encoded(cluster: Bench.cluster)
    other[0] = 2
    bench.node.receive(other, from: MemberID(2), now: bench.now)
    bench.node.receive(
      good.encoded(cluster: ClusterCheck(cluster: "test", group: 1)), from: MemberID(2), now: bench.now)
    bench.node.receive(good.encoded(cluster: Bench.cluster), from: MemberID(3), now: bench.now)
    var misled = good
    misled.recipient = MemberID(4)
    bench.node.receive(misled.encoded(cluster: Bench.cluster), from: MemberID(2), now: bench.now)
    var stranger = good
    stranger.sender = MemberID(9)
    bench.node.receive(stranger.encoded(cluster: Bench.cluster), from: MemberID(9), now: bench.now)
    #expect(bench.node.counters.refusedDatagrams == 5)
    #expect(bench.node.counters.unreadableDatagrams == 2)
    #expect(bench.health(3) == .alive)
    let sent = bench.sent()
    #expect(sent.isEmpty)
    bench.node.receive(good.encoded(cluster: Bench.cluster), from: MemberID(2), now: bench.now)
    #expect(bench.health(3) == .dead)
  }

  @Test("a version text is cut at a character, within its limit")
  func version() {
    let text = LoadHints(version: String(repeating: "客", count: 20)).version
    #expect(text == String(repeating: "客", count: 10))
    #expect(LoadHints(version: String(repeating: "x", count: 33)).version.utf8.count == 32)
    #expect(LoadHints(cpuPerMille: 5_000).cpuPerMille == 1_000)
  }
}
