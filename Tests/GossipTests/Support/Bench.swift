@testable import Gossip

/// One node under test; the datagrams of the others are made by hand.
struct Bench {
  static let cluster = ClusterCheck(cluster: "test")
  var node: GossipNode
  var now: UInt64 = 1_000
  private(set) var changes: [HealthChange] = []
  private(set) var hintNews: [MemberID] = []

  /// Node 1 of `count`, its incarnation is 100.
  init(_ count: UInt64 = 5, _ change: (inout GossipConfiguration) -> Void = { _ in }) throws {
    var configuration = GossipConfiguration(
      id: MemberID(1), cluster: Self.cluster, seed: 9, incarnation: Incarnation(100))
    change(&configuration)
    node = try GossipNode(configuration: configuration)
    node.setMembers((1...count).map { MemberID($0) }, now: now)
  }

  /// What the node has sent since it was last asked.
  mutating func sent() -> [(to: UInt64, datagram: Datagram)] {
    var sent: [(to: UInt64, datagram: Datagram)] = []
    for directive in node.takeDirectives() {
      switch directive {
      case .send(let bytes, let recipient):
        if let datagram = try? Datagram.decode(bytes, cluster: Self.cluster) {
          sent.append((recipient.rawValue, datagram))
        }
      case .healthChanged(let change): changes.append(change)
      case .hintsChanged(let member): hintNews.append(member)
      }
    }
    return sent
  }

  /// Ticks every 50 ms; gives what was sent.
  @discardableResult
  mutating func pass(_ milliseconds: UInt64) -> [(to: UInt64, datagram: Datagram)] {
    var all: [(to: UInt64, datagram: Datagram)] = []
    for _ in 0..<milliseconds / 50 {
      now += 50
      node.tick(now: now)
      all += sent()
    }
    return all
  }

  mutating func receive(
    from sender: UInt64, incarnation: UInt64 = 50, _ body: Datagram.Body = .gossip, _ rumours: [Rumour] = []
  ) {
    let datagram = Datagram(
      sender: MemberID(sender), recipient: MemberID(1), incarnation: Incarnation(incarnation), body: body,
      rumours: rumours)
    node.receive(datagram.encoded(cluster: Self.cluster), from: MemberID(sender), now: now)
  }

  /// The node's next ping of a probe, with everybody else silent until then.
  mutating func nextPing() throws -> (target: UInt64, number: UInt64) {
    for _ in 0..<200 {
      for (target, datagram) in pass(50) {
        if case .ping(let number) = datagram.body { return (target, number) }
      }
    }
    throw NoPing()
  }

  struct NoPing: Error {}

  func health(_ member: UInt64) -> Health? { node.status(of: MemberID(member))?.health }
  func incarnation(_ member: UInt64) -> UInt64? { node.status(of: MemberID(member))?.incarnation.rawValue }
}

extension Rumour {
  static func alive(_ member: UInt64, _ incarnation: UInt64) -> Rumour {
    .health(HealthRumour(member: MemberID(member), health: .alive, incarnation: Incarnation(incarnation)))
  }
  static func suspect(_ member: UInt64, _ incarnation: UInt64, by accuser: UInt64) -> Rumour {
    .health(
      HealthRumour(
        member: MemberID(member), health: .suspect, incarnation: Incarnation(incarnation),
        accuser: MemberID(accuser)))
  }
  static func dead(_ member: UInt64, _ incarnation: UInt64) -> Rumour {
    .health(HealthRumour(member: MemberID(member), health: .dead, incarnation: Incarnation(incarnation)))
  }
  static func left(_ member: UInt64, _ incarnation: UInt64) -> Rumour {
    .health(HealthRumour(member: MemberID(member), health: .left, incarnation: Incarnation(incarnation)))
  }
  static func load(
    _ member: UInt64, _ incarnation: UInt64, _ sequence: UInt64, age: UInt64 = 0, _ hints: LoadHints
  ) -> Rumour {
    .load(
      LoadRumour(
        member: MemberID(member),
        stamp: HintStamp(incarnation: Incarnation(incarnation), sequence: sequence), age: age, hints: hints))
  }
}

extension Datagram {
  func says(_ rumour: Rumour) -> Bool { rumours.contains(rumour) }
  var isGossip: Bool { body == .gossip }
}
