import Raft
import Testing

@Suite struct WriteTests {
  @Test("a late write of a suffix that was cut meanwhile makes nothing durable")
  func lateWritesOfACutSuffixDoNotCount() throws {
    var node = try Single()
    node.append(entries(1, 1, 1, 1, 1), after: (0, 0), term: 1)
    node.append(entries(2, 2, 2, from: 3), after: (2, 1), from: 3, term: 2)
    #expect(node.writes.count == 2)
    node.persistOne()
    #expect(node.raft.durableIndex == LogIndex(2))
    node.persistOne()
    #expect(node.raft.durableIndex == LogIndex(5))
  }

  @Test("a leader counts for an entry of its own only once that is on its disk")
  func leadersCountOnceDurable() throws {
    var node = try Single()
    node.lead()
    node.accept(1, from: 2)
    #expect(node.raft.commitIndex == .zero)
    node.persist()
    #expect(node.raft.commitIndex == LogIndex(1))
  }

  @Test("a leader that has cut a suffix and replaced it does not count the late write of the first")
  func leadersDoNotCountWhatWasCut() throws {
    var node = try Single()
    // Accepted in term 1, cut in term 2, while the disk is late with both.
    node.append(entries(1, 1, 1), after: (0, 0), term: 1)
    node.append(entries(2, from: 2), after: (1, 1), from: 3, term: 2)
    node.tick(20)
    node.receive(.voteReply(VoteReply(preVote: true, granted: true)), from: 2, term: 3)
    #expect(node.raft.role == .candidate)
    #expect(node.writes.count == 3)
    node.persistOne()
    #expect(node.raft.durableIndex == LogIndex(1))
    node.persistOne()
    node.persistOne()
    node.receive(.voteReply(VoteReply(preVote: false, granted: true)), from: 2, term: 3)
    #expect(node.raft.role == .leader)
    #expect(node.raft.durableIndex == LogIndex(2))
    node.accept(3, from: 2)
    #expect(node.raft.commitIndex == .zero)
    node.persist()
    #expect(node.raft.commitIndex == LogIndex(3))
  }

  @Test("writes are numbered by one, and what was given out is not given out again")
  func writesAreNumbered() throws {
    var node = try Single()
    node.append(entries(1), after: (0, 0), term: 1)
    node.append(entries(1, from: 2), after: (1, 1), term: 1)
    #expect(node.writes.map(\.number) == [1, 2])
    #expect(node.writes.map { $0.entries.map(\.index) } == [[LogIndex(1)], [LogIndex(2)]])
    let ready = node.raft.takeReady()
    #expect(ready.isEmpty)
  }

  @Test("one report stands for all earlier writes; one of a write that was never made does nothing")
  func reportsCoverEarlierWrites() throws {
    var node = try Single()
    node.append(entries(1), after: (0, 0), term: 1)
    node.append(entries(1, from: 2), after: (1, 1), term: 1)
    node.raft.persisted(77)
    #expect(node.raft.durableIndex == .zero)
    node.raft.persisted(2)
    #expect(node.raft.durableIndex == LogIndex(2))
  }

  @Test("a commit index alone is written now and then, without a sync")
  func commitIsWrittenLazily() throws {
    var node = try Single()
    node.append(entries(1, 1), after: (0, 0), term: 1)
    node.persist()
    node.append([], after: (2, 1), commit: 2, term: 1)
    #expect(node.writes.isEmpty)
    node.tick(2)
    #expect(node.writes.count == 1)
    #expect(node.writes.first?.mustSync == false)
    #expect(node.writes.first?.hardState?.commit == LogIndex(2))
    node.tick(4)
    #expect(node.writes.count == 1)
  }

  @Test("after a restart, what is known to be committed comes again, from the snapshot on")
  func committedEntriesComeAgain() throws {
    let plain = Restored(
      hardState: HardState(term: Term(1), commit: LogIndex(2)), entries: entries(1, 1, 1))
    let node = try Single(restored: plain)
    #expect(node.committed == entries(1, 1))
    let meta = SnapshotMeta(
      index: LogIndex(2), term: Term(1), time: 5, membership: Membership(voters: [one, two, three]), size: 4,
      checksum: 0)
    let compacted = Restored(
      hardState: HardState(term: Term(1), commit: LogIndex(3)), snapshot: meta, entries: entries(1, 1, from: 2))
    let second = try Single(restored: compacted)
    #expect(second.committed == entries(1, from: 3))
    #expect(second.raft.appliedIndex == LogIndex(3))
    #expect(second.raft.lastIndex == LogIndex(3))
  }

  @Test("a late disk does not keep an entry that a quorum has from being applied")
  func committedBeforeOwnDisk() throws {
    var node = try Single()
    node.append(entries(1), after: (0, 0), commit: 1, term: 1)
    #expect(node.committed == entries(1))
    #expect(node.raft.durableIndex == .zero)
  }
}
