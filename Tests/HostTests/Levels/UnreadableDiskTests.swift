import Desk
import Foundation
import Kernel
import Logging
import NIOCore
import NIOPosix
import Node
import Peering
import Protocol
import Raft
import Storage
import Testing

@testable import Host

@Suite("A disk that a newer release has written")
struct UnreadableDiskTests {
  private static let newer = Level(Level.newest.rawValue + 1)
  private static let raise = Submission(
    origin: Origin(server: ServerID(2), request: 0),
    command: .raiseLevel(RaiseLevel(level: newer, release: "9.8.7")))

  @Test("the store refuses to begin with such an entry or snapshot, and changes nothing")
  func readability() throws {
    let readable = Readability.desk
    let entry = Entry(
      index: LogIndex(1), term: Term(1), time: 0, checksum: 0, data: CommandCodec.encode([Self.raise]))
    #expect(readable.entry(entry)?.contains("version 9.8.7 or newer") == true)
    #expect(readable.entry(Entry(index: LogIndex(1), term: Term(1), time: 0, kind: .noop)) == nil)
    #expect(readable.snapshot(ReplicatedState().encodedSnapshot()) == nil)
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
      node: NodeConfiguration(cluster: "test", thisNode: member, members: [member], seed: 1),
      peering: PeeringConfiguration(
        cluster: "test", thisNode: NodeID(1), listenHost: "127.0.0.1", listenPort: 0, peers: []),
      dataDirectory: scratch.path)
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
}
