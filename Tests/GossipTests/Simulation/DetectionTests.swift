import Gossip
import Testing

@Suite("Failure detection over a network that loses, delays and doubles")
struct DetectionTests {
  @Test("a dead node is declared dead by everyone, within the longest suspicion", arguments: [3, 5, 16])
  func completeness(count: Int) throws {
    for seed in UInt64(1)...3 {
      var cluster = SimulatedCluster(count, seed: seed)
      cluster.lossPerMille = 50
      cluster.doublePerMille = 50
      try cluster.startAll()
      cluster.run(for: 5_000)
      cluster.crash(0)
      // Everybody probes it within two rounds; then a suspicion lasts at most 6 * 5 * log10(n) periods.
      let limit = UInt64(2 * count) * 500 + 30 * 500 * 2
      let took = cluster.run(until: limit) { cluster in
        cluster.running.allSatisfy { cluster.health(of: 0, at: $0) == .dead }
      }
      #expect(took != nil, "seed \(seed)")
      #expect(cluster.deaths(of: 1..<count).isEmpty, "seed \(seed)")
    }
  }

  @Test("several nodes that die at once are all found, and no other one")
  func manyAtOnce() throws {
    var cluster = SimulatedCluster(12, seed: 4)
    try cluster.startAll()
    cluster.run(for: 5_000)
    for index in 0..<5 { cluster.crash(index) }
    let took = cluster.run(until: 60_000) { cluster in
      cluster.running.allSatisfy { observer in
        (0..<5).allSatisfy { cluster.health(of: $0, at: observer) == .dead }
      }
    }
    #expect(took != nil)
    #expect(cluster.deaths(of: 5..<12).isEmpty)
  }

  @Test("no healthy node is declared dead while a fifth of all datagrams is lost", arguments: [3, 8, 20])
  func accuracy(count: Int) throws {
    for seed in UInt64(10)...12 {
      var cluster = SimulatedCluster(count, seed: seed)
      cluster.lossPerMille = 200
      cluster.doublePerMille = 50
      cluster.delay = 1...60
      try cluster.startAll()
      cluster.run(for: 120_000)
      #expect(cluster.deaths(of: 0..<count).isEmpty, "seed \(seed): \(cluster.deaths(of: 0..<count))")
      let suspicions = cluster.events.count { $0.change.to == .suspect }
      #expect(suspicions > 0 || count == 3, "a network that loses nothing proves nothing")
    }
  }

  @Test("a link that is cut in one direction costs nobody a life: others ask on one's behalf")
  func oneWay() throws {
    var cluster = SimulatedCluster(5, seed: 20)
    try cluster.startAll()
    cluster.run(for: 3_000)
    cluster.cut(0, 1)
    cluster.cut(2, 0)
    cluster.run(for: 60_000)
    #expect(cluster.deaths(of: 0..<5).isEmpty)
  }

  @Test("a node that hears nobody is declared dead, and takes no one with it")
  func deaf() throws {
    var cluster = SimulatedCluster(5, seed: 21)
    try cluster.startAll()
    cluster.run(for: 3_000)
    for other in 1..<5 { cluster.cut(other, 0) }
    cluster.run(for: 60_000)
    for observer in 1..<5 {
      #expect(cluster.health(of: 0, at: observer) == .dead)
      for other in 1..<5 where other != observer {
        #expect(cluster.health(of: other, at: observer) == .alive)
      }
    }
    cluster.heal()
    let took = cluster.run(until: 30_000) { $0.everybodyIsAlive }
    #expect(took != nil)
  }

  @Test("two sides of a partition find each other again when it heals")
  func partition() throws {
    var cluster = SimulatedCluster(6, seed: 22)
    try cluster.startAll()
    cluster.run(for: 3_000)
    for left in 0..<3 {
      for right in 3..<6 {
        cluster.cut(left, right)
        cluster.cut(right, left)
      }
    }
    let split = cluster.run(until: 60_000) { cluster in
      cluster.health(of: 0, at: 5) == .dead && cluster.health(of: 5, at: 0) == .dead
    }
    #expect(split != nil)
    cluster.run(for: 30_000)
    cluster.heal()
    let healed = cluster.now
    let took = cluster.run(until: 30_000) { $0.everybodyIsAlive }
    #expect(took != nil)
    // What each side still believed of the other must not spread as news.
    cluster.run(for: 30_000)
    #expect(cluster.deaths(of: 0..<6, since: healed).isEmpty)
  }

  @Test("a node that starts again is alive for everyone, though its clock gave it an old incarnation")
  func restart() throws {
    for incarnation: UInt64? in [nil, 1, 1_000_000] {
      var cluster = SimulatedCluster(5, seed: 23)
      try cluster.startAll()
      for index in 0..<5 {
        cluster.with(index) { $0.updateHints(LoadHints(connections: 7, version: "old"), now: $1) }
      }
      cluster.run(for: 5_000)
      cluster.crash(2)
      let died = cluster.run(until: 60_000) { cluster in
        cluster.running.allSatisfy { cluster.health(of: 2, at: $0) == .dead }
      }
      #expect(died != nil)
      try cluster.start(2, incarnation: incarnation)
      cluster.with(2) { $0.updateHints(LoadHints(connections: 1, version: "new"), now: $1) }
      let back = cluster.run(until: 20_000) { cluster in
        cluster.everybodyIsAlive
          && cluster.ids.indices.allSatisfy {
            $0 == 2 || cluster.node($0)?.status(of: cluster.ids[2])?.hints?.hints.version == "new"
          }
      }
      #expect(back != nil, "first incarnation \(String(describing: incarnation))")
    }
  }

  @Test("equal seeds give equal runs, other seeds give others")
  func determinism() throws {
    func run(_ seed: UInt64) throws -> (UInt64, [SimulatedCluster.Event]) {
      var cluster = SimulatedCluster(7, seed: seed)
      cluster.lossPerMille = 150
      cluster.doublePerMille = 100
      cluster.delay = 1...80
      try cluster.startAll()
      cluster.run(for: 5_000)
      cluster.crash(3)
      cluster.run(for: 12_000)
      try cluster.start(3)
      cluster.cut(1, 2)
      cluster.run(for: 8_000)
      return (cluster.fingerprint, cluster.events)
    }
    let first = try run(31)
    let second = try run(31)
    let third = try run(32)
    #expect(first.0 == second.0)
    #expect(first.1 == second.1)
    #expect(first.0 != third.0)
  }
}

extension SimulatedCluster {
  var everybodyIsAlive: Bool {
    running.allSatisfy { observer in
      running.allSatisfy { $0 == observer || health(of: $0, at: observer) == .alive }
    }
  }
}
