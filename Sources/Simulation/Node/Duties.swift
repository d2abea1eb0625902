import Desk
internal import Kernel
import NIOCore
import Raft
import Storage
import Wire

/// Carrying out what a `Ready` says, in the order that it demands; as `Replica` does.
extension World {
  func endTurn(_ node: SimulatedNode) {
    node.turnIsDue = false
    guard node.isUp else { return }
    startReads(node)
    var rounds = 0
    while node.isUp {
      proposeGathered(node)
      guard let ready = node.raft?.takeReady() else { return }
      checks.sawState(&node.raft!, of: node, in: self)
      if ready.isEmpty { break }
      carryOut(ready, at: node)
      rounds += 1
      if rounds > 1_000 { return fail("node \(node.id) never comes to rest") }
      if !checks.violations.isEmpty { return }
    }
    sendForwards(node)
  }

  private func carryOut(_ ready: Ready, at node: SimulatedNode) {
    let life = node.life
    if let status = ready.status { statusChanged(status, at: node) }
    if !ready.messages.isEmpty { send(ready.messages, from: node) }
    if let write = ready.write { submit(write, at: node) }
    if ready.rejoined {
      node.disk.isRejoining = false
      if rebuilding == node.id { rebuilding = nil }
      tell("rejoined", ["node": .number(node.id.rawValue)])
    }
    if let meta = ready.installed { install(meta, at: node) }
    if !ready.committed.isEmpty { apply(ready.committed, at: node) }
    for read in ready.reads { confirm(read, at: node) }
    runReads(node)
    for read in ready.chunkReads {
      schedule(.chunkRead(node: node.place, life: life, read), in: 20 + dice.below(plan.syncTime))
    }
    nemesis.ambush(node, ready, in: self)
  }

  private func statusChanged(_ status: SoftState, at node: SimulatedNode) {
    tell(
      "status",
      [
        "node": .number(node.id.rawValue), "role": .text(status.role.rawValue),
        "term": .number(status.term.rawValue), "leader": .number(status.leader?.rawValue ?? 0),
      ])
    if status.leader != nil {
      announce(node)
      repeatOwn(node, after: 0)
      retry(node) { _ in true }
    }
  }

  // MARK: The disk

  private func submit(_ write: Write, at node: SimulatedNode) {
    checks.sawWrite(write, by: node)
    var kept = write
    if mistake == .messagesBeforeSync {
      send(write.messages, from: node)
      kept.messages = []
    }
    node.writesUnderWay.append((write.number, kept.messages))
    node.disk.submit(write)
    if mistake == .ownAckBeforeSync { node.raft?.persisted(write.number) }
    beginSync(node)
  }

  func beginSync(_ node: SimulatedNode) {
    guard node.disk.beginGroup() else { return }
    let time = plan.syncTime / 2 + dice.below(plan.syncTime + 1)
    schedule(
      .syncEnds(node: node.place, life: node.life), in: (isCalm ? min(time, 2_000) : time) * node.disk.slowness)
  }

  /// The disk works on while the process is frozen; the word of it waits.
  func syncEnded(_ node: SimulatedNode) {
    mix(6, node.place)
    let refused = damagedOnArrival(at: node)
    node.refusedNumbers.formUnion(refused)
    let done = node.disk.endGroup(lying: mistake == .lyingSync, refused: refused)
    for text in node.disk.complaints { return fail("the disk of node \(node.id): \(text)") }
    for write in done { checks.sawDurable(write, by: node, in: self) }
    beginSync(node)
    guard let last = done.last?.number else { return }
    node.durableNumber = last
    if !node.isFrozen { reportDurable(node) }
  }

  /// Snapshots that were damaged on their way, as the disk finds out before it lets them take the log's place.
  private func damagedOnArrival(at node: SimulatedNode) -> Set<UInt64> {
    // With these the node has been told already, or the disk has not looked.
    if mistake == .ownAckBeforeSync || mistake == .lyingSync || isCalm { return [] }
    let damaged = node.disk.snapshotsInGroup.filter { _ in arrivals.chance(permille: plan.damagedArrivals) }
    for number in damaged {
      tally.snapshotsRefused += 1
      tell("refused", ["node": .number(node.id.rawValue), "write": .number(number)])
    }
    return Set(damaged)
  }

