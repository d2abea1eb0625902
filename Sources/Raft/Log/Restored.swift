/// What a member finds on its disk when it starts.
package struct Restored: Sendable {
  package var hardState: HardState
  /// The newest snapshot, if there is one. The state machine has it already.
  package var snapshot: SnapshotMeta?
  /// Consecutive entries. They may begin before the end of the snapshot, never after the entry that follows it.
  package var entries: [Entry]

  /// The disk of a member that has never run is an empty one.
  package init(hardState: HardState = HardState(), snapshot: SnapshotMeta? = nil, entries: [Entry] = []) {
    self.hardState = hardState
    self.snapshot = snapshot
    self.entries = entries
  }

  /// The log of the three together.
  ///
  /// - Throws: when they cannot belong together, so that a hole is never taken for a log.
  func log() throws(RaftError) -> ReplicatedLog {
    try checkOrder()
    let log = try joined()
    if hardState.commit > log.lastIndex {
      throw RaftError(
        "entries up to \(hardState.commit) were committed and the log ends at \(log.lastIndex): the log has "
          + "lost its end; rebuild this node from its peers")
    }
    if hardState.term < log.lastTerm {
      throw RaftError(
        "the log ends in term \(log.lastTerm) and the hard state is of term \(hardState.term): the hard state "
          + "is not the newest; rebuild this node from its peers")
    }
    return log
  }

  /// The configurations in the snapshot and in the entries after it.
  ///
  /// - Parameter log: as `log()` gives it; entries on the disk that are no part of it count for nothing.
  func memberships(first: Membership, in log: ReplicatedLog) throws(RaftError) -> MembershipLog {
    let start = snapshot?.index ?? .zero
    var memberships = MembershipLog(base: snapshot?.membership ?? first, at: start)
    for entry in log.entries(from: max(start.next, log.firstIndex), through: log.lastIndex)
    where entry.kind == .membership {
      memberships.append(try Membership(encoded: entry.data), at: entry.index)
    }
    return memberships
  }

  private func checkOrder() throws(RaftError) {
    var previous: Entry?
    for entry in entries {
      if let previous, entry.index != previous.index.next {
        throw RaftError(
          "the log jumps from entry \(previous.index) to entry \(entry.index): rebuild this node from its peers"
        )
      }
      if entry.index == .zero || entry.term < previous?.term ?? Term(1) {
        throw RaftError(
          "entry \(entry.index) is of term \(entry.term), after term \(previous?.term ?? .zero): terms start at "
            + "1 and never go down along a log; rebuild this node from its peers")
      }
      previous = entry
    }
  }

  private func joined() throws(RaftError) -> ReplicatedLog {
    let origin = ReplicatedLog.Base(
      index: snapshot?.index ?? .zero, term: snapshot?.term ?? .zero, time: snapshot?.time ?? 0)
    guard let first = entries.first, let last = entries.last else { return ReplicatedLog(base: origin) }
    if first.index > origin.index.next {
      throw RaftError(
        "the snapshot ends at \(origin.index) and the log begins at \(first.index): entries "
          + "\(origin.index.next) to \(first.index.previous) are missing; rebuild this node from its peers")
    }
    if first.index == origin.index.next { return ReplicatedLog(base: origin, entries: entries) }
    // The log overlaps the snapshot. Entries that disagree with it, or end before it, are what the snapshot of
    // a leader has replaced.
    guard last.index >= origin.index, entries[origin.index - first.index].term == origin.term else {
      return ReplicatedLog(base: origin)
    }
    if first.index == LogIndex(1) {
      return ReplicatedLog(base: .init(index: .zero, term: .zero, time: 0), entries: entries)
    }
    // The term before the first entry is not known, so the first entry itself becomes the base.
    return ReplicatedLog(
      base: .init(index: first.index, term: first.term, time: first.time), entries: Array(entries.dropFirst()))
  }
}
