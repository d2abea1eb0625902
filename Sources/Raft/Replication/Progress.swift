/// What a leader knows of one other member.
struct Progress: Sendable {
  enum State: Sendable {
    /// Where the logs agree is being found out: one message at a time.
    case probe
    /// They agree up to `match`: entries are sent ahead of the answers.
    case replicate
    /// What it needs is compacted.
    case snapshot(SnapshotTransfer)
  }

  let id: NodeID
  /// The highest index known to be on its disk and equal to the leader's.
  var match = LogIndex.zero
  /// The next entry to send.
  var next: LogIndex
  var state = State.probe
  /// The probe is on its way: nothing more until an answer, or until a heartbeat is answered.
  var probeSent = false
  /// An append is wanted even when there is nothing to send: its answer tells whether something was lost.
  var nudge = false
  /// The commit index of the last append message.
  var sentCommit = LogIndex.zero
  /// The tick in which the last answer came.
  var lastHeard: UInt64
  /// The newest ReadIndex round that it has confirmed.
  var readRound: UInt64 = 0
  var inflight = Inflight()
  var catchUp = CatchUp()
  /// The highest index of its answers to appends: a snapshot that it has on disk may not be its state yet.
  var appended = LogIndex.zero
  /// The tick after which a member that was removed gets nothing more; nil for a member.
  var departs: UInt64?
  /// The tick in which it last asked to be taken back with an empty disk.
  var askedToRejoin: UInt64?
  /// The tick since which it has asked to be taken back and has answered nothing; nil: it has not asked since its last answer.
  var rejoinsSince: UInt64?

  init(id: NodeID, next: LogIndex, now: UInt64) {
    self.id = id
    self.next = next
    self.lastHeard = now
  }

  /// - Parameter ticks: how long a request to be taken back counts.
  func isEmptied(now: UInt64, for ticks: Int) -> Bool {
    askedToRejoin.map { now - $0 < UInt64(ticks) } ?? false
  }

  var isProbing: Bool {
    if case .probe = state { return true }
    return false
  }

  mutating func becomeProbe(next: LogIndex) {
    state = .probe
    self.next = max(next, match.next)
    probeSent = false
    nudge = false
    sentCommit = .zero
    inflight.clear()
  }

  mutating func becomeReplicate() {
    state = .replicate
    next = match.next
    probeSent = false
    nudge = false
    sentCommit = .zero
    inflight.clear()
  }

  mutating func becomeSnapshot(_ meta: SnapshotMeta) {
    state = .snapshot(SnapshotTransfer(meta: meta))
    probeSent = false
    nudge = false
    inflight.clear()
  }
}

/// What the status page shows of a follower.
package struct FollowerProgress: Hashable, Sendable {
  package enum State: String, Sendable { case probe, replicate, snapshot }

  package let match: LogIndex
  package let next: LogIndex
  package let state: State
  /// It has answered within the last election timeout.
  package let recentlyActive: Bool
  /// Bytes of a snapshot that it has; 0 unless `state` is `snapshot`.
  package let snapshotOffset: UInt64
  package let inflightMessages: Int
}
