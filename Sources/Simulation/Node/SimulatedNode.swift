import Desk
import Gossip
import Protocol
import Raft
import Wire

/// One node: what it keeps in memory (gone when it crashes) and its disk.
final class SimulatedNode {
  let id: NodeID
  let server: ServerID
  /// Its place among the nodes.
  let place: Int
  var disk = SimulatedDisk()
  /// Counts starts; what was meant for an earlier life does not reach this one.
  var life = 0
  /// Counts the times that its disk was emptied.
  var stores = 0

  // Time.
  var tickLength: Int
  /// Milliseconds that its clock is off.
  var clockOffset = 0
  /// Microseconds that its steady clock showed when it was last set to another speed, and when that was.
  var steadyTime: Int
  var steadySince = 0

  // What a process has.
  var raft: RaftNode?
  var desk = DeskState()
  /// As it was one entry ago; kept for the mistake that needs it.
  var deskBefore = DeskState()
  var appliedIndex = LogIndex.zero
  /// Of the entry at that index.
  var appliedTime: UInt64 = 0
  var entriesSinceSnapshot = 0
  var snapshotUnderWay = false
  var isFrozen = false
  var frozenAt = 0
  /// What came in while it was frozen.
  var mailbox: [Happening] = []
  /// How many of these are datagrams.
  var heldDatagrams = 0
  var turnIsDue = false
  var writesUnderWay: [(number: UInt64, messages: [Raft.Message])] = []
  /// Writes whose snapshot the disk has refused, and the process does not know yet.
  var refusedNumbers: Set<UInt64> = []

  // The shell's requests.
  var pending: [PendingRequest] = []
  var lastRequest: UInt64 = 0
  var gathered: [Submission] = []
  var forwards: [[Forward]]
  var refusals: [[ForwardRefusal]]
  var waitingReads: [WaitingRead] = []
  var readRounds: [ReadRound] = []
  var lastContext: UInt64 = 0
  var ticks = 0

  // Agents.
  /// Statuses that came in, by the number of the connection, while that is there.
  var connected: [UInt64: SetAgentStatus] = [:]
  var own: [OwnCommand] = []
  /// The presences of its last life have ended.
  var isAnnounced = false
  var isAnnouncing = false
  /// When it said, as the leader, that time has passed; nil: that was applied.
  var timeProposedAt: Int?

  // Gossip.
  var gossip: GossipPart?
  /// The operator wants it to take no new sessions.
  var isDraining = false
  /// How often its load was measured, in all its lives.
  var measurements: UInt32 = 0
  /// The highest that it has called itself, in all its lives.
  var highestIncarnation = Incarnation.zero

  // For the checks.
  var lastCommit = LogIndex.zero
  /// In effect when it was looked at last.
  var lastMembership: Membership?
  var lastMembershipIndex = LogIndex.zero
  /// The newest write that the disk has called durable.
  var durableNumber: UInt64 = 0
  var wasLeaderIn = Term.zero
  /// Where configurations stand in its log.
  var membershipIndexes: [LogIndex] = []
  /// When its next tick is due, if its loop is not late.
  var nextTick = 0
  var effects: [Effect] = []

  init(place: Int, of count: Int, tick: Int) {
    self.place = place
    id = NodeID(UInt64(place + 1))
    server = ServerID(UInt64(place + 1))
    tickLength = tick
    steadyTime = 1_000_000 * (7 * place + 1)
    forwards = Array(repeating: [], count: count)
    refusals = Array(repeating: [], count: count)
  }

  var isRunning: Bool { raft != nil }
  var isUp: Bool { raft != nil && !isFrozen }

  /// Whether the mailbox of a frozen process takes in more than datagrams.
  var hasRoom: Bool { mailbox.count - heldDatagrams < 200 }

  /// The process is gone.
  func forgetProcess() {
    raft = nil
    desk = DeskState()
    deskBefore = DeskState()
    appliedIndex = .zero
    appliedTime = 0
    entriesSinceSnapshot = 0
    snapshotUnderWay = false
    isFrozen = false
    mailbox = []
    heldDatagrams = 0
    gossip = nil
    turnIsDue = false
    writesUnderWay = []
    refusedNumbers = []
    durableNumber = 0
    pending = []
    connected = [:]
    own = []
    isAnnounced = false
    isAnnouncing = false
    timeProposedAt = nil
    gathered = []
    for peer in forwards.indices {
      forwards[peer] = []
      refusals[peer] = []
    }
    waitingReads = []
    readRounds = []
    ticks = 0
  }
}

/// A client's command that waits to be applied at the node where it came in.
struct PendingRequest {
  var number: UInt64
  var request: ClientRequest
  var command: Command
  var since: Int
  var lastAttempt: Int
}

struct WaitingRead {
  var request: ClientRequest
  var since: Int
}

/// Reads that share one ReadIndex request.
struct ReadRound {
  var context: UInt64
  var reads: [WaitingRead]
  var index: LogIndex?
  var since: Int
}
