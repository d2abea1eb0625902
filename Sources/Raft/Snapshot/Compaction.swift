extension RaftNode {
  /// The shell has made a durable snapshot of its own: the log before it is no longer needed.
  ///
  /// - Parameters:
  ///   - meta: of an applied index whose entries are durable. One of an index that is not applied is ignored, as
  ///     is one that is older than the newest.
  ///   - tail: entries up to the snapshot that stay, so that a follower which is a little behind needs no
  ///     snapshot.
  package mutating func compact(to meta: SnapshotMeta, keeping tail: Int) {
    guard !handout.installPending, meta.index > snapshot?.index ?? .zero, meta.index <= appliedIndex,
      log.term(at: meta.index) == meta.term
    else { return }
    snapshot = meta
    let kept = UInt64(max(tail, 0))
    guard meta.index.rawValue > kept else { return }
    log.compact(through: unneeded(through: LogIndex(meta.index.rawValue - kept)))
    // The configuration as of the new base is needed, and every later one.
    memberships.compact(through: log.base.index)
  }

  /// How far a compaction up to `index` may go. A member that answers and is a little behind, or that is being sent a
  /// snapshot, goes on with the entries after what it has: without them it would be sent the next snapshot, and while
  /// that is on its way the log would go on, so that it might never come to an end. They stay up to
  /// `maxRetainedBytes`; whoever needs more than that is sent a snapshot anyway.
  private mutating func unneeded(through index: LogIndex) -> LogIndex {
    guard role == .leader, configuration.maxRetainedBytes > 0 else { return index }
    let held = peers.compactMap { peer -> LogIndex? in
      guard isRecentlyActive(peer) else { return nil }
      switch peer.state {
      case .probe: return nil
      case .replicate: return peer.match
      case .snapshot(let transfer): return transfer.meta.index
      }
    }
    var unneeded = index
    var bytes = 0
    // From the one that needs the fewest to the one that needs the most.
    for needed in held.sorted(by: >) where needed < index && needed >= log.base.index {
      var first = unneeded
      while first > needed {
        bytes += log.size(at: first)
        first = first.previous
      }
      if bytes > configuration.maxRetainedBytes { break }
      mark(.compactionHeld)
      unneeded = needed
    }
    return unneeded
  }

  /// Entries up to `index` are applied. An index that was not given out is taken for the last that was.
  package mutating func applied(to index: LogIndex) {
    appliedIndex = max(appliedIndex, min(index, handout.committedIndex))
  }
}
