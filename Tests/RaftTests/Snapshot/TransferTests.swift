import Raft
import Testing

@Suite struct TransferTests {
  private func meta(_ index: UInt64, checksum: UInt32 = 1, size: UInt64 = 10) -> SnapshotMeta {
    SnapshotMeta(
      index: LogIndex(index), term: Term(1), time: 1, membership: Membership(voters: [one, two, three]),
      size: size,
      checksum: checksum)
  }

  /// Leads in term 1 with entries 1 to 4, of which 3 are compacted; node 3 has nothing.
  private func compacted() throws -> Single {
    var node = try Single()
    node.lead()
    _ = node.raft.propose(Array(repeating: Payload(checksum: 0, data: [1]), count: 3))
    node.absorb()
    node.persist()
    node.accept(4, from: 2)
    node.raft.compact(to: meta(3), keeping: 0)
    node.receive(
      .appendReply(AppendReply(index: .zero, rejected: true)), from: 3, term: 1)
    node.receive(.heartbeatReply(HeartbeatReply()), from: 3, term: 1)
    return node
  }

  private func answer(_ node: inout Single, offset: UInt64, installed: Bool = false) {
    node.receive(
      .snapshotReply(SnapshotReply(index: LogIndex(3), term: Term(1), offset: offset, installed: installed)),
      from: 3, term: 1)
  }

  private func read(_ node: inout Single) {
    guard !node.chunkReads.isEmpty else {
      Issue.record("no chunk is asked for")
      return
    }
    let read = node.chunkReads.removeFirst()
    node.raft.chunkWasRead(read, data: Array(repeating: 1, count: read.length))
    node.absorb()
  }

  @Test("a member that needs what is compacted is sent the snapshot, chunk by chunk, and then the log")
  func snapshotIsSent() throws {
    var node = try compacted()
    // The probe fails where the log begins, so the member turns out to need the snapshot.
    #expect(node.raft.progress(of: three)?.state == .snapshot)
    #expect(node.chunkReads == [ChunkRead(to: three, meta: meta(3), offset: 0, length: 4)])
    _ = node.take()
    read(&node)
    #expect(node.take().to(3).chunks.map(\.offset) == [0])
    node.tick(4)
    #expect(node.take().to(3).chunks.isEmpty)
    answer(&node, offset: 4)
    read(&node)
    answer(&node, offset: 8)
    #expect(node.chunkReads == [ChunkRead(to: three, meta: meta(3), offset: 8, length: 2)])
    read(&node)
    _ = node.take()
    answer(&node, offset: 10, installed: true)
    #expect(node.raft.progress(of: three)?.match == LogIndex(3))
    #expect(node.raft.progress(of: three)?.state == .replicate)
    #expect(node.take().to(3).appends.first?.previousIndex == LogIndex(3))
  }

  @Test("it is known that a snapshot is being sent: until it is installed, and while the member answers")
  func sendingIsKnown() throws {
    var node = try compacted()
    #expect(node.raft.isSendingSnapshot)
    read(&node)
    answer(&node, offset: 10, installed: true)
    #expect(!node.raft.isSendingSnapshot)
    var other = try compacted()
    read(&other)
    for _ in 0..<4 {
      other.tick(4)
      other.receive(.heartbeatReply(HeartbeatReply()), from: 2, term: 1)
    }
    #expect(other.raft.role == .leader && !other.raft.isSendingSnapshot)
  }

  @Test("a snapshot of no bytes is sent as well")
  func emptySnapshot() throws {
    var node = try Single()
    node.lead()
    node.persist()
    node.accept(1, from: 2)
    node.raft.compact(to: meta(1, size: 0), keeping: 0)
    node.receive(.appendReply(AppendReply(index: .zero, rejected: true)), from: 3, term: 1)
    node.receive(.heartbeatReply(HeartbeatReply()), from: 3, term: 1)
    read(&node)
    let chunks = node.take().filter { ![$0].chunks.isEmpty }
    #expect(chunks.count == 1)
    var other = try Single(3)
    for message in chunks { other.raft.step(message) }
    other.absorb()
    other.persist()
    #expect(other.installed == [meta(1, size: 0)])
    #expect(other.take().snapshotReplies.map(\.installed) == [true])
  }

