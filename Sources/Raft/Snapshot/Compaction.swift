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
    if meta.index.rawValue > kept {
      log.compact(through: LogIndex(meta.index.rawValue - kept))
      // The configuration as of the new base is needed, and every later one.
      memberships.compact(through: log.base.index)
    }
  }

  /// Entries up to `index` are applied. An index that was not given out is taken for the last that was.
  package mutating func applied(to index: LogIndex) {
    appliedIndex = max(appliedIndex, min(index, handout.committedIndex))
  }
}
