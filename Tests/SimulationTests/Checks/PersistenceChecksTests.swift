import Kernel
import Raft
import Testing

@testable import Simulation

@Suite("What a node counts as on its disk is compared with its disk")
struct PersistenceChecksTests {
  private let entries = (1...4 as ClosedRange<UInt64>).map {
    Entry(index: LogIndex($0), term: Term(1), time: $0)
  }

  /// Node 1 and its disk, with four entries of which the first is committed.
  private func follower() throws -> (RaftNode, SimulatedNode) {
    let state = HardState(term: Term(1), commit: LogIndex(1))
    let members = Membership(voters: [NodeID(1), NodeID(2), NodeID(3)])
    let raft = try RaftNode(
      configuration: RaftConfiguration(id: NodeID(1), membership: members, seed: 1),
      restored: Restored(hardState: state, entries: entries))
    let node = SimulatedNode(place: 0, tick: 10)
    var write = Write(number: 0)
    write.entries = entries
    write.hardState = state
    sync(write, of: node)
    return (raft, node)
  }

  private func sync(_ write: Write, of node: SimulatedNode) {
    node.disk.submit(write)
    let begins = node.disk.beginGroup()
    #expect(begins)
    _ = node.disk.endGroup(lying: false, refused: [])
    #expect(node.disk.complaints == [])
  }

  @Test("a snapshot that has taken the log's place may be there before the node has the word of it")
  func replaced() throws {
    let (first, node) = try follower()
    var raft = first
    let data: [UInt8] = [1, 2, 3]
    let meta = SnapshotMeta(
      index: LogIndex(2), term: Term(2), time: 2, membership: raft.membership, size: 3,
      checksum: CRC32C.checksum(data))
    raft.step(
      Message(
        from: NodeID(2), to: NodeID(1), term: Term(2),
        body: .snapshotChunk(SnapshotChunk(meta: meta, offset: 0, data: data))))
    let write = try #require(raft.takeReady().write)
    sync(write, of: node)
    let checks = Checks()
    // The node was frozen meanwhile, and a frame begins a turn before that word does.
    checks.sawPersisted(&raft, of: node)
    #expect(checks.violations == [])
    raft.persisted(write.number)
    node.reportedNumber = write.number
    checks.sawPersisted(&raft, of: node)
    #expect(checks.violations == [])
    #expect(raft.durableIndex == LogIndex(2))
  }

  @Test("entries that the disk does not have are seen")
  func lost() throws {
    let (first, node) = try follower()
    var raft = first
    node.disk.wipe(marked: false)
    let checks = Checks()
    checks.sawPersisted(&raft, of: node)
    #expect(checks.violations.count == 1)
  }
}
