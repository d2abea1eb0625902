package import Desk
package import Kernel
import Protocol
package import Raft

/// One node of a cluster, as a value: what it decides, and nothing that it does. Inputs go in with `take`, and at the end
/// of each turn `endTurn` gives what is to be done. It reads no clock, draws from a seeded generator, does no input or
/// output and never waits; one owner drives it. The process that serves (`Host`) and the simulator drive this same value.
///
/// All that arrives in one turn is taken in first; then `endTurn` proposes, persists, sends, applies and delivers once for
/// all of it. Each part below owns its state, and is changed by the files of its own folder through its own methods.
package struct Node: Sendable {
  package let configuration: NodeConfiguration
  package let server: ServerID

  // What the cluster agrees on.
  package internal(set) var raft: RaftNode
  package internal(set) var state: ReplicatedState
  var log: AppliedLog
  var pastEvents = PastEvents()
  var writes = WritesUnderWay()
  var diskWatch = DiskWatch()
  var leadership: Leadership
  var logClock: LogClock

  // What clients ask.
  var pending: PendingRequests
  var retryPace: RetryPace
  var pipelines = SessionPipelines()
  var held = HeldCommands()
  var order = RequestOrder()
  var reads: ReadBarriers
  var audited = AuditedReads()
  var reading = ReadBudget()
  var subscriptions = Subscriptions()
  var agentConnections = AgentConnections()
  var chatsToTell = ChatsToTell()
  var backlogs = Backlogs()

  // The way to the owners, and of the owner into the log.
  var routes = Routes()
  var routedAgain = RoutedAgain()
  var batch = Batch()
  var placement: OwnerChoice

  // Past the log.
  var presence: PresenceTable
  var localPresence: LocalPresence
  var absenceWatch: AbsenceWatch
  var visits: Visits
  var events = EphemeralEvents()

  // For those who follow a desk.
  var followed = FollowedDesks()

  // The group and its nodes.
  var group: Group
  var drain = Drain()
  var handingOver = HandingOver()
  var resigning = Resigning()
  var levelRaising = LevelRaising()
  /// What this node may have in its log, and those it talks to must read.
  package internal(set) var requiredLevel: Level
  var peers = Peers()
  var watch = ServerWatch()
  var snapshots = SnapshotSchedule()
  var askedSnapshots = AskedSnapshots()
  var archive: ArchiveHandover
  var leftSessions = LeftSessions()
  var purging = Purging()
  var retention = RetentionWatch()
  var askedOfArchive = AskedOfArchive()
  var filling: ArchiveFilling
  var lending = ArchiveLending()
  var catchUp = CatchUp()

  // What it knows by being told, and what it tells.
  var surroundings = Surroundings()
  var conditionsSince = ConditionTimes()
  var progress = ProgressWatch()
  var clocks = ClockWatch()
  var noSpareSince: Instant?
  var integrity: Integrity
  /// It takes no further part, and ends in a moment.
  var standstill: Standstill?
  var memory: MemoryWatch
  var memoryShortSince: Instant
  var memoryTrimmedAt: Instant?
  var quiet = Quiet()
  var load: OwnLoad
  var metrics: NodeMetrics
  var outbox = Outbox()
  var output = NodeOutput()

  /// Looks on, where there is one.
  package weak var observer: (any NodeObserver)?

  var now: Instant
  var timeOfDay: UInt64
  private var lastTickAt: Instant
  private var ticks = 0
  /// It takes nothing any more, and says nothing but why it has ended, once, and to calls that it has.
  package private(set) var hasEnded = false

  /// Ticks between two looks at what is late, and at what goes past the log.
  static let ticksPerSweep = 10

  /// - Parameter restored: what the disk has kept.
  /// - Throws: when what was restored has a hole or contradicts itself.
  package init(
    configuration: NodeConfiguration, restored: RestoredNode, at time: NodeTime
  ) throws(RaftError) {
    self.configuration = configuration
    server = ServerID(configuration.thisNode.id)
    now = time.now
    timeOfDay = time.timeOfDay
    lastTickAt = time.now
    let newestStamp = restored.entries.last?.time ?? restored.snapshot?.time ?? 0
    logClock = LogClock(max(time.timeOfDay, newestStamp), at: time.now)
    let ownLife = logClock.milliseconds << 20 + Self.lot(configuration.seed)
    let life = configuration.mistakes.contains(.numbersBeginAnew) ? 1 : ownLife
    pending = PendingRequests(after: life)
    retryPace = RetryPace(least: .milliseconds(configuration.retryAfter))
    memory = MemoryWatch(high: configuration.memoryBytes)
    memoryShortSince = time.now
    requiredLevel = Self.recoveredLevel(restored.state, restored.entries)
    reads = ReadBarriers(after: life)
    let turns = Self.presenceTurns(tickMilliseconds: configuration.tickMilliseconds)
    presence = PresenceTable(after: life, period: Self.presencePeriod, turns: turns)
    localPresence = LocalPresence(turns: turns)
    absenceWatch = AbsenceWatch(configuration.absence)
    visits = Visits(configuration.absence)
    placement = OwnerChoice(rules: configuration.placement, seed: configuration.seed)
    load = OwnLoad(at: time.now)
    metrics = NodeMetrics(at: time.now)
    leadership = Leadership(lostAt: time.now)
    var raft = try RaftNode(
      configuration: configuration.raft(restored),
      restored: Restored(
        hardState: restored.hardState, snapshot: restored.snapshot, entries: restored.entries))
    raft.clock = logClock.milliseconds
    state = restored.state
    if let most = configuration.mostPulled { state.mostPulled = most }
    if configuration.mistakes.contains(.appliedTwice) { Self.applyAgain(restored, &state) }
    log = AppliedLog(index: restored.snapshot?.index ?? .zero, time: restored.snapshot?.time ?? 0)
    archive = ArchiveHandover(
      durable: restored.archived, needsWhole: restored.archiveNeedsWhole, state: log.index)
    filling = ArchiveFilling(restored.archiveGaps, configuration.filling)
    log.ignoresLoading = configuration.mistakes.contains(.appliesWhileLoading)
    integrity = Integrity(
      life: ownLife,
      start: StorePosition(term: raft.durableState.term.rawValue, index: raft.durableIndex.rawValue))
    if let meta = restored.snapshot {
      integrity.digests.begin(at: meta.index.rawValue, state.digest)
      raft.applied(to: meta.index)
      snapshots.has(meta.index, size: Int(clamping: meta.size))
    }
    group = Group(
      directory: MemberDirectory(configured: configuration.members, thisNode: configuration.thisNode),
      firstStart: FirstStart(
        beginning: restored.beginning, mustMark: restored.mustMark, wasMarked: restored.wasMarked),
      raft: raft)
    self.raft = raft
    output.peers = group.members
    output.members = group.members
    output.requiredLevel = requiredLevel
  }

  /// Two lives can begin at the same time of the log: where the clock is behind it, and nothing new came between. Then a
  /// number that is drawn keeps their requests apart, or the answer to one of the first could be taken for that to one of
  /// the second. 19 bits, so that a life may still number as many more in its first millisecond.
  private static func lot(_ seed: UInt64) -> UInt64 { (seed &* 0x9E37_79B9_7F4A_7C15) >> 45 }

  /// The mistake `appliedTwice`.
  private static func applyAgain(_ restored: RestoredNode, _ state: inout ReplicatedState) {
    var effects: [Effect] = []
    for entry in restored.entries
    where entry.index <= restored.snapshot?.index ?? .zero && entry.kind == .command {
      guard let submissions = try? CommandCodec.decode(entry.data) else { continue }
      state.apply(submissions, index: entry.index.rawValue + 1_000_000, now: entry.time, into: &effects)
    }
  }

  // MARK: Inputs

  /// Something has happened. What follows from it comes with the end of the turn.
  package mutating func take(_ input: NodeInput, at time: NodeTime) {
    guard !hasEnded else {
      // Whoever calls waits for an answer.
      if case .call(let number, let call) = input { output.answers.append((number, call.answerOfEndedNode)) }
      return
    }
    advance(to: time)
    guard standstill == nil else { return takeAtStandstill(input) }
    switch input {
    case .tick(let surroundings): tick(surroundings)
    case .requests(let batch): for request in batch { take(request) }
    case .peer(let content, let peer): receive(content, from: peer)
    case .linkUp(let peer, let level): linkUp(peer, level)
    case .linkDown(let peer, let refused): linkDown(peer, refused: refused)
    case .inboundLost(let peer): inboundLost(peer)
    case .unsent(let peer): raft.peerUnreachable(peer)
    case .written(let number, let seconds): written(number, seconds)
    case .snapshotRefused(let number, let reason): snapshotRefused(number, reason)
    case .diskFull(let free): diskBecameFull(free)
    case .roomAgain(let free): diskHasRoom(free)
    case .chunkRead(let read, let data): chunkWasRead(read, data)
    case .snapshotWritten(let meta): snapshotWasWritten(meta)
    case .snapshotFailed(let reason): snapshotFailed(reason)
    case .snapshotLoaded(let meta, let state): install(meta, state)
    case .snapshotUnreadable(let meta, let reason): snapshotUnreadable(meta, reason)
    case .archived(let index): archiveIsDurable(index)
    case .archiveFailed(let reason, let needsWhole): archiveFailed(reason, needsWhole: needsWhole)
    case .archiveGaps(let gaps): filling.know(gaps)
    case .archivePageRead(let number, let page): archivePageWasRead(number, page)
    case .archivePageWritten(let number, let outcome): archivePageWasWritten(number, outcome)
    case .archiveAnswered(let number, let answer): archiveAnswered(number, answer)
    case .call(let number, let call): take(call, number)
    case .sinks(let count): outbox.serve(count)
    }
  }

  /// The end of the turn: what was taken in has its consequences.
  ///
  /// - Returns: what is to be done now.
  ///
  /// Where the disk and the peers can work meanwhile, `beginTurnEnd` comes first.
  package mutating func endTurn(at time: NodeTime) -> NodeOutput {
    // It may have ended by what it has taken in: that is the last that it says.
    guard !hasEnded else { return takeOutput() }
    advance(to: time)
    if standstill != nil { return takeOutput() }
    var budget = ApplyBudget()
    var routing = configuration.turn.routed
    var catchingUp = configuration.turn.caughtUp
    reading = ReadBudget(readers: configuration.turn.readers)
    chatsToTell.beginTurn(configuration.turn.chats)
    var isIdle = false
    while !isIdle, output.failure == nil {
      routeAgain(&routing)
      startReads()
      proposeBatch()
      let ready = raft.takeReady()
      isIdle = ready.isEmpty
      observer?.took(ready, &raft)
      if !isIdle { handle(ready) }
      if continueCatchUp(&catchingUp) { isIdle = false }
      if applyWaiting(&budget) { isIdle = false }
      if runReads() { isIdle = false }
    }
    tellMoreChats()
    followMembership()
    tellPastEvents()
    reportTransfers()
    reportChanges()
    sendForwards()
    output.hasMore =
      catchUp.isUnderWay || log.hasMore || reads.hasReadable || !routedAgain.isEmpty || chatsToTell.isWaiting
    output.deliveries = outbox.take()
    if !followed.isEmpty { output.deskNews = takeDeskNews() }
    handToArchive()
    return takeOutput()
  }

  private mutating func takeOutput() -> NodeOutput {
    var taken = NodeOutput()
    swap(&taken, &output)
    return taken
  }

  /// The first half of a turn's end: what consensus writes and sends. The disk and the peers work on it while `endTurn`
  /// applies what is committed, so that neither waits for the other (Ongaro's dissertation, 10.2.1).
  ///
  /// - Returns: nil: nothing is to be carried out before `endTurn`.
  package mutating func beginTurnEnd(at time: NodeTime) -> NodeOutput? {
    guard !hasEnded else { return nil }
    advance(to: time)
    guard standstill == nil else { return nil }
    startReads()
    while output.failure == nil {
      proposeBatch()
      let ready = raft.takeReady()
      if ready.isEmpty { break }
      observer?.took(ready, &raft)
      handle(ready)
    }
    sendForwards()
    guard !output.writes.isEmpty || !output.frames.isEmpty else { return nil }
    return takeOutput()
  }

  /// The process ends: nobody is left waiting.
  package mutating func end() -> NodeOutput {
    defer { output = NodeOutput() }
    if !hasEnded {
      hasEnded = true
      abandonCalls()
    }
    var last = NodeOutput()
    last.answers = output.answers
    return last
  }

  mutating func fail(_ failure: NodeFailure) {
    guard output.failure == nil else { return }
    output.failure = failure
    abandonCalls()
    hasEnded = true
  }

  private mutating func advance(to time: NodeTime) {
    now = .later(of: now, time.now)
    timeOfDay = time.timeOfDay
    raft.clock = logClock.read(timeOfDay, at: now)
    // Ticks that are late do not tell how long this process stood still.
    if configuration.leaseReads,
      now - lastTickAt > .milliseconds(Int64(configuration.tickMilliseconds * 3))
    {
      raft.forgetLease()
    }
  }

  // MARK: Time

  private mutating func tick(_ surroundings: Surroundings) {
    self.surroundings = surroundings
    peers.take(surroundings.announced)
    conditionsSince.look(ownConditions, at: now)
    lastTickAt = now
    ticks += 1
    // Who has no peers asks nobody. Not before: whoever watches Raft is to see it.
    if ticks == 1 { decideFirstStart() }
    diskWatch.look(now)
    raft.tick()
    sendAgain(routes.takeDeferred())
    if ticks % 5 == 0 {
      watchServers()
      pushDrain()
      stepAside()
    }
    proposeTime()
    proposeDroppedMonths()
    if ticks % Self.ticksPerSweep == 0 {
      if !hasPurged { makeSnapshotIfDue() }
      sweep()
      watchAskedSnapshots()
      writeMissingAddresses()
      redirectWithoutQuorum()
      relayEvents()
      tellPresence()
      fillArchive()
    }
    if ticks % 50 == 0 {
      compareStates()
      watchProgress()
      followMoves()
      noSpareSince = quorum().canLose == 0 ? noSpareSince ?? now : nil
      sendReports()
      raiseLevel()
      watchMemory()
      watchQuiet()
    }
    if ticks % configuration.ticksPerGossip == 0 { refreshLoad() }
    batch.expireProposals(now)
    leaveGroupIfDue()
  }

  // MARK: For those who watch

  /// Is told of every transition of Raft, in the middle of a call of this node.
  package var trace: (@Sendable (TraceEvent) -> Void)? {
    get { raft.trace }
    set { raft.trace = newValue }
  }
}

