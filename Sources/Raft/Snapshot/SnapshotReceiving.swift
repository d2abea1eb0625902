/// The follower's side of InstallSnapshot.
extension RaftNode {
  mutating func receiveChunk(_ chunk: SnapshotChunk, from sender: NodeID) {
    let meta = chunk.meta
    // One that is being installed is finished first, and one chunk is written at a time: the leader sends
    // again.
    if handout.installPending || handout.chunk != nil { return }
    if meta.index <= commitIndex, contradicts(meta.term, at: meta.index, from: sender) { return }
    if isContained(meta) {
      mark(.snapshotContained)
      reception = nil
      commitIndex = max(commitIndex, meta.index)
      let reply = SnapshotReply(index: meta.index, term: meta.term, offset: meta.size, installed: true)
      return replyOnceDurable(.snapshotReply(reply), to: sender)
    }
    guard var current = receptionFor(meta) else { return }
    // Entries that still wait to be written must not go in one write with a snapshot that replaces them.
    let isLast = chunk.offset + UInt64(chunk.data.count) == meta.size
    if isLast, log.lastIndex > handout.writtenIndex { return }
    if chunk.offset == current.offset, !chunk.data.isEmpty || meta.size == 0 {
      handout.chunk = chunk
      current.offset += UInt64(chunk.data.count)
    }
    current.term = term
    reception = current
    if handout.chunk != nil, current.offset == meta.size { beginInstall(meta) }
    let reply = SnapshotReply(
      index: meta.index, term: meta.term, offset: current.offset, installed: handout.installPending)
    if configuration.mistakes.contains(.snapshotAckBeforeDurable) {
      send(.snapshotReply(reply), to: sender)
    } else {
      replyOnceDurable(.snapshotReply(reply), to: sender)
    }
  }

  /// Whether the log has all that the snapshot stands for, and goes on as it is.
  private func isContained(_ meta: SnapshotMeta) -> Bool {
    meta.index <= commitIndex || log.term(at: meta.index) == meta.term
  }

  /// What there is of this snapshot; nil when the chunk is an old one.
  private mutating func receptionFor(_ meta: SnapshotMeta) -> SnapshotReception? {
    guard let reception else { return SnapshotReception(meta: meta, term: term) }
    // The same bytes from another leader go on where the last one stopped.
    if reception.meta == meta {
      if reception.term != term { mark(.snapshotResumed) }
      return reception
    }
    // Along a term, a leader's snapshots only get newer.
    if reception.term == term, meta.index < reception.meta.index { return nil }
    mark(.snapshotReplaced)
    return SnapshotReception(meta: meta, term: term)
  }

  /// All of the snapshot was handed out to be written. The log stays as it is until the disk says that the snapshot is
  /// whole; nothing is added to it meanwhile, so that no write counts on a snapshot that may be refused.
  private mutating func beginInstall(_ meta: SnapshotMeta) {
    handout.snapshot = meta
    handout.installPending = true
    reception = nil
  }

  /// The snapshot is durable and takes the place of the whole log: since the log does not contain its last entry,
  /// nothing after it can be kept either.
  mutating func install(_ meta: SnapshotMeta) {
    writes.wasReplaced(by: meta.index, keepingLog: configuration.mistakes.contains(.installKeepsLog))
    log.reset(to: .init(index: meta.index, term: meta.term, time: meta.time))
    handout.writtenIndex = meta.index
    handout.installed = meta
    commitIndex = meta.index
    snapshot = meta
    mark(.snapshotInstalled)
    memberships = MembershipLog(base: meta.membership, at: meta.index)
    useNewestMembership()
  }

  /// The disk has refused the snapshot in the write with this number, or a part of one: it is damaged, or there is no
  /// room. Nothing of it is kept; the rest of that write (hard state, entries) is durable, as is every earlier write.
  ///
  /// The messages of the write must not be sent: to its members they are as lost on their way. The leader asks again
  /// for an answer after a while, hears that there is nothing, and begins anew.
  package mutating func snapshotRefused(_ number: UInt64) {
    guard number > 0, number <= writes.lastNumber else { return }
    persisted(number - 1)
    guard let item = writes.end(upTo: number) else { return }
    tracedDurable("Ready")
    reception = nil
    if item.installs != nil { handout.installPending = false }
  }
}
