extension RaftNode {
  /// Sends every member what it can take now. Done once for each `takeReady()`, so that whatever came in since
  /// the last one goes out together.
  mutating func replicate() {
    var batch = EntryBatch()
    for position in peers.indices {
      switch peers[position].state {
      case .probe:
        if !peers[position].probeSent, sendAppend(to: position, from: &batch) {
          peers[position].probeSent = true
        }
      case .replicate: pipeline(to: position, from: &batch)
      case .snapshot: break
      }
      // Not part of the switch: what was to be sent may turn out to be compacted.
      if case .snapshot(let transfer) = peers[position].state { continueTransfer(transfer, to: position) }
    }
  }

  private mutating func pipeline(to position: Int, from batch: inout EntryBatch) {
    while peers[position].next <= log.lastIndex, hasRoom(peers[position].inflight) {
      guard sendAppend(to: position, from: &batch) else { return }
    }
    if peers[position].next <= log.lastIndex { mark(.pipelineFull) }
    // Those who wait for an acknowledgement at a follower wait for the commit index: it goes out at once, on
    // its own when no entries carry it.
    if peers[position].sentCommit < commitIndex || peers[position].nudge {
      _ = sendAppend(to: position, from: &batch, empty: true)
    }
  }

  private func hasRoom(_ inflight: Inflight) -> Bool {
    inflight.count < configuration.maxInflightMessages && inflight.bytes < configuration.maxInflightBytes
  }

  /// - Returns: false when the member needs what is compacted: then it is sent the snapshot instead.
  private mutating func sendAppend(to position: Int, from batch: inout EntryBatch, empty: Bool = false) -> Bool
  {
    let next = peers[position].next
    guard let previousTerm = log.term(at: next.previous) else {
      if let snapshot {
        mark(.snapshotSent)
        peers[position].becomeSnapshot(snapshot)
      }
      return false
    }
    if !empty { batch.load(from: next, of: log, maxBytes: configuration.maxAppendBytes) }
    let entries = empty ? [] : batch.entries
    let request = AppendRequest(
      previousIndex: next.previous, previousTerm: previousTerm, commit: commitIndex, entries: entries)
    send(.append(request), to: peers[position].id)
    peers[position].sentCommit = commitIndex
    peers[position].nudge = false
    if case .replicate = peers[position].state, let last = entries.last {
      peers[position].next = last.index.next
      peers[position].inflight.add(last: last.index, bytes: batch.bytes)
    }
    return true
  }
}

/// The entries that were sent last: members that stand at the same place share one array.
private struct EntryBatch {
  private var first = LogIndex.zero
  private(set) var entries: [Entry] = []
  private(set) var bytes = 0

  mutating func load(from index: LogIndex, of log: ReplicatedLog, maxBytes: Int) {
    if first == index { return }
    first = index
    (entries, bytes) = log.entries(from: index, maxBytes: maxBytes)
  }
}
