/// What is proposed: bytes that Raft never looks into.
package struct Payload: Hashable, Sendable {
  /// CRC32C of `data`, made where the data is made; it travels with the entry to every disk.
  package var checksum: UInt32
  package var data: [UInt8]
  package init(checksum: UInt32, data: [UInt8]) {
    self.checksum = checksum
    self.data = data
  }
}

/// One entry of the replicated log.
package struct Entry: Hashable, Sendable {
  package enum Kind: UInt8, Sendable {
    /// Appended by a new leader, so that it can commit what came before (paper, section 5.4.2 and 8).
    case noop = 0
    /// A command of the state machine.
    case command = 1
    /// A new configuration of the group; `data` is the encoded `Membership`.
    case membership = 2
  }

  package var index: LogIndex
  package var term: Term
  /// The leader's clock when it appended the entry, in milliseconds since 1970; never lower than that of the
  /// entry before.
  package var time: UInt64
  package var kind: Kind
  /// CRC32C of `data`; 0 for an empty one.
  package var checksum: UInt32
  package var data: [UInt8]

  package init(
    index: LogIndex, term: Term, time: UInt64, kind: Kind = .command, checksum: UInt32 = 0, data: [UInt8] = []
  ) {
    self.index = index
    self.term = term
    self.time = time
    self.kind = kind
    self.checksum = checksum
    self.data = data
  }

  /// Bytes that this entry counts for in every limit (in flight, uncommitted, one message).
  package var size: Int { data.count + 32 }
}

/// What must be on disk before any reply that depends on it (paper, figure 2: persistent state).
package struct HardState: Hashable, Sendable {
  package var term: Term
  package var vote: NodeID?
  /// A hint: entries up to here are known to be committed. May lag behind after a restart.
  package var commit: LogIndex
  package init(term: Term = .zero, vote: NodeID? = nil, commit: LogIndex = .zero) {
    self.term = term
    self.vote = vote
    self.commit = commit
  }
}

/// What a snapshot stands for: the state machine after `index`, and the membership as of then.
package struct SnapshotMeta: Hashable, Sendable {
  package var index: LogIndex
  package var term: Term
  /// `Entry.time` of the entry at `index`.
  package var time: UInt64
  package var membership: Membership
  /// Bytes of the whole snapshot.
  package var size: UInt64
  /// CRC32C of the whole snapshot.
  package var checksum: UInt32

  package init(
    index: LogIndex, term: Term, time: UInt64, membership: Membership, size: UInt64, checksum: UInt32
  ) {
    self.index = index
    self.term = term
    self.time = time
    self.membership = membership
    self.size = size
    self.checksum = checksum
  }
}