  func syncEndedWhileFrozen(_ node: SimulatedNode) {
    reportDurable(node)
    endTurn(node)
  }

  private func reportDurable(_ node: SimulatedNode) {
    var messages: [Raft.Message] = []
    var ended = 0
    for write in node.writesUnderWay {
      guard write.number <= node.durableNumber else { break }
      ended += 1
      if node.refusedNumbers.remove(write.number) != nil, mistake != .refusedSnapshotCounts {
        node.raft?.snapshotRefused(write.number)
        continue
      }
      if mistake != .ownAckBeforeSync { node.raft?.persisted(write.number) }
      messages += write.messages
    }
    guard ended > 0 else { return }
    node.writesUnderWay.removeFirst(ended)
    if node.raft != nil { checks.sawPersisted(&node.raft!, of: node) }
    if !messages.isEmpty { send(messages, from: node) }
    comeToAnEnd(node)
  }

  // MARK: Snapshots

  /// A state machine's state becomes a snapshot, if all of it is on the node's own disk.
  func makeSnapshot(_ node: SimulatedNode, tail: Int) {
    guard node.isUp, !node.snapshotUnderWay, let raft = node.raft, node.appliedIndex <= raft.durableIndex,
      node.appliedIndex > raft.snapshot?.index ?? .zero, let term = raft.term(at: node.appliedIndex)
    else { return }
    node.snapshotUnderWay = true
    node.entriesSinceSnapshot = 0
    let state = mistake == .snapshotIndexTooHigh ? node.deskBefore : node.desk
    let bytes = state.encodedSnapshot()
    let index = node.appliedIndex
    checks.compare(bytes, at: index, by: node)
    let meta = SnapshotMeta(
      index: index, term: term, time: node.appliedTime, membership: membershipForSnapshot(raft, at: index),
      size: UInt64(bytes.count), checksum: CRC32C.checksum(bytes))
    checks.sawSnapshot(meta, by: node, in: self)
    tally.snapshotsMade += 1
    tell("snapshot", ["node": .number(node.id.rawValue), "index": .number(index.rawValue)])
    schedule(
      .snapshotWritten(
        node: node.place, life: node.life, OwnSnapshot(meta: meta, bytes: bytes, tail: tail)),
      in: 50 + dice.below(plan.syncTime * 4))
  }

  private func membershipForSnapshot(_ raft: RaftNode, at index: LogIndex) -> Membership {
    mistake == .snapshotMembershipTooNew ? raft.membership : raft.membership(at: index)
  }

  func snapshotWritten(_ node: SimulatedNode, _ own: OwnSnapshot) {
    mix(7, node.place)
    node.snapshotUnderWay = false
    // A received one may have overtaken it.
    guard own.meta.index > node.disk.snapshot?.meta.index ?? .zero,
      own.meta.index > node.raft?.snapshot?.index ?? .zero
    else { return }
    node.disk.take(own)
    change(node) { $0.compact(to: own.meta, keeping: own.tail) }
  }

  private func install(_ meta: SnapshotMeta, at node: SimulatedNode) {
    tally.snapshotsInstalled += 1
    tell("install", ["node": .number(node.id.rawValue), "index": .number(meta.index.rawValue)])
    guard let stored = node.disk.snapshot, stored.meta == meta else {
      return fail("node \(node.id) is to install a snapshot that is not on its disk")
    }
    if mistake != .snapshotNotInstalled {
      do { node.desk = try DeskState(snapshot: stored.bytes) } catch {
        return fail("node \(node.id) cannot read the snapshot of \(meta.index): \(error)")
      }
    }
    checks.sawInstalled(meta, stored.bytes, by: node, in: self)
    node.appliedIndex = meta.index
    node.appliedTime = meta.time
    node.entriesSinceSnapshot = 0
    node.raft?.applied(to: meta.index)
    restorePresences(node)
    // Answers may have been in the part that was skipped.
    retry(node) { _ in true }
  }
}
