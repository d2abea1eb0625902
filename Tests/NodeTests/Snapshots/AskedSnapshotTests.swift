import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("A snapshot that an operator asks for")
struct AskedSnapshotTests {
  private func node(archived: UInt64? = nil, at level: Level = .first) throws -> LoneNode {
    var restored = RestoredNode()
    restored.archived = archived.map { LogIndex($0) }
    var node = try LoneNode(restored: restored)
    if level > .first {
      node.raiseLevel(level)
    }
    node.persist()
    node.snapshotJobs = []
    return node
  }

  private func meta(_ job: SnapshotJob) -> SnapshotMeta {
    SnapshotMeta(
      index: job.index, term: job.term, time: job.time, membership: job.membership, size: 1, checksum: 0)
  }

  @Test("has all that was committed when it was asked for, and is answered once it is on the disk")
  func made() throws {
    var node = try node()
    node.take(.call(1, .snapshot))
    node.endTurn()
    #expect(node.snapshotJobs.isEmpty, "nobody has said yet what is committed")
    node.commit([])
    node.answerReads()
    node.endTurn()
    #expect(node.snapshotJobs.isEmpty, "not all of it is on the disk")
    node.persist()
    let job = try #require(node.snapshotJobs.first)
    #expect(node.snapshotJobs.count == 1 && job.index == node.last)
    #expect(node.answered == [])
    node.take(.snapshotWritten(meta(job)))
    node.endTurn()
    #expect(node.answered == ["1 snapshot \(job.index)"])
    node.forget()
    node.take(.call(2, .snapshot))
    node.endTurn()
    node.answerReads()
    node.endTurn()
    #expect(node.answered == ["2 snapshot \(job.index)"], "there is one already")
    #expect(node.snapshotJobs.count == 1)
  }

  @Test("waits at level 6 until the archive is as far")
  func archive() throws {
    var node = try node(archived: 0, at: .sixth)
    node.take(.call(1, .snapshot))
    node.endTurn()
    node.answerReads()
    node.endTurn()
    node.persist()
    #expect(node.snapshotJobs.isEmpty)
    node.take(.archived(LogIndex(node.last.rawValue - 1)))
    node.endTurn()
    #expect(node.snapshotJobs.isEmpty)
    node.take(.archived(node.last))
    node.endTurn()
    #expect(node.snapshotJobs.map(\.index) == [node.last])
  }

  @Test("is made anew when one that was under way is older than what is wanted")
  func older() throws {
    var node = try node()
    node.take(.call(1, .snapshot))
    node.endTurn()
    node.answerReads()
    node.endTurn()
    let first = try #require(node.snapshotJobs.first)
    node.commit([])
    node.persist()
    node.take(.call(2, .snapshot))
    node.endTurn()
    node.answerReads()
    node.endTurn()
    #expect(node.snapshotJobs.count == 1, "one at a time")
    node.take(.snapshotWritten(meta(first)))
    node.endTurn()
    #expect(node.answered == ["1 snapshot \(first.index)"])
    #expect(node.snapshotJobs.last?.index == node.last && node.snapshotJobs.count == 2)
    let second = try #require(node.snapshotJobs.last)
    node.take(.snapshotWritten(meta(second)))
    node.endTurn()
    #expect(node.answered == ["1 snapshot \(first.index)", "2 snapshot \(second.index)"])
  }

  @Test("that cannot be written, or in time, is refused; the next one can be asked for")
  func refused() throws {
    var node = try node()
    node.take(.call(1, .snapshot))
    node.endTurn()
    node.answerReads()
    node.endTurn()
    node.take(.snapshotFailed("no room"))
    node.endTurn()
    #expect(node.answered == ["1 busy"])
    node.commit([])
    node.persist()
    #expect(node.snapshotJobs.count == 1, "nobody wants it any more")
    node.forget()
    node.take(.call(2, .snapshot))
    node.endTurn()
    node.answerReads()
    node.endTurn()
    #expect(node.snapshotJobs.count == 2)
    node.pass(31_000)
    #expect(node.answered == ["2 busy"])
  }

  @Test("is made for so many at a time, and a node that ends answers all of them")
  func bounded() throws {
    var node = try node()
    for call in 1...20 as ClosedRange<UInt64> { node.take(.call(call, .snapshot)) }
    node.endTurn()
    #expect(node.answered == (17...20).map { "\($0) busy" })
    node.forget()
    node.end()
    #expect(node.answered == (1...16).map { "\($0) busy" })
  }

  @Test("is answered by one of the leader that has come meanwhile")
  func installed() throws {
    var node = try node()
    node.take(.call(1, .snapshot))
    node.endTurn()
    node.answerReads()
    node.append([[]], isCommitted: false)
    node.endTurn()
    let chunk = node.snapshot(of: node.node.state)
    node.snapshotJobs = []
    try node.install(chunk)
    node.endTurn()
    #expect(node.answered == ["1 snapshot \(chunk.meta.index)"])
  }
}
