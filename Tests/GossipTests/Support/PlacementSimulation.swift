@testable import Gossip

/// Sessions that open and end on a cluster of gateways, each of which chooses owners with what it knows: exact counts
/// with the openings under way missing, and hints that are old. Steps of 10 ms.
struct PlacementSimulation {
  enum Strategy: String, CaseIterable {
    case random = "random"
    case roundRobin = "round robin"
    case leastLoaded = "least loaded, stale hints"
    case twoStale = "two choices, stale hints"
    case twoExact = "two choices, exact counts"
    case local = "local, else two choices"
  }

  struct Result {
    /// The fullest node's sessions by the mean: on average over time, and at worst.
    var imbalance = 0.0
    var worstImbalance = 0.0
    /// The most that one node got of the openings of one second, by the fair share.
    var herd = 0.0
    var localShare = 0.0
  }

  struct Settings {
    var nodes: Int
    var seed: UInt64 = 1
    /// Of each node; so a node has about 300 sessions.
    var openingsPerSecond = 15.0
    var meanSeconds = 20.0
    var seconds = 55
    var warmUp = 40
    /// Hints are measured every second (each node at a time of its own) and known everywhere after this.
    var hintDelay = 1_000
    /// From the choice of an owner until everybody has applied it.
    var commitDelay = 20
    /// The share of customers who are connected to node 0, above the fair one.
    var skewPerMille = 0
    /// Node 0 loses its sessions and starts again at this second.
    var restartAt: Int?
  }

  let settings: Settings
  let strategy: Strategy
  private var random: SeededGenerator
  private var draws: [SeededGenerator]
  private var owned: [Int]
  private var ledgers: [PlacementLedger]
  private var turns: [Int]
  /// Hints as they were measured, the newest last, and what everybody knows of them.
  private var measured: [[(at: Int, hints: LoadHints)]]
  private var committing: [(at: Int, gateway: Int, owner: Int)] = []
  private var ending: [[Int]]
  private var bornAt: [Int]
  /// Sessions that ended with their node must not end again.
  private var generation: [Int]

  init(_ settings: Settings, _ strategy: Strategy) {
    self.settings = settings
    self.strategy = strategy
    let count = settings.nodes
    var random = SeededGenerator(seed: settings.seed)
    draws = (0..<count).map { SeededGenerator(seed: settings.seed, stream: UInt64($0) + 1) }
    owned = Array(repeating: 0, count: count)
    ledgers = Array(repeating: PlacementLedger(), count: count)
    turns = (0..<count).map { _ in random.draw(below: count) }
    self.random = random
    measured = Array(repeating: [], count: count)
    ending = Array(repeating: [], count: settings.seconds * 100 + 1)
    bornAt = Array(repeating: -1_000_000, count: count)
    generation = Array(repeating: 0, count: count)
  }

  mutating func run() -> Result {
    let count = settings.nodes
    var result = Result()
    var samples = 0
    var opened = 0
    var local = 0
    var got = Array(repeating: 0, count: count)
    for step in 0..<settings.seconds * 100 {
      let now = step * 10
      if let second = settings.restartAt, step == second * 100 { restart(0, now) }
      settle(now)
      for coded in ending[step] where coded % 1_000 == generation[coded / 1_000] { owned[coded / 1_000] -= 1 }
      ending[step] = []
      measure(step, now)
      for gateway in arrivals() {
        let owner = choose(at: gateway, now)
        ledgers[gateway].placed(on: MemberID(UInt64(owner + 1)))
        committing.append((now + settings.commitDelay, gateway, owner))
        got[owner] += 1
        opened += 1
        if owner == gateway { local += 1 }
      }
      guard step % 100 == 99 else { continue }
      if step >= settings.warmUp * 100 {
        let mean = Double(owned.reduce(0, +)) / Double(count)
        let imbalance = Double(owned.max() ?? 0) / max(1, mean)
        result.imbalance += imbalance
        result.worstImbalance = max(result.worstImbalance, imbalance)
        let fair = Double(got.reduce(0, +)) / Double(count)
        result.herd = max(result.herd, Double(got.max() ?? 0) / max(1, fair))
        samples += 1
      }
      got = Array(repeating: 0, count: count)
    }
    result.imbalance /= Double(max(1, samples))
    result.localShare = Double(local) / Double(max(1, opened))
    return result
  }

