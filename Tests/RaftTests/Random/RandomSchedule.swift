import Raft

/// A cluster under a schedule drawn from a seed: messages are lost, doubled and reordered, disks are late,
/// members crash and come back with what their disk has, links are cut, clocks run unevenly. Calm and trouble
/// take turns, for it takes both to get far enough to have something to lose.
struct RandomSchedule {
  private enum Phase: CaseIterable { case calm, split, lateDisks, lossy, restarts, mixed }

  var cluster: Cluster
  private var dice: Dice
  private var nextPayload: UInt8 = 0
  private var nextContext: UInt64 = 0
  private var phase = Phase.calm
  private var stepsLeft = 0
  /// How many of 100 steps are ticks.
  private let ticks: Int

  init(seed: UInt64) {
    var dice = Dice(seed: seed)
    let count = [3, 3, 3, 5, 2, 1][dice.below(6)]
    let checkQuorum = dice.chance(75)
    let preVote = dice.chance(60)
    let small = dice.chance(50)
    let electionTicks = 2 + dice.below(6)
    ticks = 20 + dice.below(25)
    cluster = Cluster(count, seed: seed) { configuration in
      configuration.checkQuorum = checkQuorum
      configuration.preVote = preVote
      configuration.electionTicks = electionTicks
      configuration.heartbeatTicks = 1
      if small {
        configuration.maxAppendBytes = 70
        configuration.maxInflightMessages = 2
        configuration.maxInflightBytes = 200
        configuration.maxUncommittedBytes = 600
      }
    }
    self.dice = dice
    cluster.hung = Set(cluster.ids)
  }

  mutating func run(steps: Int) {
    for _ in 0..<steps where cluster.history.violations.isEmpty {
      if stepsLeft == 0 { beginPhase() }
      stepsLeft -= 1
      act()
    }
  }

  private mutating func anyone() -> NodeID { cluster.ids[dice.below(cluster.ids.count)] }

  private mutating func beginPhase() {
    phase = dice.chance(35) ? .calm : Phase.allCases[dice.below(Phase.allCases.count)]
    stepsLeft = 20 + dice.below(100)
    if phase != .mixed { cluster.heal() }
    if phase == .calm, dice.chance(70) {
      for id in cluster.ids where cluster[id].raft == nil { cluster.start(id) }
    }
    if phase == .split {
      let side = cluster.ids.filter { _ in dice.chance(50) }
      for left in side {
        for right in cluster.ids where !side.contains(right) {
          cluster.cut.insert([left, right])
          if dice.chance(80) { cluster.cut.insert([right, left]) }
        }
      }
    }
  }

  private mutating func act() {
    let id = anyone()
    let roll = dice.below(100)
    if roll < ticks {
      _ = cluster.change(id) { raft in
        raft.clock = UInt64(dice.below(5000))
        raft.tick()
      }
    } else if roll < 68 {
      for _ in 0...dice.below(6) { deliverSome() }
    } else if roll < 82 {
      if phase == .lateDisks, dice.chance(80) { return }
      for _ in 0...dice.below(4) { cluster.persist(id) }
    } else if roll < 96 {
      work(at: id)
    } else if phase == .restarts || phase == .mixed {
      makeTrouble(for: id)
    }
  }

  private mutating func work(at id: NodeID) {
    switch dice.below(100) {
    case 0..<50: propose(id)
    case 50..<75:
      nextContext += 1
      _ = cluster.read(id, context: nextContext)
    case 75..<92: cluster.answerChunkRead(id)
    default: cluster.makeSnapshot(id, keeping: dice.below(4))
    }
  }

  private mutating func makeTrouble(for id: NodeID) {
    switch dice.below(100) {
    case 0..<60: crashOrStart(id)
    case 60..<70: cluster.disconnect(id, anyone())
    case 70..<80: cluster.heal()
    case 80..<92: _ = cluster.change(id) { $0.leaderConnectionLost() }
    default:
      let peer = anyone()
      _ = cluster.change(id) { $0.peerUnreachable(peer) }
    }
  }

  private mutating func propose(_ id: NodeID) {
    var payloads: [Payload] = []
    for _ in 0...dice.below(3) {
      nextPayload &+= 1
      payloads.append(Payload(checksum: UInt32(nextPayload), data: [nextPayload]))
    }
    _ = cluster.change(id) { $0.propose(payloads) }
  }

  /// Several messages may come in between two looks at `takeReady()`.
  private mutating func deliverSome() {
    guard !cluster.network.isEmpty else { return }
    let position = dice.chance(phase == .calm ? 95 : 60) ? 0 : dice.below(cluster.network.count)
    let message = cluster.network[position]
    if !dice.chance(phase == .calm ? 1 : 6) { cluster.network.remove(at: position) }
    if dice.chance(phase == .lossy ? 40 : phase == .calm ? 1 : 6)
      || cluster.cut.contains([message.from, message.to])
    {
      return
    }
    if dice.chance(30), let next = cluster.network.first(where: { $0.to == message.to }) {
      _ = cluster.change(message.to) { raft in
        raft.step(message)
        raft.step(next)
      }
    } else {
      cluster.deliver(message)
    }
    if cluster.network.count > 400 { cluster.network.removeFirst(200) }
  }

  private mutating func crashOrStart(_ id: NodeID) {
    if cluster[id].raft == nil {
      cluster.start(id)
    } else if dice.chance(60) {
      cluster.crash(id, finished: dice.below(cluster[id].writes.count + 1))
    }
  }

  /// All faults end: a leader must come up, and everything must become equal.
  mutating func recover() -> Bool {
    cluster.heal()
    cluster.hung = []
    for id in cluster.ids {
      if cluster[id].raft == nil { cluster.start(id) } else { cluster.absorb(id) }
    }
    for _ in 0..<40 {
      cluster.tickAll(10)
      guard let leader = cluster.leader else { continue }
      cluster.propose(leader, 255)
      nextContext += 1
      _ = cluster.read(leader, context: nextContext)
      cluster.tickAll(10)
      let machines = cluster.members.map(\.machine)
      if machines.allSatisfy({ $0 == machines[0] }), cluster.members[0].machine.index > .zero,
        cluster[leader].reads.contains(where: { $0.context == nextContext })
      {
        return true
      }
    }
    return false
  }
}
