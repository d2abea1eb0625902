import Desk
import Glibc
import Kernel
import Protocol
import Raft
import Storage
import Testing

@testable import Host
@testable import Node

/// Node 1, with a real store that lives through starts under any configuration file. It has no peers that answer: what it
/// can do alone it does in `RunningNode.letTimePass`.
final class StoredNode {
  let directory: String
  private var running: RunningNode?

  init() throws {
    var template = Array("/tmp/switchboard-stored-XXXXXX".utf8CString)
    directory = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
    }
    try #require(!directory.isEmpty)
  }

  deinit {
    stop()
    empty()
    rmdir(directory)
  }

  static let identity = StoreIdentity(cluster: "test", node: 1)
  static let options = StoreOptions(segmentBytes: 8192, minimumFreeBytes: 0)

  static func address(_ id: UInt64) -> MemberAddress {
    MemberAddress(
      id: id, name: "node\(id)", peerAddress: "127.0.0.1:\(9100 + id)",
      clientURL: "http://127.0.0.1:\(8100 + id)")
  }

  static func membership(_ voters: UInt64..., joining: [UInt64] = []) -> Membership {
    Membership(
      voters: voters.map { NodeID($0) }, learners: joining.map { NodeID($0) },
      joining: joining.map { NodeID($0) },
      addresses: (voters + joining).map { Membership.Address(id: NodeID($0), text: address($0).text) })
  }

  static func entry(_ index: UInt64, _ membership: Membership) -> Entry {
    let data = membership.encoded()
    return Entry(
      index: LogIndex(index), term: Term(1), time: 1, kind: .membership, checksum: CRC32C.checksum(data),
      data: data)
  }

  /// What a node of the first releases says when it has started.
  static func entry(_ index: UInt64, by server: UInt64) -> Entry {
    let data = CommandCodec.encode([
      Submission(
        origin: Origin(server: ServerID(server), request: 7), command: .timePasses(TimePasses(limit: 1)))
    ])
    return Entry(index: LogIndex(index), term: Term(1), time: 1, checksum: CRC32C.checksum(data), data: data)
  }

  // MARK: The disk

  /// Something that an earlier life of the node has made durable.
  func write(_ state: HardState, _ entries: [Entry]) throws {
    let (store, _) = try DiskStore.open(directory: directory, identity: Self.identity, options: Self.options)
    store.start { _ in }
    var write = Write(number: 1)
    write.hardState = state
    write.entries = entries
    store.submit([write])
    store.close()
  }

  func mark() throws {
    let (store, _) = try DiskStore.open(directory: directory, identity: Self.identity, options: Self.options)
    try store.beginRejoining()
    store.close()
  }

  func empty() {
    guard let names = opendir(directory) else { return }
    while let entry = readdir(names) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      unlink(directory + "/" + name)
    }
    closedir(names)
  }

  // MARK: The process

  /// - Parameter file: the members in the configuration file.
  func start(file: [MemberAddress]) throws -> RunningNode {
    stop()
    let thisNode = file.first { $0.id == 1 } ?? Self.address(1)
    let (store, recovered) = try DiskStore.open(
      directory: directory, identity: Self.identity, options: Self.options)
    do {
      let restored = try RestoredNode(
        recovered, in: store, file: MembersFile(members: file, thisNode: thisNode)
      ) { _ in }
      let node = try RunningNode(
        NodeConfiguration(cluster: "test", thisNode: thisNode, members: file, seed: 1), restored, store)
      running = node
      return node
    } catch {
      store.close()
      throw error
    }
  }

  func start(file: UInt64...) throws -> RunningNode { try start(file: file.map { Self.address($0) }) }

  /// What the operator reads when the node does not start; nil when it does.
  func refusal(file: UInt64...) -> String? {
    do {
      _ = try start(file: file.map { Self.address($0) })
      return nil
    } catch { return "\(error)" }
  }

  func stop() {
    running?.store.close()
    running = nil
  }
}
