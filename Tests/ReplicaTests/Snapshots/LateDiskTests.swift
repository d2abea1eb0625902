import Desk
import Protocol
import Raft
import Storage
import Testing

@testable import Replica

@Suite("A node whose disk is behind the quorum")
struct LateDiskTests {
  @Test(
    "makes the snapshot that was due when its writes end, though entries go on being applied before they do")
  func snapshotUnderLoad() throws {
    let node = try LoneReplica { $0.snapshotEntries = 5 }
    node.persist()
    // Each entry is applied before the one before it is durable: at no time is all that is applied on the disk.
    for _ in 0..<8 {
      node.commit([])
      let writes = node.core.writesUnderWay.map(\.number)
      if writes.count > 1 { node.core.writeEnded(.durable(number: writes[writes.count - 2], syncSeconds: 0)) }
      #expect(node.core.raft.appliedIndex > node.core.raft.durableIndex)
    }
    #expect(node.core.snapshots.isUnderWay)
  }

  @Test("keeps no more than one state for it, and none when a snapshot of the leader takes its place")
  func oneState() throws {
    let node = try LoneReplica { $0.snapshotEntries = 5 }
    node.persist()
    for _ in 0..<30 { node.commit([]) }
    let waiting = try #require(node.core.snapshots.waiting?.index)
    #expect(waiting < node.core.raft.appliedIndex)
    #expect(!node.core.snapshots.isUnderWay)
    let (meta, bytes) = try node.writeSnapshot(of: node.core.desk)
    node.persist()
    #expect(node.core.snapshots.isUnderWay, "its writes ended")
    node.step(.snapshotChunk(SnapshotChunk(meta: meta, offset: 0, data: bytes)))
    node.endTurn()
    node.persist()
    #expect(node.core.raft.appliedIndex == meta.index && node.core.snapshots.waiting == nil)
  }
}