/// What a node finds on its disk when it starts.
package struct RestoredNode: Sendable {
  package var hardState = HardState()
  package var snapshot: SnapshotMeta?
  /// What the snapshot holds; empty without one.
  package var state = ReplicatedState()
  package var entries: [Entry] = []
  /// In effect before the first configuration in the log.
  package var membership = Membership.unknown
  /// The disk was emptied, or never used: this node does not vote before its cluster has spoken.
  package var isRejoining = false
  /// The disk does not say so yet, and has to before anything else is written to it.
  package var mustMark = false
  /// The disk has said so when it was opened: what this node promised is lost.
  package var wasMarked = false
  /// The members of the cluster that this node was told to begin; nil: it joins.
  package var beginning: Membership?
  /// The archive has all that was applied up to here; nil: the node keeps none.
  package var archived: LogIndex?
  /// But a file of it was lost.
  package var archiveNeedsWhole = false
  /// What it misses, and other archives may have.
  package var archiveGaps = ArchiveGaps()
  package init() {}
}

extension NodeConfiguration {
  func raft(_ restored: RestoredNode) -> RaftConfiguration {
    var raft = RaftConfiguration(
      id: NodeID(thisNode.id), membership: restored.membership, seed: seed)
    raft.electionTicks = electionTicks
    raft.heartbeatTicks = heartbeatTicks
    raft.leaseReads = leaseReads
    raft.preVote = consensus.preVote
    raft.checkQuorum = consensus.checkQuorum
    raft.snapshotChunkBytes = consensus.snapshotChunkBytes ?? raft.snapshotChunkBytes
    raft.maxAppendBytes = consensus.maxAppendBytes ?? raft.maxAppendBytes
    raft.maxInflightMessages = consensus.maxInflightMessages ?? raft.maxInflightMessages
    raft.maxInflightBytes = consensus.maxInflightBytes ?? raft.maxInflightBytes
    raft.maxUncommittedBytes = consensus.maxUncommittedBytes ?? raft.maxUncommittedBytes
    raft.maxRetainedBytes = consensus.maxRetainedBytes ?? raft.maxRetainedBytes
    raft.mistakes = consensus.mistakes
    raft.rejoining = restored.isRejoining
    return raft
  }

  /// So many ticks are one of gossip.
  var ticksPerGossip: Int { max(1, gossipMilliseconds / tickMilliseconds) }
}
