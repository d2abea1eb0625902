import Desk
import Glibc
import Kernel
import Logging
import NIOCore
import NIOEmbedded
import Peering
import Protocol
import Raft
import Storage
import Testing
import Wire

@testable import Replica

/// Node 1 of three, on its own: the test plays node 2, which leads, and says when the disk has done what it was told.
/// Nobody has an address, so what it sends goes nowhere.
final class LoneReplica {
  let core: ReplicaCore
  let clients = Clients()
  private let loop = EmbeddedEventLoop()
  private let directory: String
  private var last = LogIndex.zero
  private let term = Term(1)
  /// Milliseconds since 1970 at the leader.
  private var time: UInt64 = 1_000

  init(_ adjust: (inout ReplicaOptions) -> Void = { _ in }) throws {
    var template = Array("/tmp/switchboard-replica-XXXXXX".utf8CString)
    directory = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
    }
    try #require(!directory.isEmpty)
    let members = (1...3).map {
      MemberAddress(id: $0, name: "node\($0)", peerAddress: "", clientURL: "")
    }
    var options = ReplicaOptions(
      cluster: "test", thisNode: members[0], members: members,
      peering: PeeringConfiguration(
        cluster: "test", thisNode: NodeID(1), listenHost: "127.0.0.1", listenPort: 0, peers: []),
      dataDirectory: directory, seed: 1)
    adjust(&options)
    // Never started: it reads and writes snapshots, and gathers writes that the test calls durable.
    let (store, _) = try DiskStore.open(
      directory: directory, identity: StoreIdentity(cluster: "test", node: 1),
      options: StoreOptions(segmentBytes: 8192, minimumFreeBytes: 0))
    core = try ReplicaCore(
      options: options, loop: loop, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      store: store, recovered: RecoveredState(), inbox: RequestInbox(), stopped: { _ in })
    core.isRunning = true
    core.attach(clients, as: 0)
    // A leader is known, and this node has announced that it has started.
    commit([])
    commit(core.pending.numbers { _ in true }.map { submission($0) })
  }

  deinit {
    core.store.close()
    if let names = opendir(directory) {
      while let entry = readdir(names) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        unlink(directory + "/" + name)
      }
      closedir(names)
    }
    rmdir(directory)
  }

  // MARK: The leader

  /// An entry with these commands is committed, applied here, and durable.
  func commit(_ submissions: [Submission]) {
    takeIn(submissions)
    endTurn()
  }

  /// As `commit`, but the turn goes on: what it gathers and passes on can be looked at.
  func takeIn(_ submissions: [Submission]) {
    let data = CommandCodec.encode(submissions)
    time += 1
    let entry =
      submissions.isEmpty
      ? Entry(index: last.next, term: term, time: time, kind: .noop)
      : Entry(index: last.next, term: term, time: time, checksum: CRC32C.checksum(data), data: data)
    let request = AppendRequest(
      previousIndex: last, previousTerm: last == .zero ? .zero : term, commit: entry.index, entries: [entry])
    last = entry.index
    step(.append(request))
    while true {
      let ready = core.raft.takeReady()
      if ready.isEmpty { break }
      core.handle(ready)
    }
  }

  func step(_ body: Raft.Message.Body) {
    core.raft.step(Raft.Message(from: NodeID(2), to: NodeID(1), term: term, body: body))
  }

  /// The leader's log goes on without this node, which gets `state` as a snapshot: the file is on its disk.
  func writeSnapshot(of state: DeskState, after entries: UInt64 = 10) throws -> (SnapshotMeta, [UInt8]) {
    last = LogIndex(last.rawValue + entries)
    let bytes = state.encodedSnapshot()
    let meta = try core.store.writeSnapshot(
      index: last, term: term, time: time, membership: core.raft.membership
    ) { try $0(bytes) }
    return (meta, bytes)
  }

  /// The loop comes to rest. The disk has written nothing of it yet.
  func endTurn() {
    core.scheduleTurnEnd()
    loop.run()
  }

  /// The disk has done all that it was told.
  func persist() {
    while let number = core.writesUnderWay.last?.number {
      core.writeEnded(.durable(number: number, syncSeconds: 0))
      loop.run()
    }
  }

  // MARK: Clients

  /// A customer's session, owned by this server.
  func open(_ request: String, customer: String = "ann", owner: UInt64) throws -> SessionID {
    let open = OpenSession(
      customer: Person(id: customer, role: .customer, name: customer), requestID: request, channel: "web",
      skill: "", intent: "", priority: 0, attributes: [], owner: ServerID(owner))
    commit([Submission(origin: Origin(server: ServerID(owner), request: 0), command: .open(open))])
    return try #require(SessionID(index: last.rawValue, place: 0))
  }

  /// A customer of this node says something.
  func say(_ id: String, in session: SessionID, tag: UInt32, customer: String = "ann") {
    core.take(
      ClientRequest(
        connection: ConnectionID(sink: 0, number: 1), tag: tag,
        person: Person(id: customer, role: .customer, name: customer), body: .send(session, id: id, body: [1])))
  }

  /// So much later.
  func later(_ time: TimeAmount) { core.now = core.now + time }

  /// The pending request as its owner proposes it, under the epoch of now.
  func submission(_ number: UInt64) -> Submission {
    let command = core.pending[number].map { request in
      request.session.flatMap { core.desk.owner(of: $0) }.map { request.command.under($0.epoch) }
        ?? request.command
    }
    guard let command else {
      Issue.record("request \(number) is not pending")
      return Submission(
        origin: Origin(server: ServerID(1), request: 0), command: .timePasses(TimePasses(limit: 1)))
    }
    return Submission(origin: Origin(server: ServerID(1), request: number), command: command)
  }

  var pending: [UInt64] { core.pending.numbers { $0.connection != nil } }
}

/// What clients of the node were told.
final class Clients: DeliverySink, @unchecked Sendable {
  private(set) var replies: [(tag: UInt32, reply: Reply)] = []
  var openConnections: Int { 1 }

  func deliver(_ batch: [Delivery]) {
    for case .reply(_, let tag, let reply) in batch { replies.append((tag, reply)) }
  }

  /// The acknowledged sequences by the tag of the request, in the order in which they came.
  var acks: [(tag: UInt32, sequence: UInt64)] {
    replies.compactMap {
      if case .acknowledged(_, let sequence, _) = $0.reply { ($0.tag, sequence.rawValue) } else { nil }
    }
  }

  var failures: [(tag: UInt32, failure: Failure)] {
    replies.compactMap { if case .failed(let failure) = $0.reply { ($0.tag, failure) } else { nil } }
  }

  func forget() { replies = [] }
}
