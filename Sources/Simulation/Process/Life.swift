import Desk
import Node
import Raft

/// Starting and ending a node's process.
extension World {
  func start(_ node: SimulatedNode) {
    guard !node.isRunning else { return }
    if node.life > 0 || node.place >= plan.nodes { node.isUpgraded = true }
    node.life += 1
    node.forgetProcess()
    if mistake == .voteForgotten { node.disk.forgetVote() }
    guard let restored = node.disk.open(takingDamageForTornTail: mistake == .damageTakenForTornTail) else {
      tally.faults["damage found at start", default: 0] += 1
      return rebuild(node)
    }
    let findings = node.disk.findings(restored)
    let decision: StartDecision
    do throws(StartFailure) {
      decision = try StartDecision(findings, file: fileOfStart(of: node), mistakes: nodeMistakes)
    } catch { return refused(node, findings, error) }
    node.disk.record = decision.record
    if decision.mustBeMarked { node.disk.isMarked = true }
    node.membershipIndexes = restored.entries.filter { $0.kind == .membership }.map(\.index)
    mix(4, node.place)
    tell("start", ["node": .number(node.id.rawValue), "last": .number(node.disk.lastIndex.rawValue)])
    do {
      var state = ReplicatedState()
      if let stored = node.disk.snapshot {
        state = try ReplicatedState(snapshot: stored.bytes)
        node.appliedIndex = stored.meta.index
      }
      var restored = decision.restored(findings, state: state)
      restored.archived = node.archive.durable
      (restored.archiveNeedsWhole, restored.archiveGaps) = (node.archive.needsWhole, node.archive.gaps)
      var own = try Node(configuration: configuration(of: node), restored: restored, at: time(of: node))
      node.lastCommit = own.raft.commitIndex
      node.lastMembership = nil
      if plan.lowPriority, node.place % 2 == 0 { own.prefers(toLead: false) }
      if let story { own.trace = story.taking(time) }
      node.begin(own, NodeWatch(self, node))
    } catch {
      return fail("node \(node.id) does not start: \(error)")
    }
    looksAtFile(of: node)
    startGossip(node)
    node.nextTick = now + 1 + dice.below(node.tickLength)
    enter(.tick(node: node.place, life: node.life), at: node.nextTick)
    node.process?.node.take(.sinks(1), at: time(of: node))
    tellRoom(node)
    endTurn(node)
  }

  /// The process ends; what its disk keeps is for the disk to say.
  func crash(_ node: SimulatedNode) {
    guard node.isRunning else { return }
    mix(5, node.place)
    tell("crash", ["node": .number(node.id.rawValue)])
    keepMarks(node)
    node.disk.crash(&dice)
    node.archive.crash()
    node.life += 1
    node.forgetProcess()
    endConnections(to: node)
    for peer in nodes where peer.place != node.place { resetLink(node, peer) }
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
    tellRoom(node)
    replayMailbox(node)
    guard node.isUp else { return }
    reportDurable(node)
    // The end of a turn that was due then may be among what the mailbox could not hold.
    endTurn(node)
  }

  /// The store is damaged: the node begins again with an empty one.
  private func rebuild(_ node: SimulatedNode) {
    tell("rebuild", ["node": .number(node.id.rawValue)])
    rebuilding = node.id
    wipe(node, marked: true)
    node.life += 1
    start(node)
  }

  func keepMarks(_ node: SimulatedNode) {
    if let raft = node.raft { marks.formUnion(raft.marks) }
  }
}
