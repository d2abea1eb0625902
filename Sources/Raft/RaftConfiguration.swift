/// How one member takes part. Every limit has a default that suits a tick of 10 ms.
package struct RaftConfiguration: Sendable {
  package var id: NodeID
  /// What is in effect before the first configuration in the log; a snapshot's replaces it. `unknown` where the disk
  /// says nothing: such a member has to be `rejoining`.
  package var membership: Membership
  /// Seed of everything that is drawn (election timeouts). The same seed and the same input give the same run.
  package var seed: UInt64

  /// An election timeout is drawn from `electionTicks ..< 2 * electionTicks`. The lower end is also how long a
  /// leader counts as heard from, and how long a leader goes on without a quorum.
  package var electionTicks = 60
  /// Ticks between two heartbeats; well below `electionTicks`.
  package var heartbeatTicks = 10

  /// Bytes of entries in one append message (at least one entry goes, however large).
  package var maxAppendBytes = 1 << 20
  /// Unanswered append messages to one follower.
  package var maxInflightMessages = 256
  /// Bytes of entries that are sent to one follower and not answered.
  package var maxInflightBytes = 8 << 20
  /// Bytes of entries that a leader holds uncommitted before it refuses proposals as `full`.
  package var maxUncommittedBytes = 64 << 20
  /// Bytes of a snapshot in one message.
  package var snapshotChunkBytes = 256 << 10
  /// Bytes of entries that a compaction leaves, besides its tail, for members that answer and still need them; 0: none.
  package var maxRetainedBytes = 64 << 20
  /// Reads that wait at the leader; what comes above is dropped, and its sender tries again.
  package var maxWaitingReads = 1 << 16

  /// The leader steps down when it has not heard from a quorum for an election timeout, and members refuse to
  /// vote while they hear from a leader (dissertation, sections 6.2 and 4.2.3).
  package var checkQuorum = true
  /// A member asks whether it could win before it starts a term (dissertation, section 9.6).
  package var preVote = true

  /// A leader answers reads within its lease without asking anyone (see `Lease` for what that trusts). The same
  /// at all members. Needs `checkQuorum`.
  package var leaseReads = false
  /// This member's disk is empty although the group may be in use: it takes no part in decisions before its
  /// peers have taken it back (see `RejoinState`), or taken it in.
  package var rejoining = false
  /// Guards that a test takes out; none otherwise.
  package var mistakes: DeliberateMistakes = []

  package init(id: NodeID, membership: Membership, seed: UInt64) {
    self.id = id
    self.membership = membership
    self.seed = seed
  }

  func validate() throws(RaftError) {
    if id.rawValue == 0 { throw RaftError("the node id is 0: give every member an id of 1 or more") }
    if membership != .unknown { try membership.validate() }
    if leaseReads, !checkQuorum {
      throw RaftError("leaseReads is on and checkQuorum is off: leases need checkQuorum, so turn it on as well")
    }
    if heartbeatTicks < 1 || electionTicks <= heartbeatTicks {
      throw RaftError(
        "electionTicks is \(electionTicks) and heartbeatTicks is \(heartbeatTicks): heartbeatTicks must be at "
          + "least 1 and electionTicks above it (ten times is usual)")
    }
    let limits = [
      ("maxAppendBytes", maxAppendBytes), ("maxInflightMessages", maxInflightMessages),
      ("maxInflightBytes", maxInflightBytes), ("maxUncommittedBytes", maxUncommittedBytes),
      ("snapshotChunkBytes", snapshotChunkBytes), ("maxWaitingReads", maxWaitingReads),
    ]
    for (name, value) in limits where value < 1 {
      throw RaftError("\(name) is \(value): it must be 1 or more")
    }
  }
}
