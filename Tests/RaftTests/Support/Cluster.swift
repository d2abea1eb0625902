import Raft

/// Several members, wired by a network and disks that do what the test wants. Every step is checked by
/// `History`.
struct Cluster {
  struct Member {
    var configuration: RaftConfiguration
    var raft: RaftNode?
    var disk = Disk()
    /// The disk that it lost. Until it is a member like any other again, it has not forgotten what it confirmed: it
    /// helps nobody to go back behind that.
    var lostDisk: Disk?
    var writes: [Write] = []
    var chunkReads: [ChunkRead] = []
    var machine = Machine()
    /// Since the start of the process, or the last snapshot that it installed.
    var applied: [Entry] = []
    var wasLeader = false
    var reads: [ReadState] = []
    var lastCommit = LogIndex.zero
    var installs = 0
    var starts: UInt64 = 0
  }

  var members: [Member]
  var network: [Message] = []
  var history = History()
  /// Messages between the two are lost, from the first to the second.
  var cut: Set<[NodeID]> = []
  /// What the network does with some messages; the first filter that fits decides.
  var filters: [MessageFilter] = []
  /// Messages that a filter keeps back.
  var held: [Message] = []
  /// Members whose disks hang: their writes wait for `persist`.
  var hung: Set<NodeID> = []
  /// For each read that was begun, what it must at least see.
  var readsBegun: [UInt64: LogIndex] = [:]
  var snapshotsMade = 0
  /// Branches that processes reached which have ended.
  private var formerMarks = MarkSet()
  /// Requests for votes and pre-votes that went out.
  var votesAskedFor = 0

  init(
    _ count: Int, learners: Int = 0, seed: UInt64 = 1, configure: (inout RaftConfiguration) -> Void = { _ in }
  ) {
    let ids = (1...UInt64(count + learners)).map { NodeID($0) }
    let membership = Membership(voters: Array(ids.prefix(count)), learners: Array(ids.dropFirst(count)))
    members = ids.map { id in
      var configuration = RaftConfiguration(id: id, membership: membership, seed: seed)
      configuration.electionTicks = 10
      configuration.heartbeatTicks = 2
      configuration.snapshotChunkBytes = 7
      // A compaction is what the test asks for.
      configuration.maxRetainedBytes = 0
      configure(&configuration)
      return Member(configuration: configuration)
    }
    for id in ids { start(id) }
  }

  /// Branches of the algorithm that were reached.
  var marks: MarkSet {
    members.reduce(into: formerMarks) { marks, member in
      if let raft = member.raft { marks.formUnion(raft.marks) }
    }
  }

  var ids: [NodeID] { members.map(\.configuration.id) }
  var violations: [String] { history.violations + members.flatMap(\.disk.mistakes) }

  subscript(id: NodeID) -> Member {
    // In place: a copy of a member for every step would cost more than the steps.
    _read { yield members[Int(id.rawValue) - 1] }
    _modify { yield &members[Int(id.rawValue) - 1] }
  }

  // MARK: one step

  mutating func start(_ id: NodeID) {
    let restored = self[id].disk.reopen()
    self[id].starts += 1
    var configuration = self[id].configuration
    configuration.seed &+= self[id].starts &* 7919
    do {
      self[id].raft = try RaftNode(configuration: configuration, restored: restored)
    } catch {
      history.fail("node \(id) does not start: \(error)")
      return
    }
    self[id].machine = restored.snapshot == nil ? Machine() : Machine(self[id].disk.snapshotData)
    self[id].applied = []
    self[id].wasLeader = false
    self[id].lastCommit = self[id].raft?.commitIndex ?? .zero
    absorb(id)
  }

  /// One more process, with an empty disk. It is no member until the others make it one.
  ///
  /// - Returns: its id, the one after the highest.
  @discardableResult
  mutating func addProcess(configure: (inout RaftConfiguration) -> Void = { _ in }) -> NodeID {
    let id = NodeID(UInt64(members.count) + 1)
    var configuration = members[0].configuration
    configuration.id = id
    configure(&configuration)
    members.append(Member(configuration: configuration))
    start(id)
    return id
  }

  /// The process ends. The first `finished` writes under way have reached the disk, with nobody told.
  mutating func crash(_ id: NodeID, finished: Int = 0) {
    for write in self[id].writes.prefix(finished) { self[id].disk.apply(write) }
    self[id].writes = []
    self[id].chunkReads = []
    if let raft = self[id].raft { formerMarks.formUnion(raft.marks) }
    self[id].raft = nil
  }

