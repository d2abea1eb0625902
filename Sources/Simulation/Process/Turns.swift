import Desk
import Kernel
import Node
import Protocol
import Raft

/// Driving a node: what happens goes in, and what it says is carried out on the simulated network, disk and clients.
extension World {
  func time(of node: SimulatedNode) -> NodeTime {
    NodeTime(
      now: Instant(nanoseconds: UInt64(max(0, steadyTime(of: node))) * 1_000), timeOfDay: clock(of: node))
  }

  /// Something comes in at a node; the turn ends at once, or a little later with what comes in until then.
  func give(_ input: NodeInput, to node: SimulatedNode) {
    guard node.isUp else { return }
    node.process?.node.take(input, at: time(of: node))
    comeToAnEnd(node)
  }

  /// As `give`, for what operators do.
  func change(_ node: SimulatedNode, _ body: (inout Node) -> Void) {
    guard node.isUp, takeOut(of: node, body) != nil else { return }
    comeToAnEnd(node)
  }

  func comeToAnEnd(_ node: SimulatedNode) {
    if node.turnIsDue { return }
    if dice.chance(permille: 150) {
      node.turnIsDue = true
      schedule(.turn(node: node.place, life: node.life), in: dice.below(300))
    } else {
      endTurn(node)
    }
  }

  func endTurn(_ node: SimulatedNode) {
    node.turnIsDue = false
    // The checks look at the node from within its turn: nobody else may.
    let time = time(of: node)
    var hasBegun = false
    if node.isUp, let early = takeOut(of: node, { $0.beginTurnEnd(at: time) }) ?? nil {
      guard checks.violations.isEmpty else { return }
      if mistake == .halvesSwapped { return endSwapped(node, early, at: time) }
      carryOut(early, of: node)
      if endsBetweenHalves(node, early) { return }
      hasBegun = true
    }
    guard node.isUp, var output = takeOut(of: node, { $0.endTurn(at: time) }) else { return }
    guard checks.violations.isEmpty else { return }
    if mistake == .secondHalfUntold, hasBegun { output.deliveries = [] }
    carryOut(output, of: node)
    if puttingBack == nil { nemesis.ambush(node, in: self) }
  }

  /// The mistake `halvesSwapped`.
  private func endSwapped(_ node: SimulatedNode, _ early: NodeOutput, at time: NodeTime) {
    guard let output = takeOut(of: node, { $0.endTurn(at: time) }), checks.violations.isEmpty else { return }
    carryOut(output, of: node)
    if node.isUp, !endsBetweenHalves(node, early) { carryOut(early, of: node) }
  }

  /// Now and then the process ends when the first half is carried out and the second is not worked out yet: most often where
  /// the first half marks the disk.
  private func endsBetweenHalves(_ node: SimulatedNode, _ early: NodeOutput) -> Bool {
    guard plan.endsBetweenHalves, !isCalm, puttingBack == nil, node.isUp,
      halfDice.chance(permille: early.marksDisk ? 500 : 2)
    else { return false }
    tally.faults["crash between the halves of a turn's end", default: 0] += 1
    crash(node)
    let time = 500 + halfDice.below(halfDice.chance(permille: 300) ? 1 : 12 * plan.electionTime)
    schedule(.repair(.restart(node: node.place, life: node.life)), in: time)
    return true
  }

  private func takeOut<Result>(of node: SimulatedNode, _ body: (inout Node) -> Result) -> Result? {
    guard let process = node.process else { return nil }
    node.process = nil
    defer { node.process = process }
    return body(&process.node)
  }

