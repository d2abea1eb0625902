import Raft
import Testing

@Suite struct InstallTests {
  private let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

  private func meta(_ index: UInt64 = 5, term: UInt64 = 1, checksum: UInt32 = 1) -> SnapshotMeta {
    SnapshotMeta(
      index: LogIndex(index), term: Term(term), time: 77, membership: Membership(voters: [one, two, three]),
      size: UInt64(bytes.count), checksum: checksum)
  }

  private func chunk(_ meta: SnapshotMeta, at offset: Int, length: Int = 4) -> Message.Body {
    .snapshotChunk(
      SnapshotChunk(meta: meta, offset: UInt64(offset), data: Array(bytes.dropFirst(offset).prefix(length))))
  }

  @Test("chunks are written in order, each answered once it is on disk, and the last once all is installed")
  func chunksAreCollected() throws {
    var node = try Single()
    for (offset, next, installed) in [(0, 4, false), (4, 8, false), (8, 10, true)] as [(Int, UInt64, Bool)] {
      node.receive(chunk(meta(), at: offset), from: 2, term: 1)
      #expect(node.take().snapshotReplies.isEmpty)
      #expect(node.writes.last?.chunk?.offset == UInt64(offset))
      #expect(node.writes.last?.snapshot == (installed ? meta() : nil))
      #expect(node.installed.isEmpty)
      node.persist()
      #expect(
        node.take().snapshotReplies == [
          SnapshotReply(index: LogIndex(5), term: Term(1), offset: next, installed: installed)
        ])
    }
    #expect(node.installed == [meta()])
    #expect(node.raft.commitIndex == LogIndex(5))
    #expect(node.raft.lastIndex == LogIndex(5))
    #expect(node.raft.durableIndex == LogIndex(5))
    #expect(node.raft.firstIndex == LogIndex(6))
    #expect(node.raft.membership == meta().membership)
  }

  @Test("nothing is applied, and no campaign begun, while a received snapshot is on its way to the disk")
  func nothingIsAppliedBeforeTheInstall() throws {
    var node = try Single()
    node.append(entries(1, 1, 1), after: (0, 0), term: 1)
    for offset in [0, 4, 8] { node.receive(chunk(meta(), at: offset), from: 2, term: 1) }
    node.append(entries(1, 1, from: 6), after: (5, 1), commit: 7, term: 1)
    #expect(node.committed.isEmpty)
    node.tick(60)
    #expect(node.raft.role == .follower)
    #expect(node.writes.allSatisfy { ($0.hardState?.commit ?? .zero) <= LogIndex(3) })
    node.persist()
    #expect(node.installed == [meta()])
    #expect(node.committed == entries(1, 1, from: 6))
    #expect(node.raft.durableIndex == LogIndex(7))
  }

  @Test("late writes of the log that a snapshot has replaced make nothing durable")
  func lateWritesOfAReplacedLog() throws {
    var node = try Single()
    node.append(entries(1, 1, 1, 1, 1, 1, 1, 1), after: (0, 0), term: 1)
    for offset in [0, 4, 8] { node.receive(chunk(meta(5, term: 2), at: offset), from: 3, term: 2) }
    node.persistOne()
    #expect(node.raft.durableIndex == .zero)
    node.persist()
    #expect(node.raft.durableIndex == LogIndex(5))
    #expect(node.raft.lastIndex == LogIndex(5))
  }

  @Test("a member whose log contains the snapshot keeps its log, and says so once that is on disk")
  func matchingLogsAreKept() throws {
    var node = try Single()
    node.append(entries(1, 1, 1, 1, 1, 1, 1), after: (0, 0), term: 1)
    node.receive(chunk(meta(), at: 0), from: 2, term: 1)
    #expect(node.take().snapshotReplies.isEmpty)
    node.persist()
    #expect(node.take().snapshotReplies.map(\.installed) == [true])
    #expect(node.raft.lastIndex == LogIndex(7))
    #expect(node.raft.commitIndex == LogIndex(5))
    #expect(node.committed.count == 5)
    #expect(node.installed.isEmpty)
  }

  @Test("a chunk that comes twice, or too early, is answered with what there is")
  func chunksOutOfOrder() throws {
    var node = try Single()
    node.receive(chunk(meta(), at: 4), from: 2, term: 1)
    node.persist()
    #expect(node.take().snapshotReplies.map(\.offset) == [0])
    for offset in [0, 0, 8] { node.receive(chunk(meta(), at: offset), from: 2, term: 1) }
    #expect(node.writes.compactMap(\.chunk).count == 1)
    node.persist()
    #expect(node.take().snapshotReplies.map(\.offset) == [4, 4, 4])
  }

  @Test("the same snapshot from a new leader goes on where the old one stopped; another begins anew")
  func newLeadersGoOn() throws {
    var node = try Single()
    node.receive(chunk(meta(), at: 0), from: 2, term: 1)
    node.receive(chunk(meta(), at: 0), from: 3, term: 2)
    node.persist()
    #expect(node.take().snapshotReplies.map(\.offset) == [4, 4])
    node.receive(chunk(meta(4, checksum: 9), at: 0), from: 3, term: 3)
    node.persist()
    #expect(node.take().snapshotReplies.map(\.index) == [LogIndex(4)])
    // An older one of the same leader is an old message.
    node.receive(chunk(meta(3), at: 0), from: 3, term: 3)
    node.persist()
    #expect(node.take().snapshotReplies.isEmpty)
  }

  @Test("chunks that lie outside their snapshot are ignored")
  func impossibleChunks() throws {
    var node = try Single()
    var wrong = meta()
    wrong.size = 2
    node.receive(chunk(wrong, at: 0), from: 2, term: 1)
    node.receive(
      .snapshotChunk(SnapshotChunk(meta: meta(), offset: .max, data: [1])), from: 2, term: 1)
    wrong = meta(term: 9)
    node.receive(chunk(wrong, at: 0), from: 2, term: 1)
    #expect(node.writes.isEmpty)
    #expect(node.raft.term == .zero)
  }
}
