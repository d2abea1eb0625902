import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("What was erased goes from the log and from older snapshots")
struct PurgingTests {
  /// - Returns: a node whose log and archive have the erasure on their disks.
  private func erased() throws -> (node: LoneNode, at: LogIndex) {
    var restored = RestoredNode()
    restored.archived = .zero
    var node = try LoneNode(restored: restored)
    node.raiseLevel(.seventh)
    node.persist()
    let root = Person(id: "root", role: .admin, name: "Root")
    let record = DeskRecord(EraseCustomer(customer: "ann"), id: "e")
    node.commit([
      Submission(
        origin: Origin(server: ServerID(3), request: 0),
        command: .arrange(DeskEnvelope(record, by: root, in: .main, presence: nil)))
    ])
    #expect(node.node.desk.lastErasure == node.last.rawValue && !node.node.hasPurged)
    #expect(node.purges.isEmpty, "a segment that is begun now would have it")
    return (node, node.last)
  }

  private func meta(_ job: SnapshotJob) -> SnapshotMeta {
    SnapshotMeta(
      index: job.index, term: job.term, time: job.time, membership: job.membership, size: 1, checksum: 0)
  }

  @Test(
    "a new segment is begun once the erasure is durable, and a snapshot behind it takes the log away, however few entries there are"
  )
  func goes() throws {
    var (node, erasure) = try erased()
    node.commit([])
    node.persist()
    #expect(node.purges == [erasure])
    #expect(node.snapshotJobs.isEmpty, "the archive has not heard of it")
    node.take(.archived(node.last))
    node.endTurn()
    let job = try #require(node.snapshotJobs.last)
    #expect(job.index == node.last && !node.node.hasPurged)
    node.take(.snapshotWritten(meta(job)))
    node.endTurn()
    #expect(node.node.hasPurged && node.compactions.last == job.index)
    node.pass(10_000)
    #expect(node.purges == [erasure] && node.snapshotJobs.count == 1, "once is enough")
  }

  @Test("a snapshot that could not be written is tried again after a while, and not at once")
  func again() throws {
    var (node, _) = try erased()
    node.persist()
    node.take(.archived(node.last))
    node.endTurn()
    #expect(node.snapshotJobs.count == 1)
    node.take(.snapshotFailed("no room"))
    node.endTurn()
    node.pass(4_000)
    #expect(node.snapshotJobs.count == 1 && !node.node.hasPurged)
    node.pass(2_000)
    #expect(node.snapshotJobs.count == 2)
    node.take(.snapshotWritten(meta(try #require(node.snapshotJobs.last))))
    node.endTurn()
    #expect(node.node.hasPurged && node.purges.count == 1)
  }
}
