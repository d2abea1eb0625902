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
    let before = node.writes.count
    node.append(entries(1, 1, from: 6), after: (5, 1), commit: 7, term: 1)
    // Nor do those that fit the log as it is: on the disk they would come after the snapshot.
    node.append(entries(1, from: 4), after: (3, 1), commit: 4, term: 1)
    #expect(node.writes.count == before, "entries wait until it is known to be whole")
    #expect(node.committed.isEmpty)
    node.tick(60)
    #expect(node.raft.role == .follower)
    #expect(node.writes.allSatisfy { ($0.hardState?.commit ?? .zero) <= LogIndex(3) })
    node.persist()
    #expect(node.installed == [meta()])
    node.append(entries(1, 1, from: 6), after: (5, 1), commit: 7, term: 1)
    node.persist()
    #expect(node.committed == entries(1, 1, from: 6))
    #expect(node.raft.durableIndex == LogIndex(7))
  }

  @Test("late writes of the log that a snapshot has replaced make nothing durable")
  func lateWritesOfAReplacedLog() throws {
    var node = try Single()
    node.append(entries(1, 1, 1, 1, 1, 1, 1, 1), after: (0, 0), term: 1)
    for offset in [0, 4, 8] { node.receive(chunk(meta(5, term: 2), at: offset), from: 3, term: 2) }
    node.persistOne()
    #expect(node.raft.durableIndex == LogIndex(8), "the log is as it was until the snapshot is durable")
    node.persist()
    #expect(node.raft.durableIndex == LogIndex(5))
    #expect(node.raft.lastIndex == LogIndex(5))
  }

  @Test("a snapshot that the disk refuses leaves log and state as they were, is not confirmed, and comes anew")
  func refusedByTheDisk() throws {
    var node = try Single()
    node.append(entries(1, 1, 1), after: (0, 0), commit: 2, term: 1)
    node.persist()
    for offset in [0, 4] { node.receive(chunk(meta(), at: offset), from: 2, term: 1) }
    node.persist()
    _ = node.take()
    // The leader of the next term ends the transfer: term and snapshot are in one write.
    node.receive(chunk(meta(), at: 8), from: 3, term: 2)
    #expect(node.writes.map(\.snapshot) == [meta()])
    node.refuseOne()
    #expect(node.installed.isEmpty)
    #expect(node.take().snapshotReplies.isEmpty)
    #expect(node.raft.lastIndex == LogIndex(3))
    #expect(node.raft.durableIndex == LogIndex(3))
    #expect(node.raft.commitIndex == LogIndex(2))
    #expect(node.raft.snapshot == nil)
    // It is a member like any other: entries, and commits of what it has.
    node.append(entries(2, from: 4), after: (3, 1), commit: 4, from: 3, term: 2)
    node.persist()
    #expect(node.committed.map(\.index.rawValue) == [1, 2, 3, 4])
    #expect(node.raft.term == Term(2))
    // The leader, which had no answer, sends its last part again and hears that there is nothing.
    _ = node.take()
    node.receive(chunk(meta(9, term: 2), at: 8), from: 3, term: 2)
    node.persist()
    #expect(node.take().snapshotReplies.map(\.offset) == [0])
    for offset in [0, 4, 8] { node.receive(chunk(meta(9, term: 2), at: offset), from: 3, term: 2) }
    node.persist()
    #expect(node.installed == [meta(9, term: 2)])
    #expect(node.take().snapshotReplies.last?.installed == true)
  }

  @Test("a part that the disk refuses is asked for anew, from the start")
  func refusedPart() throws {
    var node = try Single()
    node.receive(chunk(meta(), at: 0), from: 2, term: 1)
    node.persist()
    node.receive(chunk(meta(), at: 4), from: 2, term: 1)
    node.refuseOne()
    _ = node.take()
    node.receive(chunk(meta(), at: 4), from: 2, term: 1)
    node.persist()
    #expect(node.take().snapshotReplies.map(\.offset) == [0])
  }

  @Test("entries that wait to be written do not go in one write with the snapshot that replaces them")
  func notWithEntries() throws {
    var node = try Single()
    for offset in [0, 4] { node.receive(chunk(meta(), at: offset), from: 2, term: 1) }
    node.persist()
    node.raft.step(
      Message(
        from: two, to: one, term: Term(1),
        body: .append(
          AppendRequest(previousIndex: .zero, previousTerm: .zero, commit: .zero, entries: entries(1, 1)))))
    node.receive(chunk(meta(), at: 8), from: 2, term: 1)
    #expect(node.writes.map(\.entries.count) == [2])
    #expect(node.writes.allSatisfy { $0.snapshot == nil && $0.chunk == nil })
    node.persist()
    node.receive(chunk(meta(), at: 8), from: 2, term: 1)
    node.persist()
    #expect(node.installed == [meta()])
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
