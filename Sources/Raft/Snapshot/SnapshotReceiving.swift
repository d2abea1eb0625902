/// The follower's side of InstallSnapshot.
extension RaftNode {
  mutating func receiveChunk(_ chunk: SnapshotChunk, from sender: NodeID) {
    let meta = chunk.meta
    // One that is being installed is finished first, and one chunk is written at a time: the leader sends
    // again.
    if handout.installPending || handout.chunk != nil { return }
    if isContained(meta) {
      mark(.snapshotContained)
      reception = nil
      commitIndex = max(commitIndex, meta.index)
      let reply = SnapshotReply(index: meta.index, term: meta.term, offset: meta.size, installed: true)
      return replyOnceDurable(.snapshotReply(reply), to: sender)
    }
    guard var current = receptionFor(meta) else { return }
    if chunk.offset == current.offset, !chunk.data.isEmpty || meta.size == 0 {
      handout.chunk = chunk
      current.offset += UInt64(chunk.data.count)
    }
    current.term = term
    reception = current
    if handout.chunk != nil, current.offset == meta.size { install(meta) }
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

  /// The snapshot takes the place of the whole log: since the log does not contain its last entry, nothing
  /// after it can be kept either.
  private mutating func install(_ meta: SnapshotMeta) {
    if !configuration.mistakes.contains(.installKeepsLog) { writes.cut(after: commitIndex) }
    log.reset(to: .init(index: meta.index, term: meta.term, time: meta.time))
    handout.writtenIndex = meta.index
    handout.snapshot = meta
    handout.installPending = true
    commitIndex = meta.index
    snapshot = meta
    reception = nil
    mark(.snapshotInstalled)
    memberships = MembershipLog(base: meta.membership, at: meta.index)
    useNewestMembership()
  }
}
