import Desk
internal import Kernel
import Logging
import NIOCore
import Peering
internal import Protocol
import Raft
package import Storage
import Wire

/// Raft, the desk and everything between them, on one thread: the replica's event loop, which also serves the
/// peer links. All that arrives in one turn of the loop (frames, requests, finished writes) is taken in first;
/// then `endTurn` proposes, persists, sends, applies and delivers once for all of it.
///
/// Not thread-safe on purpose: every member is touched on `loop` alone, and `@unchecked Sendable` is there only
/// so that other threads can hand closures to that loop.
final class ReplicaCore: @unchecked Sendable {
  let options: ReplicaOptions
  let loop: any EventLoop
  let logger: Logger
  let store: DiskStore
  let network: PeerNetwork
  let inbox: RequestInbox
  let server: ServerID
  /// Called once when the node can no longer do its work; the process is to end.
  let stopped: @Sendable (ReplicaFailure) -> Void

  var raft: RaftNode
  var desk = DeskState()
  var isRunning = false

  var pending: PendingRequests
  var retryPace: RetryPace
  var lanes = SessionLanes()
  var held = HeldCommands()
  var followers = Followers()
  var gathered = GatheredCommands()
  var forwards: [ServerID: [Forward]] = [:]
  var refusals: [ServerID: [ForwardRefusal]] = [:]
  /// Requests to be routed anew at the next tick: whoever was asked was not the owner.
  var deferred: [UInt64] = []
  var reads: ReadBarriers
  var outboxes: [Outbox] = []

  /// Messages that wait for a write to be durable.
  var writesUnderWay: [(number: UInt64, messages: [Raft.Message])] = []
  var snapshots = SnapshotSchedule()
  var presences = LocalPresences()
  var placement: Placement
  var load = OwnLoad()
  var gossip: GossipNetwork?
  var watch = ServerWatch()
  /// When this node, as the leader, last proposed that time passes; nil: that was applied.
  var timeProposedAt: NIODeadline?
  var notices: [NodeID: (notice: NodeNotice, at: NIODeadline)] = [:]
  var statistics = ReplicaStatistics()
  var memory: MemoryWatch
  var memoryShortSince = NIODeadline.now()
  var memoryTrimmedAt = NIODeadline.uptimeNanoseconds(0)
  private let trace: TraceFile?

  var now = NIODeadline.now()
  var leaderLostAt: NIODeadline?
  var hasDispersed = false

  let directory: MemberDirectory
  /// The members and this node, in the order of their ids.
  var members: [MemberAddress]
  /// The same, for other threads.
  let membersForOthers: MembersBoard
  var followedMembership: (index: LogIndex, membership: Membership)
  var isLeavingGroup = false
  var isDraining = false
  var handingOver = HandingOver()
  var resigning = Resigning()
  var disk = DiskWatch()
  /// By the owner that commands are passed on to.
  var breakers: [ServerID: CircuitBreaker] = [:]
  var signals = SignalGate()
  var signalsToOwners: [ServerID: [Signal]] = [:]
  /// Who is connected: in the sessions that this node owns, and in those that somebody here follows.
  var attendance: AttendanceTable
  var localAttendance: LocalAttendance
  var drainWaiters: [(until: NIODeadline, done: @Sendable () -> Void)] = []
  /// `Entry.time` of the last applied entry, be it a command or not: the desk's clock moves with commands alone.
  var lastAppliedTime: UInt64 = 0
  var logClock: LogClock
  var firstStart: FirstStart
  /// This node has lost what it promised, as its disk said when it was opened.
  let wasMarked: Bool
  var transferWaiters: [TransferWaiter] = []
  var levelRaising = LevelRaising()
  var recoveredLevel = Level.first
  private var lastTickAt = NIODeadline.now()

  /// Ticks between two looks at what is late, and at signals and attendance.
  static let ticksPerSweep = 10

  private var turnIsScheduled = false
  private var ticks = 0

  init(
    options: ReplicaOptions, loop: any EventLoop, logger: Logger, store: DiskStore, recovered: RecoveredState,
    inbox: RequestInbox, stopped: @escaping @Sendable (ReplicaFailure) -> Void
  ) throws {
    self.options = options
    self.loop = loop
    self.logger = logger
    self.store = store
    self.inbox = inbox
    self.stopped = stopped
    server = ServerID(options.thisNode.id)
    memory = MemoryWatch(high: options.memoryBytes)
    placement = Placement(seed: options.seed)
    let newestStamp = recovered.entries.last?.time ?? recovered.snapshot?.time ?? 0
    logClock = LogClock(max(options.clock.milliseconds(), newestStamp), at: now)
    let life = logClock.milliseconds << 20
    pending = PendingRequests(after: life)
    retryPace = RetryPace(least: .milliseconds(Int64(options.retryAfter)))
    reads = ReadBarriers(after: life)
    let turns = Self.attendanceTurns(tickMilliseconds: options.tickMilliseconds)
    attendance = AttendanceTable(after: life, period: Self.attendancePeriod, turns: turns)
    localAttendance = LocalAttendance(turns: turns)
    network = PeerNetwork(configuration: options.peering, eventLoop: loop, logger: logger)
    let start = try StartingMembership(
      recovered, file: MembersFile(members: options.members, thisNode: options.thisNode))
    for note in start.notes { logger.notice("\(note)") }
    if start.mustBeMarked { try store.beginRejoining() }
    if start.record != recovered.record { try store.note(start.record) }
    wasMarked = start.isRejoining && recovered.opening != .fresh
    firstStart = FirstStart(beginning: start.beginning, mustMark: recovered.opening == .fresh)
    var configuration = RaftConfiguration(
      id: NodeID(options.thisNode.id), membership: start.base, seed: options.seed)
    configuration.electionTicks = options.electionTicks
    configuration.heartbeatTicks = options.heartbeatTicks
    configuration.leaseReads = options.leaseReads
    configuration.rejoining = start.isRejoining
    raft = try RaftNode(
      configuration: configuration,
      restored: Restored(
        hardState: recovered.hardState, snapshot: recovered.snapshot, entries: recovered.entries))
    raft.clock = logClock.milliseconds
    directory = MemberDirectory(configured: options.members, thisNode: options.thisNode)
    members = directory.members(of: raft.membership, at: raft.membershipIndex)
    membersForOthers = MembersBoard(members)
    followedMembership = (raft.membershipIndex, raft.membership)
    trace = try options.traceFile.map { try TraceFile(path: $0) }
    if let trace { raft.trace = { event in trace.add(event) } }
    if let meta = recovered.snapshot {
      desk = try DeskState(snapshot: store.readSnapshot(meta))
      raft.applied(to: meta.index)
      lastAppliedTime = meta.time
      snapshots.lastIndex = meta.index
    }
    requireRecoveredLevel(recovered.entries)
    leaderLostAt = now
  }

