/// What the shell owes after it has put something in. The order of the duties:
///
/// 1. `messages` may go at once, beside the disk (the leader replicates while its own write runs).
/// 2. `write` goes to the disk, in the order of its numbers, and nothing is skipped. When it is durable, the
///    shell sends `write.messages` and calls `persisted(_:)` with its number.
/// 3. `installed`, when set, replaces the state machine with the received snapshot of this meta before anything
///    in `committed` is applied.
/// 4. `committed` is applied in order; then the shell calls `applied(to:)`.
/// 5. `reads` are answered once the state machine has applied at least their index.
///
/// An entry may be committed and applied before this node's own write of it has ended: a quorum of the others
/// has it on disk.
package struct Ready: Sendable {
  package var messages: [Message] = []
  package var write: Write?
  package var installed: SnapshotMeta?
  package var committed: [Entry] = []
  package var reads: [ReadState] = []
  /// Reads of bytes of the newest own snapshot that are to be sent as chunks.
  package var chunkReads: [ChunkRead] = []
  /// This member, whose disk was emptied, is one like any other from now on: the shell forgets that it was not.
  package var rejoined = false
  /// Set when the role, the term, or the known leader has changed.
  package var status: SoftState?

  package init() {}

  package var isEmpty: Bool {
    messages.isEmpty && write == nil && installed == nil && committed.isEmpty && reads.isEmpty
      && chunkReads.isEmpty && status == nil && !rejoined
  }
}

/// One atomic addition to the log on disk.
package struct Write: Sendable {
  /// Rises by one with each write; handed back in `persisted(_:)`.
  package var number: UInt64
  /// Set when term, vote or commit have changed.
  package var hardState: HardState?
  /// To append. The first may have an index at or below the end of the log on disk: what is there from that
  /// index on is then gone.
  package var entries: [Entry] = []
  /// A chunk of a snapshot that is being received, to be written at its offset; offset 0 begins anew.
  package var chunk: SnapshotChunk?
  /// All chunks are there: the received snapshot is checked, made durable and takes the place of the log up to
  /// (and, since it did not match, all after) its index.
  package var snapshot: SnapshotMeta?
  /// False: only the commit index has changed, and no sync is needed.
  package var mustSync: Bool = true
  /// Messages that may only be sent once this write is durable: votes, and the reports of appended entries.
  package var messages: [Message] = []

  package init(number: UInt64) { self.number = number }
}

/// The answer to `readIndex(context:)`: a state machine that has applied `index` may serve the read.
package struct ReadState: Hashable, Sendable {
  package var context: UInt64
  package var index: LogIndex
  package init(context: UInt64, index: LogIndex) {
    self.context = context
    self.index = index
  }
}

/// The shell reads `length` bytes at `offset` of the snapshot and hands them to `chunkWasRead(_:data:)`.
package struct ChunkRead: Hashable, Sendable {
  package var to: NodeID
  package var meta: SnapshotMeta
  package var offset: UInt64
  package var length: Int
  package init(to: NodeID, meta: SnapshotMeta, offset: UInt64, length: Int) {
    self.to = to
    self.meta = meta
    self.offset = offset
    self.length = length
  }
}

package enum Role: String, Sendable {
  case follower, preCandidate, candidate, leader, learner
}

/// What is known now and need not be on disk.
package struct SoftState: Hashable, Sendable {
  package var role: Role
  package var term: Term
  package var leader: NodeID?
  package init(role: Role, term: Term, leader: NodeID?) {
    self.role = role
    self.term = term
    self.leader = leader
  }
}
