import Desk
import Foundation
import Kernel
import Logging
import NIOCore
import NIOPosix
import Peering
import Protocol
import Raft
import Storage
import Testing
import Wire

@testable import Replica

/// Node 1, which reads up to `Level.newest`, meets what a newer release has written.
@Suite("What a newer release has written")
struct UnreadableTests {
  private static let newer = Level(Level.newest.rawValue + 1)
  private static let raise = Submission(
    origin: Origin(server: ServerID(2), request: 0),
    command: .raiseLevel(RaiseLevel(level: newer, release: "9.8.7")))

  @Test(
    "an entry above what this node reads ends it before the entry is appended, with the version that is needed")
  func entry() throws {
    let node = try LoneReplica()
    node.persist()
    let last = node.core.raft.lastIndex
    node.receive(CommandCodec.encode([Self.raise]))
    #expect(!node.core.isRunning && node.core.raft.lastIndex == last && node.core.writesUnderWay.isEmpty)
    let why = try #require(node.failures.first.map { "\($0)" })
    #expect(why.contains("level \(Self.newer)") && why.contains("version 9.8.7 or newer"))
  }

  @Test("so does one of a form that nobody knows yet")
  func unknownForm() throws {
    let node = try LoneReplica()
    let last = node.core.raft.lastIndex
    node.receive([77, 1, 2, 3])
    #expect(!node.core.isRunning && node.core.raft.lastIndex == last)
  }

  @Test("an entry of this node's own level binds it to peers that read it, before it is committed")
  func ownLevel() throws {
    let node = try LoneReplica()
    #expect(node.core.network.requiredLevel == .first)
    let raise = Submission(
      origin: Origin(server: ServerID(2), request: 0), command: .raiseLevel(RaiseLevel(.second)))
    node.receive(CommandCodec.encode([raise]), isCommitted: false)
    #expect(node.core.isRunning && node.core.network.requiredLevel == .second)
    #expect(node.core.desk.level == .first && node.core.status().level == 1)
    node.commit([])
    #expect(node.core.desk.level == .second && node.core.status().level == 2)
  }

  @Test("the store refuses to begin with such an entry or snapshot, and changes nothing")
  func readability() throws {
    let readable = Readability.desk
    let entry = Entry(
      index: LogIndex(1), term: Term(1), time: 0, checksum: 0, data: CommandCodec.encode([Self.raise]))
    #expect(readable.entry(entry)?.contains("version 9.8.7 or newer") == true)
    #expect(readable.entry(Entry(index: LogIndex(1), term: Term(1), time: 0, kind: .noop)) == nil)
    #expect(readable.snapshot(DeskState().encodedSnapshot()) == nil)
    let start: [UInt8] = Array("SWBD".utf8) + [0, 4, 0, UInt8(Self.newer.rawValue), 5] + Array("9.8.7".utf8)
    #expect(readable.snapshot(start)?.contains("version 9.8.7 or newer") == true)
  }

  @Test(
    "a node whose disk a newer release has written does not start, says what is needed, and changes nothing there"
  )
  func start() throws {
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent(
      "switchboard-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    defer { group.shutdownGracefully { _ in } }
    let (store, _) = try DiskStore.open(
      directory: scratch.path, identity: StoreIdentity(cluster: "test", node: 1),
      options: StoreOptions(segmentBytes: 8192, minimumFreeBytes: 0))
    store.start { _ in }
    let data = CommandCodec.encode([Self.raise])
    var write = Write(number: 1)
    write.entries = [
      Entry(index: LogIndex(1), term: Term(1), time: 0, checksum: CRC32C.checksum(data), data: data)
    ]
    store.submit([write])
    store.close()
    let before = try contents(scratch)
    let member = MemberAddress(
      id: 1, name: "node1", peerAddress: "127.0.0.1:1", clientURL: "http://127.0.0.1:2")
    let options = ReplicaOptions(
      cluster: "test", thisNode: member, members: [member],
      peering: PeeringConfiguration(
        cluster: "test", thisNode: NodeID(1), listenHost: "127.0.0.1", listenPort: 0, peers: []),
      dataDirectory: scratch.path, seed: 1)
    let failure = #expect(throws: StoreError.self) {
      _ = try Replica(
        options: options, group: group, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        stopped: { _ in })
    }
    let words = failure.map { "\($0)" } ?? ""
    #expect(words.contains("level \(Self.newer)") && words.contains("version 9.8.7 or newer"), "\(words)")
    #expect(try contents(scratch) == before)
  }

  private func contents(_ folder: URL) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      contents[name] = try Data(contentsOf: folder.appendingPathComponent(name))
    }
    return contents
  }

  @Test("a received snapshot that this node cannot read ends it as it was, with what the store says")
  func snapshot() throws {
    let node = try LoneReplica()
    let session = try node.open("r1", owner: 1)
    let applied = node.core.raft.appliedIndex
    node.core.writeEnded(.failed(.unreadable(directory: "/data", what: "it is of level 9"), number: 1))
    #expect(!node.core.isRunning && node.core.raft.appliedIndex == applied)
    #expect(node.core.desk.session(session) != nil)
    node.endTurn()
    #expect(node.failures.first.map { "\($0)" }?.contains("level 9") == true)
  }

  @Test("a client's command above the cluster's level is refused with `upgrading` and is not proposed")
  func refused() throws {
    let node = try LoneReplica()
    node.core.enter(Self.raise.command, for: ConnectionID(sink: 0, number: 1), tag: 7)
    node.endTurn()
    let failure = try #require(node.clients.failures.first)
    #expect(failure.tag == 7 && failure.failure.code == .upgrading)
    #expect(failure.failure.retryAfterMilliseconds != nil && node.pending.isEmpty)
  }

  @Test("of a frame with such a command the rest is taken, and the sender is told in words that it knows")
  func forwards() throws {
    let node = try LoneReplica()
    let session = try node.open("r1", owner: 1)
    let owner = try #require(node.core.desk.owner(of: session))
    var batch = ForwardBatch(
      forwards: [4, 6].map { number in
        Forward(
          request: number, session: session, epoch: owner.epoch,
          command: .close(
            CloseSession(
              session: session, epoch: owner.epoch, by: Person(id: "ann", role: .customer, name: "ann"),
              reason: "")))
      })
    batch.unreadable = [5]
    node.core.takeForwards(batch, from: ServerID(2))
    #expect(node.core.gathered.count == 2)
    let refusals = try #require(node.core.refusals[ServerID(2)])
    #expect(refusals == [ForwardRefusal(request: 5, reason: .unreadable)])
    // Node 2 has announced nothing.
    #expect(node.core.readable(refusals, by: ServerID(2)) == [ForwardRefusal(request: 5, reason: .busy)])
  }

  @Test("a forward that its owner cannot read ends with `upgrading`, and is not sent again and again")
  func forwardRefused() throws {
    let node = try LoneReplica()
    let session = try node.open("r1", owner: 2)
    node.say("m1", in: session, tag: 3)
    node.endTurn()
    let number = try #require(node.pending.first)
    node.core.forwardWasRefused(ForwardRefusal(request: number, reason: .unreadable))
    node.endTurn()
    #expect(node.pending.isEmpty && node.clients.failures.map(\.failure.code) == [.upgrading])
  }
}