  // MARK: Life

  func start() -> EventLoopFuture<Void> {
    isRunning = true
    network.require(recoveredLevel)
    store.start { [self] completion in
      loop.execute { self.writeEnded(completion) }
    }
    loop.scheduleRepeatedTask(
      initialDelay: .milliseconds(Int64(options.tickMilliseconds)),
      delay: .milliseconds(Int64(options.tickMilliseconds))
    ) { [self] task in
      guard isRunning else { return task.cancel() }
      tick()
    }
    return network.start(events: self).map { [self] in
      // Members that were added at run time are not in the configuration file.
      connect(to: members)
      startGossip()
      // Who has no peers asks nobody.
      decideFirstStart()
    }
  }

  func stop() -> EventLoopFuture<Void> {
    isRunning = false
    abandonTransfers()
    abandonReads()
    abandonDrains()
    closeGossip()
    return network.close().always { [self] _ in
      trace?.flush()
      store.close()
    }
  }

  /// The node cannot go on: it leaves the cluster at once, so that it answers nothing that it cannot keep.
  func fail(_ failure: ReplicaFailure) {
    guard isRunning else { return }
    isRunning = false
    if case .removed = failure {
      logger.notice("the node ends", metadata: ["reason": "\(failure)"])
    } else {
      logger.critical("the node stops itself", metadata: ["reason": "\(failure)"])
    }
    abandonTransfers()
    abandonReads()
    abandonDrains()
    closeGossip()
    network.close().whenComplete { [stopped] _ in stopped(failure) }
  }

  // MARK: Turns

  func scheduleTurnEnd() {
    guard !turnIsScheduled else { return }
    turnIsScheduled = true
    loop.execute { self.endTurn() }
  }

  private func endTurn() {
    turnIsScheduled = false
    guard isRunning else { return }
    takeTime()
    for batch in inbox.drain() {
      for request in batch { take(request) }
    }
    startReads()
    while isRunning {
      proposeGathered()
      let ready = raft.takeReady()
      if ready.isEmpty { break }
      handle(ready)
    }
    followMembership()
    reportTransfers()
    sendForwards()
    // What the trace says is on disk has been said before anybody hears of it.
    trace?.flush()
    network.flush()
    deliver()
  }

  func takeTime() {
    now = .now()
    raft.clock = logClock.read(options.clock.milliseconds(), at: now)
    // Ticks that are late do not tell how long this process stood still.
    if options.leaseReads, now - lastTickAt > .milliseconds(Int64(options.tickMilliseconds * 3)) {
      raft.forgetLease()
    }
  }

  // MARK: Time

  private func tick() {
    takeTime()
    lastTickAt = now
    ticks += 1
    disk.look(now)
    raft.tick()
    if !deferred.isEmpty {
      let again = deferred
      deferred = []
      for number in again { route(number) }
    }
    if ticks % 5 == 0 {
      watchServers()
      pushDrain()
      stepAside()
    }
    proposeTime()
    if ticks % Self.ticksPerSweep == 0 {
      sweep()
      writeMissingAddresses()
      disperseWithoutQuorum()
      relaySignals()
      attend()
    }
    if ticks % 50 == 0 {
      sendNotices()
      raiseLevel()
      watchMemory()
    }
    if ticks % ticksPerGossip == 0 { tickGossip() }
    gathered.expireProposals(now)
    scheduleTurnEnd()
  }
}

/// Why a node stopped itself.
package enum ReplicaFailure: Error, Sendable, CustomStringConvertible {
  case disk(StoreError)
  case unreadableEntry(index: UInt64, reason: String)
  case snapshot(String)
  /// The cluster has gone on to a level that this release does not read.
  case newerLevel(String)
  /// An operator has removed this node: nothing is wrong.
  case removed

  package var description: String {
    switch self {
    case .disk(let error):
      "the disk has failed: \(error). Nothing that was acknowledged is lost: the other nodes have it. "
        + "Check the disk, then start this node again or rebuild it from its peers."
    case .unreadableEntry(let index, let reason):
      "log entry \(index) cannot be read (\(reason)): it was written by a newer version. Upgrade this node."
    case .newerLevel(let what):
      "this release is too old for its cluster: \(what). Nothing on the disk of this node was changed."
    case .removed: "this node was removed from the cluster"
    case .snapshot(let reason):
      "the snapshot cannot be used: \(reason). Rebuild this node from its peers."
    }
  }
}
