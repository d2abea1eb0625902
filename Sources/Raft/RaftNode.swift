/// One member of a Raft group, as a value: ticks and messages go in, `takeReady()` gives what is to be done.
///
/// After Ongaro and Ousterhout, "In search of an understandable consensus algorithm" (2014), and Ongaro's
/// dissertation (2014), with PreVote, CheckQuorum, asynchronous writes to the log, pipelined replication, reads
/// by ReadIndex, and snapshots in chunks. It reads no clock, draws from a seeded generator, and does no input
/// or output. One owner drives it; nothing in here blocks.
package struct RaftNode: Sendable {
  package let id: NodeID
  let configuration: RaftConfiguration
  var generator: SeededGenerator

  /// Milliseconds since 1970, as the owner knows it; stamps the entries that this node appends as leader. A
  /// clock that goes back does no harm: stamps never do.
  package var clock: UInt64 = 0

  // What is on disk, or on its way there.
  package internal(set) var term: Term
  var vote: NodeID?
  var log: ReplicatedLog
  /// The newest own snapshot, made here or received.
  package internal(set) var snapshot: SnapshotMeta?
  /// The newest configuration in the log, committed or not: the one in effect.
  package internal(set) var membership: Membership
  /// Where it stands in the log; 0 for the first one.
  package internal(set) var membershipIndex: LogIndex
  var memberships: MembershipLog

  // Where it stands.
  package internal(set) var role: Role
  package internal(set) var leader: NodeID?
  package internal(set) var commitIndex: LogIndex
  /// As told by `applied(to:)`.
  package internal(set) var appliedIndex: LogIndex
  /// Ticks since the node was made.
  var now: UInt64 = 0

  // Elections.
  var timer = ElectionTimer()
  var votes = VoteTally()
  /// Set by the shell at any time.
  package var priority = CampaignPriority.normal
  /// Members that do not want to lead, as the shell has heard: leadership is handed to none of them unless it is named.
  package var reluctant: [NodeID] = []
  /// The tick in which a leader was last heard from; the start counts as one.
  var lastLeaderContact: UInt64 = 0
  var rejoin: RejoinState

  // Leading.
  var peers: [Progress] = []
  var heartbeatElapsed = 0
  var uncommittedBytes = 0
  var reads = ReadRounds()
  var lease = Lease()
  var transfer: LeadershipTransfer?

  // Following.
  var reception: SnapshotReception?
  var acceptance: Acceptance?
  /// Set once a leader has contradicted what is committed here: nothing more is to be given to this member.
  package internal(set) var contradiction: Contradiction?

  // What goes out.
  var writes: WritesInFlight
  var handout: Handout

  /// Branches that were reached since the node was made.
  package internal(set) var marks = MarkSet()
  /// Is told of every transition; called on the owner's thread, in the middle of a call of this node. The first event
  /// is what this node has begun with.
  package var trace: (@Sendable (TraceEvent) -> Void)? {
    didSet { if oldValue == nil { tracedDurable("InitState") } }
  }

  /// - Throws: when the configuration cannot work, or what was restored has a hole or contradicts itself.
  package init(configuration: RaftConfiguration, restored: Restored = Restored()) throws(RaftError) {
    try configuration.validate()
    let log = try restored.log()
    self.configuration = configuration
    self.id = configuration.id
    self.generator = SeededGenerator(seed: configuration.seed, stream: configuration.id.rawValue)
    self.term = restored.hardState.term
    self.vote = restored.hardState.vote
    self.log = log
    self.snapshot = restored.snapshot
    let memberships = try restored.memberships(first: configuration.membership, in: log)
    if memberships.newest.membership == .unknown, !configuration.rejoining {
      throw RaftError("nothing on the disk says who the members of the group are")
    }
    self.memberships = memberships
    self.membership = memberships.newest.membership
    self.membershipIndex = memberships.newest.index
    self.rejoin = RejoinState(isRejoining: configuration.rejoining)
    let start = restored.snapshot?.index ?? .zero
    self.commitIndex = max(restored.hardState.commit, start)
    self.appliedIndex = start
    self.writes = WritesInFlight(durableIndex: log.lastIndex, durableState: restored.hardState)
    self.writes.lateWritesCount = configuration.mistakes.contains(.lateWriteCounts)
    self.handout = Handout(
      writtenState: restored.hardState, writtenIndex: log.lastIndex, committedIndex: start)
    self.role = .follower
    self.role = passiveRole
    restartElectionTimer()
  }

  package var lastIndex: LogIndex { log.lastIndex }
  /// The first entry that is still in the log; `lastIndex + 1` when there is none.
  package var firstIndex: LogIndex { log.firstIndex }
  /// Entries up to here are on this node's own disk.
  package var durableIndex: LogIndex { writes.durableIndex }
  /// What this node has promised to hold for as long as its term lasts: all of its log as a leader, and else what it has
  /// accepted of this term's leader. The log beyond that may be cut within the term. Zero: nothing yet.
  package var promisedIndex: LogIndex {
    guard durableState.term == term else { return .zero }
    if role == .leader { return durableIndex }
    guard let acceptance, acceptance.term == term else { return .zero }
    return min(acceptance.index, durableIndex)
  }
  /// Term, vote and commit index that are on this node's own disk.
  package var durableState: HardState { writes.durableState }

  /// The term of the entry at `index`; nil when the log does not have it, or no longer.
  package func term(at index: LogIndex) -> Term? { log.term(at: index) }

  /// When the entry was written, in ms since 1970; of one that a snapshot has taken the place of, the time of that.
  package func time(at index: LogIndex) -> UInt64 { log.time(at: index) }

  /// What a member is that neither leads nor campaigns.
  var passiveRole: Role {
    rejoin.isRejoining || (!membership.votes(id) && membership.learners.contains(id)) ? .learner : .follower
  }

  /// Time passes: one tick.
  package mutating func tick() {
    now += 1
    if now % UInt64(configuration.heartbeatTicks) == 0 { handout.commitWriteDue = true }
    if role == .leader { tickLeader() } else { tickElection() }
  }

  /// Takes in a message of another member. One that is malformed, or not for this node, changes nothing.
  package mutating func step(_ message: Message) {
    guard message.to == id, message.from != id, message.from.rawValue != 0, message.isPlausible else { return }
    if trace != nil { traced("Receive" + message.traceName, message) }
    switch message.body {
    case .propose(let payloads): return receiveProposal(payloads)
    case .readIndex(let request): return receiveReadRequest(request, from: message.from)
    case .readIndexReply(let reply): return receiveReadReply(reply)
    default: break
    }
    if message.term > term {
      guard admitHigherTerm(message) else { return }
    } else if message.term < term {
      return answerLowerTerm(message)
    }
    switch message.body {
    case .voteRequest(let request): receiveVoteRequest(request, from: message.from, term: message.term)
    case .voteReply(let reply): receiveVoteReply(reply, from: message.from, term: message.term)
    case .append(let request):
      guard followLeader(message.from), acceptsLeader(message.from) else { return }
      receiveAppend(request, from: message.from)
    case .heartbeat(let heartbeat):
      guard followLeader(message.from), acceptsLeader(message.from) else { return }
      receiveHeartbeat(heartbeat, from: message.from)
    case .snapshotChunk(let chunk):
      guard followLeader(message.from), acceptsLeader(message.from) else { return }
      receiveChunk(chunk, from: message.from)
    case .appendReply(let reply): withPeer(message.from) { $0.receiveAppendReply(reply, from: $1) }
    case .heartbeatReply(let reply): withPeer(message.from) { $0.receiveHeartbeatReply(reply, from: $1) }
    case .snapshotReply(let reply): withPeer(message.from) { $0.receiveSnapshotReply(reply, from: $1) }
    case .timeoutNow: receiveTimeoutNow()
    case .rejoin: receiveRejoin(from: message.from)
    case .rejoinReply(let reply): receiveRejoinReply(reply)
    case .propose, .readIndex, .readIndexReply: break  // Belong to no term; handled above.
    }
  }

  /// A leader looks at an answer: its sender has been heard from.
  private mutating func withPeer(_ sender: NodeID, _ body: (inout RaftNode, Int) -> Void) {
    guard role == .leader, let position = position(of: sender) else { return }
    peers[position].lastHeard = now
    body(&self, position)
  }

  func position(of peer: NodeID) -> Int? { peers.firstIndex { $0.id == peer } }
}