  func sessions(of node: Int) -> Int { owned[node] }

  private mutating func restart(_ node: Int, _ now: Int) {
    owned[node] = 0
    generation[node] += 1
    bornAt[node] = now
  }

  /// What was decided `commitDelay` ago is now in everybody's state, and lives for an exponential time.
  private mutating func settle(_ now: Int) {
    while let first = committing.first, first.at <= now {
      committing.removeFirst()
      ledgers[first.gateway].settled(on: MemberID(UInt64(first.owner + 1)))
      owned[first.owner] += 1
      let uniform = (Double(random.next() >> 11) + 1) / 9_007_199_254_740_994
      let life = Int(-settings.meanSeconds * 100 * Logarithm.natural(uniform))
      let end = now / 10 + max(1, life)
      if end < ending.count { ending[end].append(first.owner * 1_000 + generation[first.owner]) }
    }
  }

  private mutating func measure(_ step: Int, _ now: Int) {
    for node in 0..<settings.nodes where (step + node * 37) % 100 == 0 {
      let hints = LoadHints(
        connections: UInt32(owned[node]), ownedSessions: UInt32(owned[node]),
        cpuPerMille: UInt16(min(1_000, owned[node] / 4)), loopLagMicroseconds: 500, ackP99Microseconds: 4_000,
        uptimeSeconds: UInt32((now - bornAt[node]) / 1_000))
      measured[node].append((now, hints))
      while measured[node].count > 1, measured[node][1].at + settings.hintDelay <= now {
        measured[node].removeFirst()
      }
    }
  }

  /// The gateways at which a session opens in this step.
  private mutating func arrivals() -> [Int] {
    let perStep = settings.openingsPerSecond / 100 * Double(settings.nodes)
    // Openings come in clumps, as customers do: Poisson, by its product of uniforms (Knuth).
    var gateways: [Int] = []
    var rest = perStep
    while true {
      rest += Logarithm.natural((Double(random.next() >> 11) + 1) / 9_007_199_254_740_994)
      guard rest > 0 else { return gateways }
      let isSkewed = random.draw(below: 1_000) < settings.skewPerMille
      gateways.append(isSkewed ? 0 : random.draw(below: settings.nodes))
    }
  }

  private mutating func choose(at gateway: Int, _ now: Int) -> Int {
    let count = settings.nodes
    switch strategy {
    case .random: return draws[gateway].draw(below: count)
    case .roundRobin:
      turns[gateway] = (turns[gateway] + 1) % count
      return turns[gateway]
    case .leastLoaded:
      return (0..<count).min { (hinted($0), $0) < (hinted($1), $1) } ?? 0
    case .twoStale:
      let first = draws[gateway].draw(below: count)
      let second = (first + 1 + draws[gateway].draw(below: count - 1)) % count
      return hinted(second) < hinted(first) ? second : first
    case .twoExact, .local:
      var rules = PlacementRules()
      if strategy == .twoExact { rules.preference = nil }
      let ledger = ledgers[gateway]
      let candidates = (0..<count).map { node -> PlacementCandidate in
        let known = measured[node].first
        let age = known.map { UInt64(now - $0.at) } ?? 0
        return PlacementCandidate(
          member: MemberID(UInt64(node + 1)), ownedSessions: owned[node],
          unsettled: ledger.unsettled(on: MemberID(UInt64(node + 1))), hints: known?.hints, hintAge: age,
          upFor: UInt64(now - bornAt[node]))
      }
      let choice = Placement.choose(
        among: candidates, local: MemberID(UInt64(gateway + 1)), rules: rules, generator: &draws[gateway])
      return choice.map { Int($0.owner.rawValue) - 1 } ?? gateway
    }
  }

  private func hinted(_ node: Int) -> UInt32 { measured[node].first?.hints.ownedSessions ?? 0 }
}
