import Raft
import Testing

@Suite struct FollowerLogTests {
  @Test("an append is confirmed only once it is on disk")
  func confirmationsWaitForTheDisk() throws {
    var node = try Single()
    node.append(entries(1, 1), after: (0, 0), term: 1)
    node.append(entries(1, from: 3), after: (2, 1), term: 1)
    #expect(node.take().isEmpty)
    #expect(node.raft.durableIndex == .zero)
    node.persistOne()
    #expect(node.take().appendReplies == [AppendReply(index: LogIndex(2))])
    node.persistOne()
    #expect(node.take().appendReplies == [AppendReply(index: LogIndex(3))])
  }

  @Test("an append that repeats what is still on its way to the disk waits for it too")
  func repeatedAppendsWaitForTheDisk() throws {
    var node = try Single()
    node.append(entries(1, 1), after: (0, 0), term: 1)
    node.append(entries(1, 1), after: (0, 0), term: 1)
    #expect(node.writes.count == 1)
    #expect(node.take().isEmpty)
    node.persist()
    #expect(node.take().appendReplies.allSatisfy { $0.index == LogIndex(2) })
    node.append(entries(1, 1), after: (0, 0), term: 1)
    #expect(node.take().appendReplies == [AppendReply(index: LogIndex(2))])
  }

  @Test("an empty append behind an answered one is answered again only after a heartbeat's time")
  func commitOnlyAppendsAreAnsweredOnce() throws {
    var node = try Single()
    node.append(entries(1, 1), after: (0, 0), term: 1)
    node.persist()
    #expect(node.take().appendReplies == [AppendReply(index: LogIndex(2))])
    node.append([], after: (2, 1), commit: 2, term: 1)
    #expect(node.take().appendReplies.isEmpty)
    #expect(node.committed.count == 2)
    // The first answer may have been lost: the leader asks again when a heartbeat's reply shows that it lags.
    node.tick(2)
    node.persist()
    node.append([], after: (2, 1), commit: 2, term: 1)
    #expect(node.take().appendReplies == [AppendReply(index: LogIndex(2))])
    // Another leader has had no answer yet.
    node.append([], after: (2, 1), commit: 2, from: 3, term: 2)
    node.persist()
    #expect(node.take().appendReplies == [AppendReply(index: LogIndex(2))])
  }

  @Test("an append whose previous entry is missing or another is refused, with a hint where to look")
  func unknownPreviousIsRefused() throws {
    let restored = Restored(hardState: HardState(term: Term(3)), entries: entries(1, 1, 3, 3))
    var node = try Single(restored: restored)
    node.append(entries(4, from: 8), after: (7, 4), term: 4)
    node.persist()
    #expect(
      node.take().appendReplies == [
        AppendReply(index: LogIndex(7), rejected: true, hintIndex: LogIndex(4), hintTerm: Term(3))
      ])
    node.append(entries(4, from: 5), after: (4, 2), term: 4)
    #expect(
      node.take().appendReplies == [
        AppendReply(index: LogIndex(4), rejected: true, hintIndex: LogIndex(2), hintTerm: Term(1))
      ])
    #expect(node.raft.lastIndex == LogIndex(4))
  }

  @Test("an entry that conflicts is replaced, with all that follow it")
  func conflictsAreReplacedWithTheirTail() throws {
    var node = try Single(
      restored: Restored(hardState: HardState(term: Term(2)), entries: entries(1, 2, 2, 2)))
    node.append(entries(3, from: 2), after: (1, 1), term: 3)
    #expect(node.raft.lastIndex == LogIndex(2))
    #expect(node.raft.durableIndex == LogIndex(1))
    #expect(node.writes.first?.entries == entries(3, from: 2))
    node.persist()
    #expect(node.raft.durableIndex == LogIndex(2))
  }

  @Test("an old append that ends before the log does not cut a suffix that matches")
  func oldAppendsDoNotCut() throws {
    var node = try Single()
    node.append(entries(1, 1, 1, 1), after: (0, 0), term: 1)
    node.persist()
    _ = node.take()
    node.append(entries(1), after: (0, 0), term: 1)
    node.append([], after: (2, 1), term: 1)
    #expect(node.raft.lastIndex == LogIndex(4))
    #expect(node.raft.durableIndex == LogIndex(4))
    #expect(node.writes.isEmpty)
    #expect(node.take().appendReplies.map(\.index) == [LogIndex(1), LogIndex(2)])
  }

  @Test("what is committed is never cut, whatever comes")
  func committedEntriesAreNeverCut() throws {
    var node = try Single()
    node.append(entries(1, 1, 1), after: (0, 0), commit: 2, term: 1)
    node.persist()
    _ = node.take()
    node.append(entries(2, 2, 2, from: 1), after: (0, 0), term: 2)
    node.persist()
    #expect(node.committed == entries(1, 1))
    #expect(node.raft.lastIndex == LogIndex(3))
    // Nor is it confirmed that the logs agree.
    #expect(node.take().appendReplies == [] && node.raft.contradiction?.index == LogIndex(1))
    node.append(entries(2), after: (0, 0), term: 2)
    #expect(node.take().appendReplies == [])
    #expect(node.raft.commitIndex == LogIndex(2))
  }

  @Test("the commit index rises no further than the append has shown the logs to agree")
  func commitStaysWithinWhatWasVerified() throws {
    var node = try Single(
      restored: Restored(hardState: HardState(term: Term(1)), entries: entries(1, 1, 1, 1)))
    node.append([], after: (1, 1), commit: 4, term: 2)
    #expect(node.raft.commitIndex == LogIndex(1))
    node.append(entries(2, from: 2), after: (1, 1), commit: 4, term: 2)
    #expect(node.raft.commitIndex == LogIndex(2))
    #expect(node.committed == entries(1) + entries(2, from: 2))
  }

  @Test("a heartbeat commits nothing that the log does not have, and takes nothing back")
  func heartbeatsCommitWhatIsThere() throws {
    var node = try Single()
    node.append(entries(1, 1), after: (0, 0), term: 1)
    node.receive(.heartbeat(Heartbeat(commit: LogIndex(5))), from: 2, term: 1)
    #expect(node.raft.commitIndex == .zero)
    node.receive(.heartbeat(Heartbeat(commit: LogIndex(2))), from: 2, term: 1)
    #expect(node.raft.commitIndex == LogIndex(2))
    node.receive(.heartbeat(Heartbeat(commit: LogIndex(1))), from: 2, term: 1)
    #expect(node.raft.commitIndex == LogIndex(2))
  }

  @Test("a leader's heartbeat tells a member no more than it has confirmed")
  func heartbeatsStayWithinTheMatch() throws {
    var node = try Single()
    node.lead()
    node.persist()
    node.accept(1, from: 2)
    #expect(node.raft.commitIndex == LogIndex(1))
    _ = node.take()
    node.tick(2)
    let sent = node.take()
    #expect(sent.to(2).heartbeats.map(\.commit) == [LogIndex(1)])
    #expect(sent.to(3).heartbeats.map(\.commit) == [.zero])
  }

  @Test("an append that begins before what is committed is taken up from there")
  func appendsOverlappingTheCommitAreTaken() throws {
    var node = try Single()
    node.append(entries(1, 1), after: (0, 0), commit: 2, term: 1)
    node.append(entries(1, 1, 1, 1), after: (0, 0), commit: 4, term: 1)
    node.persist()
    #expect(node.committed == entries(1, 1, 1, 1))
    #expect(node.take().appendReplies.last == AppendReply(index: LogIndex(4)))
  }
}
