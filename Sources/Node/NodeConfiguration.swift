package import Gossip
package import Kernel
package import Protocol
package import Raft

/// What a node needs to know of itself and its cluster.
package struct NodeConfiguration: Sendable {
  package var cluster: String
  package var thisNode: MemberAddress
  /// All members, this node among them, sorted by id.
  package var members: [MemberAddress]
  package var version = "0.10.0"
  /// The highest format level that this node reads.
  package var level = Level.newest

  /// Length of a Raft tick in milliseconds.
  package var tickMilliseconds = 10
  /// An election starts after this many ticks without a leader, up to twice as many.
  package var electionTicks = 60
  package var heartbeatTicks = 10
  /// Seed of the election jitter and of placement; nodes must differ.
  package var seed: UInt64

  /// A snapshot is made after this many applied entries, or this many bytes of them.
  package var snapshotEntries = 200_000
  package var snapshotBytes = 64 << 20
  /// Entries kept behind a snapshot for members that are a little late: at most this many bytes of them.
  package var tailBytes = 8 << 20

  /// A request is answered with an error when it has not been committed after this many milliseconds.
  package var requestTimeout = 5_000
  /// Requests without an answer are sent again after this many milliseconds.
  package var retryAfter = 1_000
  /// Without a leader for this many milliseconds, requests are refused at once with `no_quorum`.
  package var quorumGrace = 1_000
  /// Without a leader for this many milliseconds, those who are connected are sent to look for a better node; again after
  /// twice, four times, and then each eight times that.
  package var dispersal = 2_000
  /// Within so many milliseconds, so that they do not arrive all at once.
  package var dispersalSpread = 1_000
  /// Requests of clients that may wait at the same time; more are refused with `busy`.
  package var maxPending = 100_000
  /// Bytes of these, encoded; and of those of one person, on all their connections with this node: as much as one
  /// connection may have open, each as long as a message may be.
  package var maxPendingBytes = 256 << 20
  package var maxPendingBytesOfOne = 4 << 20
  /// Reads that may wait at the same time; and bytes of what clients have asked that waits behind other requests of theirs
  /// or for this node to be up to date. More is refused with `busy`.
  package var maxReads = 100_000
  package var maxHeldBytes = 64 << 20
  package var caps = CustomerCaps()
  /// Bytes of this process in memory above which it takes no new work; 0: no bound.
  package var memoryBytes = 0

  /// An entry holds at most this many commands (4,096 is what a session id has room for).
  package var maxBatch = 1_024
  /// Bytes of an entry; half of the smallest segment, so that every segment holds it. A single command that is larger
  /// goes alone.
  package var maxBatchBytes = 512 << 10
  /// Bytes of one frame to a peer in which many things travel. What is larger by itself goes alone, up to
  /// `maxCommandBytes`, which is well below what a frame can hold.
  package var maxFrameBytes = 1 << 20
  /// A larger command is refused with `too_large` before it goes anywhere: as much as the longest frame of a client.
  package var maxCommandBytes = 16 << 20
  /// An entry that is larger is not appended, wherever it comes from: no frame could bring it to the others, and nothing
  /// behind it would ever be committed. Half of the longest frame.
  package var maxEntryBytes = 32 << 20
  /// Own proposals that may be under way before further commands are gathered instead of proposed. What gathers leaves
  /// as one entry: under load batches grow, and an idle node never waits.
  package var maxProposalsInFlight = 4

  /// A join or resume brings at most this much; a client that has missed more reads its history.
  package var maxMissedMessages = 2_000
  package var maxMissedBytes = 256 << 10
  package var turn = TurnLimits()
  /// Of one page of history, about.
  package var maxPageBytes = 512 << 10

  package var patience = ServerPatience()
  /// An agent who is nowhere connected any more, or says offline, keeps its chats for this many milliseconds.
  package var agentGrace = 30_000
  /// A session that waits keeps its place for this many milliseconds while its customer is gone, is passed over meanwhile,
  /// and is closed then; 0: it is served in its turn. See `SetAttendance`.
  package var queueGrace = 120_000
  /// A session is closed when its customer has been gone for this many milliseconds; 0: never.
  package var openGrace = 86_400_000
  package var absence = AbsencePatience()
  /// A session leaves the state when it has been closed for this many milliseconds; for how long it may be rated and retries find
  /// their answers. From level 6 on.
  package var linger = 600_000
  /// Whole months behind the present one that archives keep, as the leader has it; 0: all. From level 7 on.
  package var keepMonths = 0
  /// Milliseconds until a leader looks again whether a month is over.
  package var retentionPause = 60_000
  package var filling = FillingPatience()
  /// Sessions or agents that one command of the leader changes at the most: some milliseconds of work.
  package var maxAtOnce = 4_096
  /// Chats that one command takes from agents who did not come back, at the most.
  package var maxReleased = 1_024

  /// A drain is given up as such after this many milliseconds: what is left moves once the node is gone.
  package var drainPatience = 5_000

  /// Reads within the leader's lease need no round of heartbeats; see `RaftConfiguration.leaseReads`.
  package var leaseReads = false
  /// A command that the leader proposes of its own accord (a loss, time that passes) is proposed again when it has had no
  /// effect for this many milliseconds.
  package var commandPatience = 1_000
  /// A proposal that was not applied after this many milliseconds no longer holds others back.
  package var proposalPatience = 500
  /// A round of reads that had no answer for this many milliseconds goes again.
  package var readPatience = 500
  /// A read is given up after this many milliseconds.
  package var readTimeout = 5_000
  /// How owners of new sessions are chosen.
  package var placement = PlacementRules()
  /// Of Raft.
  package var consensus = ConsensusOptions()
  /// For the simulator alone.
  package var mistakes: NodeMistakes = []
  /// For the simulator alone, the same on all its nodes: see `ReplicatedState.mostPulled`.
  package var mostPulled: Int?

  /// In milliseconds: a clock that is further from those of more than half of the others is off.
  package var clockTolerance = 1_000
  /// Processors of this machine.
  package var cores = 1
  /// Milliseconds between two of gossip's ticks, for which this node looks anew at what it knows of the others.
  package var gossipMilliseconds = 50

  package init(
    cluster: String, thisNode: MemberAddress, members: [MemberAddress], seed: UInt64
  ) {
    self.cluster = cluster
    self.thisNode = thisNode
    self.members = members.sorted { $0.id < $1.id }
    self.seed = seed
  }
}

