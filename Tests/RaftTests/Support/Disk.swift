import Raft

/// A member's disk: what is here outlives a crash. Mistakes of the writer are collected, not trapped.
struct Disk {
  var hardState = HardState()
  var entries: [Entry] = []
  var snapshot: SnapshotMeta?
  var snapshotData: [UInt8] = []
  /// The one before it stays, too.
  private var older: (meta: SnapshotMeta, data: [UInt8])?
  private var partial: [UInt8] = []
  private var lastNumber: UInt64 = 0
  var mistakes: [String] = []

  var lastIndex: LogIndex { entries.last?.index ?? snapshot?.index ?? .zero }

  mutating func apply(_ write: Write) {
    if lastNumber != 0, write.number != lastNumber + 1 {
      mistakes.append("write \(write.number) after write \(lastNumber)")
    }
    lastNumber = write.number
    if let chunk = write.chunk {
      if chunk.offset == 0 { partial = [] }
      if UInt64(partial.count) != chunk.offset { mistakes.append("a chunk leaves a gap at \(chunk.offset)") }
      partial += chunk.data
    }
    if let meta = write.snapshot {
      if UInt64(partial.count) != meta.size { mistakes.append("a snapshot is incomplete") }
      keepOlder()
      snapshot = meta
      snapshotData = partial
      partial = []
      entries = []
    }
    if let first = write.entries.first {
      if first.index > lastIndex.next {
        mistakes.append("entry \(first.index) leaves a gap after \(lastIndex)")
      }
      if first.index <= hardState.commit { mistakes.append("entry \(first.index) was committed and is cut") }
      if let last = entries.last, first.index <= last.index {
        entries.removeLast(min(entries.count, last.index - first.index + 1))
      }
      entries += write.entries
    }
    if let state = write.hardState {
      if state.term < hardState.term { mistakes.append("the term goes back to \(state.term)") }
      if state.term == hardState.term, let vote = hardState.vote, vote != state.vote {
        mistakes.append("a vote of term \(state.term) is changed")
      }
      if state.commit > lastIndex {
        mistakes.append("commit \(state.commit) is above the log's end \(lastIndex)")
      }
      hardState = state
    }
  }

  mutating func take(_ meta: SnapshotMeta, data: [UInt8], keeping tail: Int) {
    keepOlder()
    snapshot = meta
    snapshotData = data
    entries.removeAll { $0.index.rawValue + UInt64(tail) <= meta.index.rawValue }
  }

  private mutating func keepOlder() {
    if let snapshot { older = (snapshot, snapshotData) }
  }

  /// - Returns: nil when the snapshot is gone.
  func data(of meta: SnapshotMeta) -> [UInt8]? {
    snapshot == meta ? snapshotData : older?.meta == meta ? older?.data : nil
  }

  /// The process is gone: what is known of the running one is not.
  mutating func reopen() -> Restored {
    lastNumber = 0
    partial = []
    return Restored(hardState: hardState, snapshot: snapshot, entries: entries)
  }

  func holds(_ entry: Entry) -> Bool {
    if let snapshot, snapshot.index >= entry.index { return true }
    guard let first = entries.first, entry.index >= first.index, entry.index <= lastIndex else { return false }
    return entries[entry.index - first.index].term == entry.term
  }
}
