/// One message between two members.
package struct Message: Hashable, Sendable {
  package var from: NodeID
  package var to: NodeID
  /// The sender's term. 0 in `propose`, `readIndex` and `readIndexReply`, which belong to no term; in a
  /// pre-vote request and a granted pre-vote it is the term that is campaigned for.
  package var term: Term
  package var body: Body

  package init(from: NodeID, to: NodeID, term: Term, body: Body) {
    self.from = from
    self.to = to
    self.term = term
    self.body = body
  }

  package enum Body: Hashable, Sendable {
    case voteRequest(VoteRequest)
    case voteReply(VoteReply)
    case append(AppendRequest)
    case appendReply(AppendReply)
    case heartbeat(Heartbeat)
    case heartbeatReply(HeartbeatReply)
    case snapshotChunk(SnapshotChunk)
    case snapshotReply(SnapshotReply)
    /// Payloads of a follower for the leader to append; a receiver that does not lead drops them.
    case propose([Payload])
    case readIndex(ReadIndexRequest)
    case readIndexReply(ReadIndexReply)
    /// The leader asks the receiver to campaign at once (leadership transfer).
    case timeoutNow
    /// A member whose disk was emptied asks the leader to be taken back.
    case rejoin
    case rejoinReply(RejoinReply)
  }
}

/// RequestVote (paper, section 5.2) and PreVote (dissertation, section 9.6).
package struct VoteRequest: Hashable, Sendable {
  package var preVote: Bool
  /// Set by a leadership transfer: receivers answer although they hear from a leader.
  package var transfer: Bool
  package var lastIndex: LogIndex
  package var lastTerm: Term
  package init(preVote: Bool, transfer: Bool = false, lastIndex: LogIndex, lastTerm: Term) {
    self.preVote = preVote
    self.transfer = transfer
    self.lastIndex = lastIndex
    self.lastTerm = lastTerm
  }
}

package struct VoteReply: Hashable, Sendable {
  package var preVote: Bool
  package var granted: Bool
  package init(preVote: Bool, granted: Bool) {
    self.preVote = preVote
    self.granted = granted
  }
}

/// AppendEntries with entries, or empty as a probe or to tell a new commit index.
package struct AppendRequest: Hashable, Sendable {
  package var previousIndex: LogIndex
  package var previousTerm: Term
  package var commit: LogIndex
  package var entries: [Entry]
  package init(previousIndex: LogIndex, previousTerm: Term, commit: LogIndex, entries: [Entry]) {
    self.previousIndex = previousIndex
    self.previousTerm = previousTerm
    self.commit = commit
    self.entries = entries
  }
}

package struct AppendReply: Hashable, Sendable {
  /// Accepted: the follower's log equals the leader's up to here, and it is on the follower's disk.
  /// Rejected: `previousIndex` of the request that is answered.
  package var index: LogIndex
  package var rejected: Bool
  /// When rejected: where the logs may agree, and the follower's term there.
  package var hintIndex: LogIndex
  package var hintTerm: Term
  package init(index: LogIndex, rejected: Bool = false, hintIndex: LogIndex = .zero, hintTerm: Term = .zero) {
    self.index = index
    self.rejected = rejected
    self.hintIndex = hintIndex
    self.hintTerm = hintTerm
  }
}

package struct Heartbeat: Hashable, Sendable {
  /// Never above what the receiver is known to have (its match index).
  package var commit: LogIndex
  /// The newest ReadIndex round that this heartbeat confirms; 0: none.
  package var readRound: UInt64
  package init(commit: LogIndex, readRound: UInt64 = 0) {
    self.commit = commit
    self.readRound = readRound
  }
}

package struct HeartbeatReply: Hashable, Sendable {
  package var readRound: UInt64
  package init(readRound: UInt64 = 0) { self.readRound = readRound }
}

/// A part of a snapshot (paper, section 7), sent in order, one unanswered chunk at a time.
package struct SnapshotChunk: Hashable, Sendable {
  package var meta: SnapshotMeta
  package var offset: UInt64
  package var data: [UInt8]
  package init(meta: SnapshotMeta, offset: UInt64, data: [UInt8]) {
    self.meta = meta
    self.offset = offset
    self.data = data
  }
}

package struct SnapshotReply: Hashable, Sendable {
  /// The snapshot that is answered.
  package var index: LogIndex
  package var term: Term
  /// Bytes that the receiver has of it: the leader goes on there.
  package var offset: UInt64
  /// The snapshot is installed (or was not needed): `index` is matched.
  package var installed: Bool
  package init(index: LogIndex, term: Term, offset: UInt64, installed: Bool) {
    self.index = index
    self.term = term
    self.offset = offset
    self.installed = installed
  }
}

package struct RejoinReply: Hashable, Sendable {
  /// Where the committed configuration stands in which the receiver is a learner.
  package var index: LogIndex
  package init(index: LogIndex) { self.index = index }
}

package struct ReadIndexRequest: Hashable, Sendable {
  /// Chosen by the requester, unique among its requests since its start.
  package var context: UInt64
  package init(context: UInt64) { self.context = context }
}

package struct ReadIndexReply: Hashable, Sendable {
  package var context: UInt64
  package var index: LogIndex
  package init(context: UInt64, index: LogIndex) {
    self.context = context
    self.index = index
  }
}