/// What one turn does at the most of what may be much; the rest goes with the next one. (The simulator has smaller ones.)
package struct TurnLimits: Sendable {
  /// Joins, resumes, pages of history: see `ReadBudget`.
  package var readers = ReadBudget.mostReaders
  /// Requests that go again, but for the rest of a session's: see `RoutedAgain`.
  package var routed = 2_048
  /// Sessions whose clients are told what a snapshot has brought: see `CatchUp`.
  package var caughtUp = 512
  /// Chats that agents who come back are told of: see `ChatsToTell`.
  package var chats = 1_000
  package init() {}
}

/// How long the leader waits before it gives a server's sessions to others, in milliseconds.
package struct ServerPatience: Sendable {
  /// Its process is gone: its port refuses connections.
  package var refused = 100
  /// Its connections are down.
  package var disconnect = 600
  /// It is connected, but silent.
  package var silence = 2_500
  package init() {}
}

/// Limits and variants of consensus; the defaults are right for a cluster of today.
package struct ConsensusOptions: Sendable {
  package var preVote = true
  package var checkQuorum = true
  package var snapshotChunkBytes: Int?
  package var maxAppendBytes: Int?
  package var maxInflightMessages: Int?
  package var maxInflightBytes: Int?
  package var maxUncommittedBytes: Int?
  package var maxRetainedBytes: Int?
  /// For the simulator alone.
  package var mistakes: DeliberateMistakes = []
  package init() {}
}