  private func carryOut(_ output: NodeOutput, of node: SimulatedNode) {
    if output.marksDisk { node.disk.isMarked = true }
    for write in output.writes { submit(write, at: node) }
    for frame in output.frames { ship(frame.content, from: node, to: frame.to) }
    for read in output.chunkReads {
      schedule(.chunkRead(node: node.place, life: node.life, read), in: 20 + dice.below(plan.syncTime))
    }
    if !node.isAstray { deliver(output.deliveries, from: node) }
    if let job = output.snapshot { write(job, at: node) }
    if let meta = output.load {
      schedule(.snapshotLoaded(node: node.place, life: node.life, meta), in: 50 + dice.below(plan.syncTime))
    }
    if let batch = output.archive { archive(.batch(batch), at: node) }
    if let page = output.archivePage { archive(.page(page), at: node) }
    for read in output.archivePageReads {
      schedule(.archiveReads(node: node.place, life: node.life, read), in: 50 + archiveDice.below(2_000))
    }
    for question in output.archiveQuestions {
      let answer = question.answer(from: node.archive)
      if case .success(.history(_, let page)) = answer, !page.messages.isEmpty { tally.archiveReads += 1 }
      node.process?.node.take(.archiveAnswered(number: question.number, answer), at: time(of: node))
    }
    if let index = output.compactTo { node.disk.compact(to: index) }
    if let peers = output.peers { connect(node, to: peers) }
    if output.endsRejoining {
      node.disk.isMarked = false
      node.mayGoAstray = false
      if rebuilding == node.id { rebuilding = nil }
      tell("rejoined", ["node": .number(node.id.rawValue)])
    }
    if output.hasMore {
      node.turnIsDue = true
      schedule(.turn(node: node.place, life: node.life), in: 10)
    }
    switch output.failure {
    case nil: break
    case .removed: leftGroup(node)
    case .unreadableEntry(let index, let reason): fail("node \(node.id) cannot read entry \(index): \(reason)")
    case .newerLevel(let reason): fail("node \(node.id) cannot follow its cluster: \(reason)")
    case .oldCopy(let reason): endedAsOldCopy(node, reason)
    case .differs(let reason): fail("node \(node.id) ends, for \(reason)")
    case .snapshot(let reason): fail("node \(node.id) cannot use a snapshot: \(reason)")
    }
  }

  // MARK: Snapshots

  private func write(_ job: SnapshotJob, at node: SimulatedNode) {
    let state = mistake == .snapshotIndexTooHigh ? node.deskBefore : job.state
    let bytes = state.encodedSnapshot()
    if !node.isAstray { checks.compare(bytes, at: job.index, by: node) }
    if job.state.level >= .sixth, job.index > node.archive.durable {
      fail(
        "node \(node.id) makes a snapshot of \(job.index), and its archive has what was up to \(node.archive.durable)"
      )
    }
    let membership =
      mistake == .snapshotMembershipTooNew ? node.raft?.membership ?? job.membership : job.membership
    let meta = SnapshotMeta(
      index: job.index, term: job.term, time: job.time, membership: membership, size: UInt64(bytes.count),
      checksum: CRC32C.checksum(bytes))
    if !node.isAstray { checks.sawSnapshot(meta, by: node, in: self) }
    tally.snapshotsMade += 1
    tell("snapshot", ["node": .number(node.id.rawValue), "index": .number(job.index.rawValue)])
    schedule(
      .snapshotWritten(node: node.place, life: node.life, OwnSnapshot(meta: meta, bytes: bytes)),
      in: 50 + dice.below(plan.syncTime * 4))
  }

  func snapshotWritten(_ node: SimulatedNode, _ own: OwnSnapshot) {
    mix(7, node.place)
    // A received one may have overtaken it.
    guard own.meta.index > node.disk.snapshot?.meta.index ?? .zero else {
      return give(.snapshotFailed("a newer one has come"), to: node)
    }
    node.disk.take(own)
    give(.snapshotWritten(own.meta), to: node)
  }

  func snapshotLoaded(_ node: SimulatedNode, _ meta: SnapshotMeta) {
    // A newer one may have taken its place on the disk.
    guard let stored = node.disk.snapshot, stored.meta == meta else {
      if node.process?.node.isLoading(meta) == true, node.disk.snapshot?.meta.index ?? .zero < meta.index {
        fail("node \(node.id) is to install a snapshot that is not on its disk")
      }
      return
    }
    if mistake == .snapshotNotInstalled { return give(.snapshotLoaded(meta, node.state), to: node) }
    do {
      give(.snapshotLoaded(meta, try ReplicatedState(snapshot: stored.bytes)), to: node)
    } catch {
      fail("node \(node.id) cannot read the snapshot of \(meta.index): \(error)")
    }
  }
}