  /// The disk of a member that is down is emptied.
  mutating func wipe(_ id: NodeID) {
    self[id].lostDisk = self[id].disk
    self[id].disk = Disk()
  }

  mutating func change<Value>(_ id: NodeID, _ body: (inout RaftNode) -> Value) -> Value? {
    guard self[id].raft != nil else { return nil }
    let value = body(&self[id].raft!)
    absorb(id)
    return value
  }

  mutating func deliver(_ message: Message) {
    if cut.contains([message.from, message.to]) { return }
    // The network of a test may speak of processes that it never started.
    guard message.to.rawValue <= UInt64(members.count) else { return }
    switch filters.first(where: { $0.fits(message) })?.action {
    case .hold: return held.append(message)
    case .drop: return
    case .echo: held.append(message)
    case .duplicate: _ = change(message.to) { $0.step(message) }
    case nil: break
    }
    _ = change(message.to) { $0.step(message) }
  }

  /// Does the duties of a `Ready`.
  mutating func absorb(_ id: NodeID) {
    guard let ready = self[id].raft?.takeReady() else { return }
    send(ready.messages)
    if let write = ready.write {
      var previous: Term? = write.entries.first.flatMap { termBefore($0.index, at: id) }
      for entry in write.entries {
        history.sawWritten(entry, after: previous)
        previous = entry.term
      }
      self[id].writes.append(write)
    }
    if let meta = ready.installed {
      if self[id].disk.snapshot != meta { history.fail("node \(id) installs what is not on its disk") }
      self[id].machine = Machine(self[id].disk.snapshotData)
      self[id].applied = []
      self[id].installs += 1
      if self[id].machine.index != meta.index { history.fail("node \(id) installs a damaged snapshot") }
    }
    for entry in ready.committed {
      if entry.index != self[id].machine.index.next {
        history.fail("node \(id) applies \(entry.index) after \(self[id].machine.index)")
      }
      if history.sawCommitted(entry, by: id), !isOnQuorum(entry, by: id) {
        history.fail(
          "node \(id) commits entry \(entry.index) of term \(entry.term), which no quorum has on disk")
      }
      self[id].machine.apply(entry)
      self[id].applied.append(entry)
    }
    if let last = ready.committed.last { self[id].raft?.applied(to: last.index) }
    if ready.rejoined {
      self[id].configuration.rejoining = false
      self[id].lostDisk = nil
    }
    for read in ready.reads {
      self[id].reads.append(read)
      if let floor = readsBegun[read.context], read.index < floor {
        history.fail("read \(read.context) sees \(read.index) and \(floor) was committed before it")
      }
    }
    self[id].chunkReads += ready.chunkReads
    checkState(of: id)
    while !hung.contains(id), !self[id].writes.isEmpty { persist(id) }
  }

  /// Whether a quorum has the entry on disk: of the newest configuration, or, when that has only been appended after
  /// the commit, of the one at the entry.
  private func isOnQuorum(_ entry: Entry, by id: NodeID) -> Bool {
    guard let raft = self[id].raft else { return false }
    return [raft.membership, raft.membership(at: entry.index)].contains { isOnQuorum(entry, of: $0) }
  }

  private func isOnQuorum(_ entry: Entry, of membership: Membership) -> Bool {
    [membership.voters, membership.outgoing].allSatisfy { voters in
      let holders = voters.count { self[$0].disk.holds(entry) || self[$0].lostDisk?.holds(entry) == true }
      return voters.isEmpty || holders * 2 > voters.count
    }
  }

  private func termBefore(_ index: LogIndex, at id: NodeID) -> Term? {
    if index == LogIndex(1) { return .zero }
    for write in self[id].writes.reversed() {
      if let entry = write.entries.first(where: { $0.index == index.previous }) { return entry.term }
      if write.snapshot?.index == index.previous { return write.snapshot?.term }
    }
    if let entry = self[id].disk.entries.first(where: { $0.index == index.previous }) { return entry.term }
    return self[id].disk.snapshot?.index == index.previous ? self[id].disk.snapshot?.term : nil
  }

  private mutating func checkState(of id: NodeID) {
    guard let raft = self[id].raft else { return }
    if raft.role == .leader {
      history.sawLeader(id, raft.term)
      if !self[id].wasLeader { checkCompleteness(of: raft) }
    }
    self[id].wasLeader = raft.role == .leader
    if raft.commitIndex < self[id].lastCommit { history.fail("the commit index of node \(id) goes back") }
    if raft.commitIndex > raft.lastIndex { history.fail("node \(id) commits beyond its log") }
    self[id].lastCommit = raft.commitIndex
  }

