import Desk
import Kernel
import Logging
import NIOCore
import NIOPosix
import Node
import Peering
import Protocol
import Raft
import Storage
import Wire

/// Drives one `Node` with real connections, a real disk and real time, on one event loop, which also serves the peer links.
/// What the node decides is in `Node`; this gives it what happens and carries out what it says.
///
/// Not thread-safe on purpose: every member is touched on `loop` alone, and `@unchecked Sendable` is there only
/// so that other threads can hand closures to that loop.
final class NodeDriver: @unchecked Sendable {
  let options: ReplicaOptions
  let loop: any EventLoop
  let logger: Logger
  let store: DiskStore
  let network: PeerNetwork
  /// nil: this node keeps none.
  let archive: NodeArchive?
  private let inbox: RequestInbox
  /// Called once when the node can no longer do its work; the process is to end.
  private let stopped: @Sendable (ReplicaFailure) -> Void

  private(set) var node: Node
  private(set) var isRunning = false
  var gossip: GossipNetwork?
  /// The members and this node, for other threads.
  let members: MembersBoard
  private let trace: TraceFile?
  private var sinks: [(any DeliverySink)?] = []
  /// Who is told what happens in desks.
  weak var newsSink: (any DeskNewsSink)?
  private var calls: [UInt64: @Sendable (NodeAnswer) -> Void] = [:]
  private var lastCall: UInt64 = 0
  private var turnIsScheduled = false
  /// While the node runs they go on.
  private(set) var ticks = 0
  private var processorLoad = ProcessorLoad()
  private var loopLagMilliseconds = 0.0
  private var usedMemory: Int?
  private(set) var turns = TurnWatch()
  var unknownMessages = UnknownMessages()

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
    network = PeerNetwork(configuration: options.peering, eventLoop: loop, logger: logger)
    archive = options.archiveDirectory.map {
      NodeArchive(directory: $0, isFresh: recovered.opening == .fresh, loop: loop, logger: logger)
    }
    var restored = try RestoredNode(
      recovered, in: store, file: MembersFile(members: options.node.members, thisNode: options.node.thisNode)
    ) { logger.notice("\($0)") }
    archive?.tell(&restored)
    trace = try options.traceFile.map { try TraceFile(path: $0) }
    node = try Node(configuration: options.node, restored: restored, at: Self.time(options))
    members = MembersBoard(options.node.members)
    if let trace { node.trace = { event in trace.add(event) } }
  }

  private static func time(_ options: ReplicaOptions) -> NodeTime {
    NodeTime(
      now: Instant(nanoseconds: NIODeadline.now().uptimeNanoseconds),
      timeOfDay: options.clock.milliseconds())
  }

  // MARK: Life

  func start() -> EventLoopFuture<Void> {
    isRunning = true
    archive?.serve(self)
    store.start { [self] completion in
      loop.execute { self.writeEnded(completion) }
    }
    let tick = TimeAmount.milliseconds(Int64(options.node.tickMilliseconds))
    loop.scheduleRepeatedTask(initialDelay: tick, delay: tick) { [self] task in
      guard isRunning else { return task.cancel() }
      self.tick()
    }
    // Before anybody greets.
    network.require(node.requiredLevel)
    return network.start(events: self).map { [self] in
      startGossip()
      // Members that were added at run time are not in the configuration file: the node names them all.
      endTurn()
    }
  }

  func stop() -> EventLoopFuture<Void> {
    end()
    return network.close().always { [self] _ in
      trace?.flush()
      store.close()
      archive?.close()
    }
  }

  /// The node cannot go on: it leaves the cluster at once, so that it answers nothing that it cannot keep.
  func fail(_ failure: ReplicaFailure) {
    guard isRunning else { return }
    if failure.isRemoval {
      logger.notice("the node ends", metadata: ["reason": "\(failure)"])
    } else {
      logger.critical("the node stops itself", metadata: ["reason": "\(failure)"])
    }
    end()
    network.close().whenComplete { [stopped] _ in stopped(failure) }
  }

  private func end() {
    isRunning = false
    answer(node.end().answers)
    // Says goodbye; the socket closes beside the peers' connections.
    gossip?.close().whenComplete { _ in }
  }

  // MARK: Turns

  /// A customer has looked at an own session over HTTP: see `Visits`.
  func visited(_ session: SessionID, by person: Person) { node.visited(session, by: person) }

  /// Something has happened; its consequences come at the end of the turn, once for all that happens in it.
  ///
  /// - Parameter known: what it is, from those who bring much of it.
  func take(_ input: NodeInput, _ known: InputKind? = nil) {
    guard isRunning else { return }
    let time = Self.time(options)
    let kind = known ?? InputKind(input)
    turns.begin(time.now)
    node.take(input, at: time)
    turns.took(kind)
    scheduleTurnEnd()
  }

  func scheduleTurnEnd() {
    guard !turnIsScheduled else { return }
    turnIsScheduled = true
    loop.execute { self.endTurn() }
  }

  private func endTurn() {
    turnIsScheduled = false
    guard isRunning else { return }
    let time = Self.time(options)
    turns.begin(time.now)
    let (batches, hasMore) = inbox.drain()
    for batch in batches { node.take(.requests(batch), at: time) }
    if let early = node.beginTurnEnd(at: time) {
      carryOut(early)
      guard isRunning else { return }
    }
    carryOut(node.endTurn(at: time))
    if hasMore { scheduleTurnEnd() }
    if let slow = turns.end(applied: node.raft.appliedIndex.rawValue) {
      logger.warning(
        "a turn of the node's thread was long", metadata: ["ms": "\(slow.milliseconds)", "did": "\(slow.work)"])
    }
  }

  private func tick() {
    ticks += 1
    if ticks % 50 == 0 {
      processorLoad.look(.now())
      usedMemory = ResidentMemory.read()
      measureLoopLag()
    }
    if ticks % 500 == 1 { archive?.measure() }
    take(.tick(surroundings()))
    if ticks % max(1, options.node.gossipMilliseconds / options.node.tickMilliseconds) == 0 { gossip?.tick() }
  }

  private func measureLoopLag() {
    let asked = NIODeadline.now()
    loop.execute { [self] in
      loopLagMilliseconds = Double((NIODeadline.now() - asked).nanoseconds) / 1e6
    }
  }

  private func surroundings() -> Surroundings {
    var surroundings = Surroundings()
    surroundings.connections = sinks.reduce(0) { $0 + ($1?.openConnections ?? 0) }
    surroundings.processorShare = processorLoad.share
    surroundings.loopLagMilliseconds = loopLagMilliseconds
    surroundings.certificates = options.certificates.current
    surroundings.conditions = options.conditions
    if let archive {
      surroundings.archive = archive.amounts
      if archive.archivist == nil { surroundings.conditions.insert(.archiveFails) }
    }
    let disk = store.statistics
    surroundings.disk.logBytes = disk.logBytes
    surroundings.disk.freeBytes = disk.freeBytes
    surroundings.disk.backlogBytes = store.backlogBytes
    surroundings.contacts = network.contacts.map {
      PeerContact(
        node: $0.id, lastHeard: $0.lastContact.map { Instant(nanoseconds: $0.uptimeNanoseconds) },
        roundTrip: $0.roundTrip)
    }
    surroundings.announced = network.announcedLevels
    surroundings.usedMemory = usedMemory
    surroundings.gossip = gossip?.view
    return surroundings
  }

  // MARK: Output

  private func carryOut(_ output: NodeOutput) {
    for line in output.logs { log(line) }
    // What the trace says is on disk has been said before anybody hears of it.
    trace?.flush()
    if let level = output.requiredLevel { network.require(level) }
    if output.marksDisk {
      do { try store.beginRejoining() } catch {
        // Nothing else of this turn may leave the node, but nobody is left waiting.
        answer(output.answers)
        return fail(.disk(error))
      }
    }
    if let index = output.purge { store.purge(index) }
    if !output.writes.isEmpty { store.submit(output.writes) }
    for frame in output.frames where !network.send(frame) { unsent(frame.to) }
    network.flush()
    for (sink, batch) in output.deliveries.enumerated() where !batch.isEmpty { sinks[sink]?.deliver(batch) }
    // The answer says from where on: what is behind it comes after.
    answer(output.answers)
    if !output.deskNews.isEmpty { newsSink?.take(output.deskNews) }
    if let members = output.members { self.members.replace(members) }
    if let peers = output.peers { connect(to: peers) }
    if output.belongs != nil { tellMembersToGossip() }
    if let hints = output.hints { gossip?.updateHints(hints) }
    for read in output.chunkReads { self.read(read) }
    if let job = output.snapshot { write(job) }
    if let meta = output.load { load(meta) }
    if let batch = output.archive { archive?.submit(batch) }
    for question in output.archiveQuestions { ask(question) }
    for page in output.archivePageReads { read(page) }
    if let page = output.archivePage { write(page) }
    if let index = output.compactTo { store.compact(to: index) }
    if output.endsRejoining {
      do { try store.endRejoining() } catch { fail(.disk(error)) }
    }
    if output.givesBackMemory {
      NIOThreadPool.singleton.submit { state in
        if state == .active { ResidentMemory.giveBack() }
      }
    }
    if let failure = output.failure {
      if let reason = failure.staysDown { stayDown(reason) }
      fail(.node(failure))
    }
    if output.hasMore { scheduleTurnEnd() }
  }

  /// Its data must not be used again. Whether the disk takes that or not, the node ends.
  private func stayDown(_ reason: String) {
    do { try store.stopForGood(reason) } catch {
      logger.error("the disk cannot note that this node must not start again", metadata: ["error": "\(error)"])
    }
  }

  /// Told with the next turn: this one is being carried out.
  private func unsent(_ peer: NodeID) { loop.execute { self.take(.unsent(peer)) } }

  private func log(_ line: LogLine) {
    let level: Logger.Level =
      switch line.level {
      case .info: .info
      case .notice: .notice
      case .warning: .warning
      case .error: .error
      }
    guard level >= logger.logLevel else { return }
    let details = Logger.Metadata(line.details.map { ($0.name, "\($0.value)") }) { first, _ in first }
    logger.log(level: level, "\(line.message)", metadata: details)
  }

  // MARK: Gateways and callers

  func attach(_ sink: any DeliverySink, as number: UInt16) {
    while sinks.count <= Int(number) { sinks.append(nil) }
    sinks[Int(number)] = sink
    node.take(.sinks(sinks.count), at: Self.time(options))
  }

  /// - Parameter answered: called on the loop, also when the node ends.
  func call(_ call: NodeCall, answered: @escaping @Sendable (NodeAnswer) -> Void) {
    guard isRunning else { return answered(call.answerOfEndedNode) }
    lastCall += 1
    calls[lastCall] = answered
    take(.call(lastCall, call))
  }

  private func answer(_ answers: [(call: UInt64, answer: NodeAnswer)]) {
    for (number, answer) in answers { calls.removeValue(forKey: number)?(answer) }
  }

  // MARK: Disk

  private func writeEnded(_ completion: DiskStore.Completion) {
    switch completion {
    case .durable(let number, let seconds): take(.written(number: number, seconds: seconds), .disk)
    case .diskFull(let free): take(.diskFull(free: free))
    case .roomAgain(let free): take(.roomAgain(free: free))
    case .failed(let error, let number):
      switch error {
      case .snapshotDamaged, .chunkOutOfOrder:
        take(.snapshotRefused(number: number, reason: "\(error.finding)"))
      case .unreadable: fail(.node(.newerLevel("\(error.finding)")))
      default: fail(.disk(error))
      }
    }
  }

  /// Reads and decodes stand beside the traffic: none of them may hold up a vote.
  private func beside<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value, then: @escaping @Sendable (Result<Value, any Error>) -> Void
  ) {
    NIOThreadPool.singleton.runIfActive(eventLoop: loop, work).whenComplete(then)
  }

  private func read(_ read: ChunkRead) {
    let store = store
    beside {
      try store.readChunk(read.meta, offset: read.offset, length: read.length)
    } then: { [self] result in
      if case .failure(let error) = result {
        logger.error("a snapshot cannot be read for a peer", metadata: ["error": "\(error)"])
      }
      take(.chunkRead(read, data: (try? result.get()) ?? nil))
    }
  }

  private func write(_ job: SnapshotJob) {
    let store = store
    beside {
      try store.writeSnapshot(
        index: job.index, term: job.term, time: job.time, membership: job.membership
      ) { sink in
        try job.state.encodeSnapshot(into: sink)
      }
    } then: { [self] result in
      switch result {
      case .success(let meta): take(.snapshotWritten(meta))
      case .failure(let error): take(.snapshotFailed("\(error)"))
      }
    }
  }

  private func load(_ meta: SnapshotMeta) {
    let store = store
    beside {
      try ReplicatedState(snapshot: store.readSnapshot(meta))
    } then: { [self] result in
      switch result {
      case .success(let state): take(.snapshotLoaded(meta, state))
      case .failure(let error): take(.snapshotUnreadable(meta, "\(error)"))
      }
    }
  }
}
