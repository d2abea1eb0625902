import Raft
import Testing

@Suite struct LogMistakes {
  @Test("row 6: an old append makes a follower cut a suffix that it has acknowledged")
  func matchingSuffixIsCut() {
    expectGuard(
      .cutsMatchingSuffix, breaks: true,
      transcript: """
        cluster 3
        elect 1
        crash 3
        manual
        echo append 1 2
        propose 1 a
        deliver append 1 2
        pass
        propose 1 b
        deliver append 1 2
        deliver appendReply 2 1
        drop append 1 2
        deliver append 1 2
        pass
        release
        deliver append 1 2
        drop all 1
        crash 1
        automatic
        start 3
        elect 2
        """)
  }

  @Test("row 6: a follower cuts what is committed")
  func committedSuffixIsCut() throws {
    var node = try Single()
    node.append(entries(1, 1, 1), after: (0, 0), commit: 2, term: 1)
    node.append(entries(2, 2, 2), after: (0, 0), term: 2)
    #expect(node.raft.term(at: LogIndex(2)) == Term(1))
    // A leader that has something else there contradicts: nothing of it is taken.
    #expect(node.raft.term(at: LogIndex(3)) == Term(1) && node.raft.contradiction != nil)
    #expect(node.committed == entries(1, 1))
  }

  @Test("row 7: a conflict leaves the tail after it")
  func conflictKeepsTail() {
    expectGuard(
      .keepsConflictingTail, breaks: true,
      transcript: """
        cluster 3
        elect 1
        propose 1 a
        isolate 1
        propose 1 b c d
        elect 2
        propose 2 e
        heal
        tick all times 4
        log 1
        ----
        1: 1/1:noop 2/1:a 3/2:noop 4/2:e
        """)
  }

  @Test("row 8: a conflict reply that comes late is read as if the follower had lost its log")
  func staleConflictReply() {
    expectGuard(
      .believesOldRejection,
      transcript: """
        cluster 3
        elect 1
        hold append 1 2
        propose 1 a
        pass
        echo appendReply 2
        manual
        propose 1 b
        deliver append 1 2
        deliver appendReply 2 1
        pass
        automatic
        progress
        manual
        release
        deliver appendReply 2 1
        progress
        ----
        node  state      match  next  active  inflight
        2     replicate  3      4     yes     0
        3     replicate  3      4     yes     0
        node  state      match  next  active  inflight
        2     replicate  3      4     yes     0
        3     replicate  3      4     yes     0
        """)
  }
}
