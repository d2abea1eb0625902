import Desk
import Gossip
import Node
import Protocol
import Raft

/// One node: the value that a node which serves runs, too, its disk, and what the simulated machine around it is up to.
final class SimulatedNode {
  let id: NodeID
  let server: ServerID
  /// Its place among the nodes.
  let place: Int
  var disk = SimulatedDisk()
  var archive = SimulatedArchive()
  /// Counts starts; what was meant for an earlier life does not reach this one.
  var life = 0
  /// Counts the times that its disk was emptied.
  var stores = 0
  /// The members in its configuration file, and those in the one of its last start: that may have been wrong. Empty before
  /// somebody has written it.
  var file: [NodeID] = []
  var fileOfStart: [NodeID] = []
  /// Somebody has just looked at its file.
  var startsWithCare = false
  /// It was told to begin a cluster while its own one lives; it has done so, and is none of the cluster's until its disk
  /// was emptied again.
  var mayGoAstray = false
  var isAstray = false
  /// What somebody has copied of its disk, and whether it runs on that.
  var copyOfDisk: SimulatedDisk?
  var isOldCopy = false
  /// When that was.
  var copyPutBackAt = 0
  /// It runs the new release.
  var isUpgraded = false

  // Time.
  var tickLength: Int
  /// Milliseconds that its clock is off.
  var clockOffset = 0
  /// Microseconds that its steady clock showed when it was last set to another speed, and when that was.
  var steadyTime: Int
  var steadySince = 0

  // The process.
  /// nil: there is no process, or its turn is under way and looks at it.
  var process: Process?
  private(set) var isRunning = false
  var isFrozen = false
  var frozenAt = 0
  /// What came in while it was frozen.
  var mailbox: [Happening] = []
  /// How many of these are datagrams.
  var heldDatagrams = 0
  var turnIsDue = false
  var observer: NodeWatch?
  /// Clients' connections, by their number.
  var connections: [UInt64: GatewayConnection] = [:]
  /// What its clients may ask for together; nil: nobody has asked yet.
  var addressBudget: TokenBucket?
  /// As clients are told of them.
  var members: [MemberAddress] = []
  /// Whom it connects to, by place, and where it can send.
  var peers: Set<Int> = []
  var links: Set<Int> = []
  var ticks = 0
  /// The newest write that the disk has called durable, and the newest of which the process knows.
  var durableNumber: UInt64 = 0
  var reportedNumber: UInt64 = 0
  /// Writes whose snapshot the disk has refused, and the process does not know yet.
  var refusedNumbers: [UInt64] = []
  /// As the process was told.
  var diskIsFull = false

  /// What it has told each peer of itself last, on the connection that is there now, and of which group each one has told
  /// it to be. By place.
  var told: [Int: NodeNotice] = [:]
  var heardGroups: [Int: UInt64] = [:]
  var heardLives: [Int: UInt64] = [:]

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
  var wasLeaderIn = Term.zero
  /// Where configurations stand in its log.
  var membershipIndexes: [LogIndex] = []
  var appliedIndex = LogIndex.zero
  /// The state one entry ago; kept for the mistake that needs it.
  var deskBefore = noDesk
  /// When its next tick is due, if its loop is not late.
  var nextTick = 0

  /// Made once: its shards are many.
  private static let noDesk = ReplicatedState()

  /// Where a node lies: it is large, and a copy of it would count references to all that it has.
  final class Process {
    var node: Node
    init(_ node: Node) { self.node = node }
  }

  init(place: Int, tick: Int) {
    self.place = place
    id = NodeID(UInt64(place + 1))
    server = ServerID(UInt64(place + 1))
    tickLength = tick
    steadyTime = 1_000_000 * (7 * place + 1)
  }

  var isUp: Bool { isRunning && !isFrozen }
  var raft: RaftNode? { process?.node.raft }
  var state: ReplicatedState { process?.node.state ?? Self.noDesk }

  /// Whether the mailbox of a frozen process takes in more than datagrams.
  var hasRoom: Bool { mailbox.count - heldDatagrams < 200 }

  func begin(_ node: Node, _ observer: NodeWatch) {
    let process = Process(node)
    process.node.observer = observer
    self.process = process
    self.observer = observer
    isRunning = true
  }

  /// The process is gone.
  func forgetProcess() {
    process = nil
    observer = nil
    connections = [:]
    addressBudget = nil
    members = []
    isRunning = false
    isFrozen = false
    mailbox = []
    heldDatagrams = 0
    gossip = nil
    turnIsDue = false
    peers = []
    links = []
    told = [:]
    heardGroups = [:]
    heardLives = [:]
    refusedNumbers = []
    durableNumber = 0
    reportedNumber = 0
    diskIsFull = false
    appliedIndex = .zero
    deskBefore = Self.noDesk
    ticks = 0
  }
}
