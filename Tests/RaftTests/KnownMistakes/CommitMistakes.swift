import Raft
import Testing

@Suite struct CommitMistakes {
  @Test("row 1: an entry of an earlier term is committed by counting its replicas (figure 8)")
  func earlierTermByCounting() {
    expectGuard(
      .commitsEarlierTerms, breaks: true,
      transcript: """
        cluster 5 maxAppendBytes=1
        elect 1
        cut 1 3
        cut 1 4
        cut 1 5
        propose 1 a
        crash 1
        heal
        drop append 5
        cut 2 5
        elect 5
        crash 5
        heal
        pass
        start 1
        hold append 1
        elect 1
        manual
        release
        deliver append 1 2
        deliver append 1 3
        deliver appendReply
        deliver append 1 3
        deliver appendReply 3 1
        drop all 1
        crash 1
        automatic
        start 5
        elect 5
        """)
  }

  @Test("row 4: the commit index is read off match indexes that were not sorted")
  func unsortedMatchIndexes() {
    expectGuard(
      .unsortedMatch, breaks: true,
      transcript: """
        cluster 5
        elect 1
        hang 2
        hang 4
        hang 5
        propose 1 a
        status 1 3
        ----
        node  role      term  vote  leader  log  disk  commit  applied
        1     leader    1     1     1       1-2  2     1       -
        3     follower  1     1     1       1-2  2     1       -
        """)
  }

  @Test("row 5: an empty append raises the commit index past what it has verified")
  func emptyAppendCommitsTooMuch() throws {
    try expectGuard(.commitBeyondVerified) { mistakes in
      var node = try Single(
        restored: Restored(hardState: HardState(term: Term(1)), entries: entries(1, 1, 1, 1))
      ) { $0.mistakes = mistakes }
      // The leader of term 2 agrees up to entry 1, and has committed up to 4: other entries than these.
      node.append([], after: (1, 1), commit: 4, term: 2)
      return node.committed == entries(1) ? [] : ["commits \(node.committed.count) entries"]
    }
  }

  @Test(
    "row 11: no no-op at the start of a term: what earlier terms left is never committed, and reads wait for ever"
  )
  func noNoopAtTermStart() {
    expectGuard(
      .noNoop,
      transcript: """
        cluster 3
        elect 1
        propose 1 a
        drop appendReply
        propose 1 b
        crash 1
        pass
        elect 2
        read 2 1
        tick 2 3 times 10
        reads
        status 2
        ----
        node 2: read 1 sees 4
        node  role    term  vote  leader  log  disk  commit  applied
        2     leader  2     2     2       1-4  4     4       a b
        """)
  }
}
