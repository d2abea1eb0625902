import Desk
import Protocol
import Raft
import Testing

@testable import Node

@Suite("A node whose disk is behind the quorum")
struct LateDiskTests {
  @Test(
    "makes the snapshot that was due when its writes end, though entries go on being applied before they do")
  func snapshotUnderLoad() throws {
    var node = try LoneNode { $0.snapshotEntries = 5 }
    node.persist()
    // Each entry is applied before the one before it is durable: at no time is all that is applied on the disk.
    for _ in 0..<8 {
      node.commit([])
      let writes = node.writes.map(\.number)
      if writes.count > 1 {
        node.take(.written(number: writes[writes.count - 2], seconds: 0))
        node.writes.removeFirst(writes.count - 1)
        node.endTurn()
      }
      #expect(node.node.raft.appliedIndex > node.node.raft.durableIndex)
    }
    let job = try #require(node.snapshotJobs.first)
    #expect(node.snapshotJobs.count == 1 && job.index <= node.node.raft.durableIndex)
    #expect(job.membership == node.node.raft.membership && job.term == node.term)
  }

  @Test("keeps no more than one state for it, and none when a snapshot of the leader takes its place")
  func oneState() throws {
    var node = try LoneNode { $0.snapshotEntries = 5 }
    node.persist()
    for _ in 0..<30 { node.commit([]) }
    let waiting = try #require(node.node.snapshots.waiting?.index)
    #expect(waiting < node.node.raft.appliedIndex)
    #expect(node.snapshotJobs.isEmpty)
    let chunk = node.snapshot(of: node.node.state)
    node.persist()
    #expect(node.snapshotJobs.map(\.index) == [waiting], "its writes ended")
    try node.install(chunk)
    #expect(node.node.raft.appliedIndex == chunk.meta.index && node.node.snapshots.waiting?.index == nil)
  }
}
