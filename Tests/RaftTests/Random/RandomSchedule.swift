import Raft

/// A cluster under a schedule drawn from a seed: messages are lost, doubled and reordered, disks are late,
/// members crash and come back with what their disk has, or with an emptied one, links are cut, clocks run
/// unevenly, members come and go, and leadership is handed over. Calm and trouble take turns, for it takes both to
/// get far enough to have something to lose.
struct RandomSchedule {
  private enum Phase: CaseIterable { case calm, split, lateDisks, lossy, restarts, mixed }

  var cluster: Cluster
  private var dice: Dice
  private var nextPayload: UInt8 = 0
  private var nextContext: UInt64 = 0
  private var phase = Phase.calm
  private var stepsLeft = 0
  /// A member whose clock hardly moves: a leader that was cut off takes itself for one for longer.
  private var sluggish: NodeID?
  /// How many of 100 steps are ticks.
  private let ticks: Int
  /// Whether leaders answer by leases. Those trust that clocks run alike, so here all tick together.
  private let isLeased: Bool
  /// Whether the group changes.
  private let isChanging: Bool
  private(set) var changes = 0
  private(set) var wipes = 0

  init(seed: UInt64) {
    var dice = Dice(seed: seed)
    let count = [3, 3, 3, 5, 2, 1][dice.below(6)]
    let checkQuorum = dice.chance(75)
    let preVote = dice.chance(60)
    let small = dice.chance(50)
    let electionTicks = 2 + dice.below(6)
    ticks = 20 + dice.below(25)
    isChanging = seed % 2 == 1
    let isLeased = checkQuorum && dice.chance(25)
    self.isLeased = isLeased
    cluster = Cluster(count, seed: seed) { configuration in
      configuration.checkQuorum = checkQuorum
      configuration.preVote = preVote
      configuration.leaseReads = isLeased
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
    if isChanging { for _ in 0..<2 { cluster.addProcess() } }
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
    sluggish = nil
    if phase == .split {
      stepsLeft += dice.below(250)
      if dice.chance(60) { sluggish = cluster.leader }
      let leader = dice.chance(40) ? cluster.leader : nil
      let side = leader.map { [$0] } ?? cluster.ids.filter { _ in dice.chance(50) }
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
      for ticking in isLeased ? cluster.ids : [id] where isLeased || ticking != sluggish || dice.chance(10) {
        _ = cluster.change(ticking) { raft in
          raft.clock = UInt64(dice.below(5000))
          raft.tick()
        }
      }
    } else if roll < 68 {
      for _ in 0...dice.below(6) { deliverSome() }
    } else if roll < 82 {
      if phase == .lateDisks, dice.chance(80) { return }
      for _ in 0...dice.below(4) { cluster.persist(id) }
    } else if roll < 96 {
      // Two that lead at once, one of them in vain, are what matters about a split.
      let leaders = phase == .split ? cluster.ids.filter { cluster[$0].raft?.role == .leader } : []
      work(at: leaders.isEmpty || dice.chance(40) ? id : leaders[dice.below(leaders.count)])
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
    case 75..<83: cluster.answerChunkRead(id)
    case 83..<88: cluster.makeSnapshot(id, keeping: dice.below(4))
    default: if isChanging { changeGroup() }
    }
  }

  private mutating func makeTrouble(for id: NodeID) {
    switch dice.below(100) {
    case 0..<48: crashOrStart(id)
    case 48..<60: if isChanging { wipe(id) }
    case 60..<70: cluster.disconnect(id, anyone())
    case 70..<80: cluster.heal()
    case 80..<92: _ = cluster.change(id) { $0.leaderConnectionLost() }
    default:
      let peer = anyone()
      _ = cluster.change(id) { $0.peerUnreachable(peer) }
    }
  }

  private mutating func changeGroup() {
    guard let leader = cluster.leader else { return }
    if dice.chance(15) {
      let target = dice.chance(50) ? nil : anyone()
      _ = cluster.change(leader) { $0.transferLeadership(to: target) }
      return
    }
    if dice.chance(10) {
      let id = anyone()
      let priority = dice.chance(50) ? CampaignPriority.low : .normal
      _ = cluster.change(id) { $0.priority = priority }
      return
    }
    var change = MembershipChange()
    for _ in 0...dice.below(3) {
      let id = anyone()
      switch dice.below(10) {
      case 0..<5: change.add.append(id)
      case 5..<8: change.remove.append(id)
      case 8: change.addLearners.append(id)
      default: change.demote.append(id)
      }
    }
    // The group stays large enough to have something to lose, and to take back a member with an emptied disk: while one
    // waits for that, a change may leave a half without a majority.
    guard cluster.members.allSatisfy({ !$0.configuration.rejoining }),
      let membership = cluster[leader].raft?.membership,
      membership.voters.count(where: { !change.remove.contains($0) && !change.demote.contains($0) }) >= 2
    else { return }
    if case .appended = cluster.change(leader, { $0.changeMembership(change) }) { changes += 1 }
  }

  /// A member's disk is lost. One at a time, and only where the others can do without it: two at once may lose what
  /// was acknowledged, and no algorithm could help that.
  private mutating func wipe(_ id: NodeID) {
    guard let leader = cluster.leader, leader != id, let raft = cluster[leader].raft,
      cluster.members.allSatisfy({ !$0.configuration.rejoining }), !raft.membership.isJoint,
      raft.membership.joining.isEmpty, raft.membership.voters.count >= 3,
      raft.membershipIndex <= raft.commitIndex,
      cluster.members.allSatisfy({ $0.raft.map { $0.membershipIndex == raft.membershipIndex } ?? true })
    else { return }
    if cluster[id].raft != nil { cluster.crash(id) }
    cluster.wipe(id)
    cluster[id].configuration.rejoining = true
    wipes += 1
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
      _ = cluster.change(id) { $0.priority = .normal }
    }
    for _ in 0..<40 {
      cluster.tickAll(10)
      guard let leader = cluster.leader else { continue }
      cluster.propose(leader, 255)
      nextContext += 1
      _ = cluster.read(leader, context: nextContext)
      cluster.tickAll(10)
      let group = cluster[leader].raft?.membership.members ?? []
      let machines = group.map { cluster[$0].machine }
      if machines.allSatisfy({ $0 == machines[0] }), machines.first?.index ?? .zero > .zero,
        group.allSatisfy({ !cluster[$0].configuration.rejoining }),
        cluster[leader].reads.contains(where: { $0.context == nextContext })
      {
        return true
      }
    }
    return false
  }
}