  /// Leader completeness: who comes to lead has all that was ever committed.
  private mutating func checkCompleteness(of raft: RaftNode) {
    for entry in history.committed
    where entry.index >= raft.firstIndex && raft.term(at: entry.index) != entry.term {
      history.fail("node \(raft.id) leads in term \(raft.term) without the committed entry \(entry.index)")
      return
    }
  }

  mutating func send(_ messages: [Message]) {
    for message in messages {
      if case .voteRequest = message.body { votesAskedFor += 1 }
      switch message.body {
      case .voteReply(let reply) where reply.granted && !reply.preVote:
        history.sawVote(by: message.from, for: message.to, message.term)
      case .voteRequest(let request) where !request.preVote:
        history.sawVote(by: message.from, for: message.from, message.term)
      default: break
      }
    }
    network += messages
  }

  /// The oldest write under way of a member ends.
  mutating func persist(_ id: NodeID) {
    guard self[id].raft != nil, !self[id].writes.isEmpty else { return }
    let write = self[id].writes.removeFirst()
    self[id].disk.apply(write)
    send(write.messages)
    _ = change(id) { $0.persisted(write.number) }
  }

  mutating func answerChunkRead(_ id: NodeID) {
    guard self[id].raft != nil, !self[id].chunkReads.isEmpty else { return }
    let read = self[id].chunkReads.removeFirst()
    let data = self[id].disk.data(of: read.meta).map {
      Array($0.dropFirst(Int(read.offset)).prefix(read.length))
    }
    _ = change(id) { $0.chunkWasRead(read, data: data) }
  }

  /// The member makes a snapshot of what it has applied.
  mutating func makeSnapshot(_ id: NodeID, keeping tail: Int = 0) {
    let member = self[id]
    guard let raft = member.raft, !member.writes.contains(where: { $0.snapshot != nil }),
      member.machine.index > raft.snapshot?.index ?? .zero, member.machine.index <= raft.durableIndex
    else { return }
    let data = member.machine.encode()
    snapshotsMade += 1
    let meta = SnapshotMeta(
      index: member.machine.index, term: member.machine.term, time: member.machine.time,
      membership: raft.membership(at: member.machine.index), size: UInt64(data.count),
      checksum: UInt32(truncatingIfNeeded: member.machine.digest))
    self[id].disk.take(meta, data: data, keeping: tail)
    _ = change(id) { $0.compact(to: meta, keeping: tail) }
  }

  // MARK: many steps

  /// Delivers until nothing is under way, in the order of sending.
  mutating func settle() {
    var rounds = 0
    while rounds < 10_000 {
      rounds += 1
      let messages = network
      network = []
      for message in messages { deliver(message) }
      for id in ids where !self[id].chunkReads.isEmpty { answerChunkRead(id) }
      if network.isEmpty, members.allSatisfy({ $0.chunkReads.isEmpty || $0.raft == nil }) { return }
    }
    history.fail("the cluster never comes to rest")
  }

  mutating func tick(_ id: NodeID, _ count: Int = 1) {
    for _ in 0..<count {
      _ = change(id) { $0.tick() }
      settle()
    }
  }

  mutating func tickAll(_ count: Int = 1) {
    for _ in 0..<count { for id in ids { tick(id) } }
  }

  /// Ticks one member until it leads.
  mutating func elect(_ id: NodeID) {
    for _ in 0..<400 where self[id].raft?.role != .leader {
      tick(id)
    }
  }

  var leader: NodeID? {
    members.compactMap(\.raft).filter { $0.role == .leader }.max { $0.term < $1.term }?.id
  }

  @discardableResult
  mutating func propose(_ id: NodeID, _ bytes: UInt8...) -> RaftNode.ProposalOutcome? {
    change(id) { $0.propose(bytes.map { Payload(checksum: UInt32($0), data: [$0]) }) }
  }

  mutating func read(_ id: NodeID, context: UInt64) -> Bool {
    readsBegun[context] = history.lastCommitted
    return change(id) { $0.readIndex(context: context) } ?? false
  }

  /// Cuts a member off from all others, both ways.
  mutating func isolate(_ id: NodeID) {
    for other in ids where other != id { disconnect(id, other) }
  }

  mutating func disconnect(_ left: NodeID, _ right: NodeID) {
    cut.insert([left, right])
    cut.insert([right, left])
  }

  mutating func heal() { cut = [] }
}

let one = NodeID(1)
let two = NodeID(2)
let three = NodeID(3)

extension Cluster.Member {
  /// The first bytes of the commands that were applied, since the last snapshot was installed.
  var commands: [UInt8] { applied.filter { $0.kind == .command }.compactMap(\.data.first) }
}
