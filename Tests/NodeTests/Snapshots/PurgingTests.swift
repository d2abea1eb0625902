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
    erase("ann", on: &node)
    #expect(node.node.state.lastErasure == node.last.rawValue && !node.node.hasPurged)
    #expect(node.purges.isEmpty, "a segment that is begun now would have it")
    return (node, node.last)
  }

  private func erase(_ customer: String, on node: inout LoneNode) {
    let root = Person(id: "root", role: .admin, name: "Root")
    let record = DeskRecord(EraseCustomer(customer: customer), id: "e-" + customer)
    node.commit([
      Submission(
        origin: Origin(server: ServerID(3), request: 0),
        command: .arrange(DeskEnvelope(record, by: root, in: .main, presence: nil)))
    ])
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

  @Test("many erasures in a row make two rounds: the first, and one for all that came while that was under way")
  func many() throws {
    var (node, first) = try erased()
    node.persist()
    node.take(.archived(node.last))
    node.endTurn()
    #expect(node.purges == [first] && node.snapshotJobs.count == 1)
    for number in 1...100 {
      erase("c\(number)", on: &node)
      node.persist()
      node.take(.archived(node.last))
      node.endTurn()
      if number == 50 {
        node.take(.snapshotWritten(meta(try #require(node.snapshotJobs.last))))
        node.endTurn()
      }
    }
    #expect(node.purges == [first] && node.snapshotJobs.count == 1, "the next round waits a while")
    node.pass(1_200)
    #expect(node.purges == [first, node.last] && node.snapshotJobs.count == 2)
    #expect(node.snapshotJobs.last?.index == node.last && !node.node.hasPurged)
    node.take(.snapshotWritten(meta(try #require(node.snapshotJobs.last))))
    node.endTurn()
    #expect(node.node.hasPurged)
    node.pass(5_000)
    #expect(node.purges.count == 2 && node.snapshotJobs.count == 2)
  }
}