  @Test("an unanswered chunk is sent again after a while; an answer that comes twice doubles nothing")
  func lostAndDoubledAnswers() throws {
    var node = try compacted()
    read(&node)
    answer(&node, offset: 4)
    answer(&node, offset: 4)
    #expect(node.chunkReads.count == 1)
    read(&node)
    answer(&node, offset: 4)
    #expect(node.chunkReads.isEmpty)
    for _ in 0..<25 {
      node.tick()
      node.receive(.heartbeatReply(HeartbeatReply()), from: 2, term: 1)
      node.receive(.heartbeatReply(HeartbeatReply()), from: 3, term: 1)
    }
    #expect(node.chunkReads.map(\.offset) == [4])
  }

  @Test("a member that has lost its part, or has more than was thought, is sent what it asks for")
  func receiversSayWhereToGoOn() throws {
    var node = try compacted()
    read(&node)
    answer(&node, offset: 8)
    #expect(node.chunkReads.map(\.offset) == [8])
    read(&node)
    answer(&node, offset: 0)
    #expect(node.chunkReads.map(\.offset) == [0])
    answer(&node, offset: 99)
    #expect(node.chunkReads.map(\.offset) == [0])
  }

  @Test("when the snapshot is gone, the newest takes its place; when that is gone too, patience decides")
  func goneSnapshots() throws {
    var node = try compacted()
    let first = try #require(node.chunkReads.last)
    node.chunkReads = []
    node.raft.compact(to: meta(4, checksum: 2), keeping: 0)
    node.raft.chunkWasRead(first, data: nil)
    node.absorb()
    #expect(node.chunkReads == [ChunkRead(to: three, meta: meta(4, checksum: 2), offset: 0, length: 4)])
    let second = try #require(node.chunkReads.last)
    node.chunkReads = []
    node.raft.chunkWasRead(second, data: nil)
    node.absorb()
    #expect(node.chunkReads.isEmpty)
    // Bytes that belong to another read are not sent.
    node.raft.chunkWasRead(first, data: [1, 2, 3, 4])
    node.absorb()
    #expect(node.take().chunks.isEmpty)
  }

  @Test("a member that is away is sent no chunks until it answers again, and then the transfer goes on")
  func absentMembersAreNotSentChunks() throws {
    var node = try compacted()
    read(&node)
    for _ in 0..<50 {
      node.tick()
      node.receive(.heartbeatReply(HeartbeatReply()), from: 2, term: 1)
    }
    #expect(node.chunkReads.isEmpty)
    node.receive(.heartbeatReply(HeartbeatReply()), from: 3, term: 1)
    #expect(node.chunkReads.map(\.offset) == [0])
  }

  @Test("while a snapshot is being sent, the next one leaves in the log what follows it")
  func whatFollowsStays() throws {
    var node = try Single { $0.maxRetainedBytes = 1000 }
    node.lead()
    _ = node.raft.propose(Array(repeating: Payload(checksum: 0, data: [1]), count: 3))
    node.absorb()
    node.persist()
    node.accept(4, from: 2)
    node.raft.compact(to: meta(3), keeping: 0)
    node.receive(.appendReply(AppendReply(index: .zero, rejected: true)), from: 3, term: 1)
    node.receive(.heartbeatReply(HeartbeatReply()), from: 3, term: 1)
    node.raft.compact(to: meta(4, checksum: 2), keeping: 0)
    #expect(node.raft.snapshot == meta(4, checksum: 2) && node.raft.firstIndex == LogIndex(4))
    answer(&node, offset: 10, installed: true)
    #expect(node.raft.progress(of: three)?.state == .replicate)
    #expect(node.take().to(3).appends.last?.entries.map(\.index.rawValue) == [4])
  }

  @Test("a compaction keeps a tail, so that a member a little behind needs no snapshot")
  func tailsAreKept() throws {
    var node = try Single()
    node.lead()
    _ = node.raft.propose(Array(repeating: Payload(checksum: 0, data: [1]), count: 9))
    node.absorb()
    node.persist()
    node.accept(10, from: 2)
    node.raft.compact(to: meta(8), keeping: 3)
    #expect(node.raft.firstIndex == LogIndex(6))
    #expect(node.raft.snapshot == meta(8))
    // Older ones, and ones of what was not applied, are ignored.
    node.raft.compact(to: meta(7), keeping: 0)
    node.raft.compact(to: meta(11), keeping: 0)
    #expect(node.raft.firstIndex == LogIndex(6))
    node.accept(5, from: 3)
    #expect(node.raft.progress(of: three)?.state == .replicate)
    #expect(node.take().to(3).appends.last?.entries.first?.index == LogIndex(6))
  }
}
