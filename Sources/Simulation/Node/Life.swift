import Desk
import Raft

/// Starting and ending a node's process.
extension World {
  func configuration(of node: SimulatedNode) -> RaftConfiguration {
    let voters = nodes.prefix(plan.nodes).map(\.id)
    var configuration = RaftConfiguration(
      id: node.id, membership: Membership(voters: Array(voters)), seed: seed &+ UInt64(node.life) &* 7919)
    configuration.electionTicks = plan.electionTicks
    configuration.heartbeatTicks = plan.heartbeatTicks
    configuration.preVote = plan.preVote
    configuration.checkQuorum = plan.checkQuorum
    configuration.snapshotChunkBytes = plan.chunkBytes
    configuration.leaseReads = plan.leaseReads
    configuration.rejoining = node.disk.isRejoining && mistake != .emptyVoter
    configuration.mistakes = raftMistakes
    if plan.tinyLimits {
      configuration.maxAppendBytes = 200
      configuration.maxInflightMessages = 2
      configuration.maxInflightBytes = 600
      configuration.maxUncommittedBytes = 2_000
      configuration.maxRetainedBytes = 20_000
    }
    return configuration
  }

  func start(_ node: SimulatedNode) {
    guard !node.isRunning else { return }
    node.life += 1
    node.forgetProcess()
    if mistake == .voteForgotten { node.disk.forgetVote() }
    guard let restored = node.disk.open(takingDamageForTornTail: mistake == .damageTakenForTornTail) else {
      tally.faults["damage found at start", default: 0] += 1
      return rebuild(node)
    }
    node.membershipIndexes = restored.entries.filter { $0.kind == .membership }.map(\.index)
    mix(4, node.place)
    tell("start", ["node": .number(node.id.rawValue), "last": .number(node.disk.lastIndex.rawValue)])
    do {
      let raft = try RaftNode(configuration: configuration(of: node), restored: restored)
      node.raft = raft
      node.lastCommit = raft.commitIndex
      node.lastMembership = nil
      node.raft?.clock = clock(of: node)
      if plan.lowPriority, node.place % 2 == 0 { node.raft?.priority = .low }
      if let story { node.raft?.trace = story.taking(time) }
      if let stored = node.disk.snapshot {
        node.desk = try DeskState(snapshot: stored.bytes)
        node.appliedIndex = stored.meta.index
        node.appliedTime = stored.meta.time
        node.raft?.applied(to: stored.meta.index)
        if mistake == .appliedTwice { applyAgain(restored.entries, upTo: stored.meta.index, at: node) }
      }
    } catch {
      return fail("node \(node.id) does not start: \(error)")
    }
    // Numbers of earlier lives are never used again: their entries may be applied once more.
    node.lastRequest = UInt64(node.life) << 32
    node.lastContext = UInt64(node.life) << 32
    startGossip(node)
    node.nextTick = now + 1 + dice.below(node.tickLength)
    agenda.enter(.tick(node: node.place, life: node.life), at: node.nextTick)
    endTurn(node)
  }

  /// The process ends; what its disk keeps is for the disk to say.
  func crash(_ node: SimulatedNode) {
    guard node.isRunning else { return }
    mix(5, node.place)
    tell("crash", ["node": .number(node.id.rawValue)])
    keepMarks(node)
    node.disk.crash(&dice)
    node.life += 1
    node.forgetProcess()
    for peer in nodes where peer.place != node.place { resetLink(node, peer, noticed: 700) }
  }

  func freeze(_ node: SimulatedNode) {
    guard node.isUp else { return }
    tell("freeze", ["node": .number(node.id.rawValue)])
    node.isFrozen = true
    node.frozenAt = now
  }

  func thaw(_ node: SimulatedNode) {
    guard node.isFrozen else { return }
    tell("thaw", ["node": .number(node.id.rawValue)])
    node.isFrozen = false
    // A lease trusts the shell to make up for the ticks that a pause has swallowed.
    if plan.leaseReads {
      for _ in 0..<((now - node.frozenAt) / node.tickLength + 1) { node.raft?.tick() }
    }
    replayMailbox(node)
    if node.isUp { syncEndedWhileFrozen(node) }
  }

  /// The store is damaged: the node begins again with an empty one.
  private func rebuild(_ node: SimulatedNode) {
    tell("rebuild", ["node": .number(node.id.rawValue)])
    rebuilding = node.id
    node.disk.wipe()
    node.stores += 1
    node.life += 1
    start(node)
  }

  func keepMarks(_ node: SimulatedNode) {
    if let raft = node.raft { marks.formUnion(raft.marks) }
  }
}
