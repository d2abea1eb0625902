import Raft
import Testing

@Suite struct ElectionMistakes {
  @Test("row 12: a member with a higher term is not answered and answers not: it stays out for ever")
  func higherTermStaysOut() {
    // Before, it campaigned without pre-votes; now it asks for pre-votes, which are refused.
    expectGuard(
      .silentToEarlierTerm,
      transcript: """
        cluster 3 preVote=off
        elect 1
        isolate 3
        tick 3 times 60
        crash 3
        heal
        start 3 preVote=on
        tick all times 60
        status
        ----
        node  role      term  vote  leader  log  disk  commit  applied
        1     follower  5     3     3       1-2  2     2       -
        2     follower  5     3     3       1-2  2     2       -
        3     leader    5     3     3       1-2  2     2       -
        """)
  }

  @Test("row 12: a member that cannot hear the leader deposes it with those that can")
  func partialConnectivity() {
    expectGuard(
      .votesAgainstLiveLeader,
      transcript: """
        cluster 3
        elect 1
        cut 1 3
        tick all times 300
        status
        ----
        node  role          term  vote  leader  log  disk  commit  applied
        1     leader        1     1     1       1-1  1     1       -
        2     follower      1     1     1       1-1  1     1       -
        3     preCandidate  1     1     -       1-1  1     1       -
        """)
  }

  @Test("a vote is given without a look at the log, and what was acknowledged is lost")
  func voteIgnoresLog() {
    expectGuard(
      .voteIgnoresLog, breaks: true,
      transcript: """
        cluster 3
        elect 1
        isolate 3
        propose 1 a
        crash 1
        heal
        elect 3
        ----
        node 3 does not come to lead
        """)
  }

  @Test("row 27: two candidates of one term have the same vote, and both lead")
  func voteTwice() {
    expectGuard(
      .votesTwice, breaks: true,
      transcript: """
        cluster 3 preVote=off
        manual
        timeout 1
        timeout 2
        deliver vote 1 3
        deliver vote 2 3
        deliver voteReply
        """)
  }

  @Test("row 27: after a power failure of all, and pauses, a member still has the vote that it gave")
  func votesOutliveAPowerFailure() {
    expectTranscript(
      """
      cluster 3 preVote=off
      cut 1 3
      cut 2 3
      drop voteReply 2 1
      timeout 1
      crash 1
      crash 2
      crash 3
      heal
      pass
      start 2
      start 3
      timeout 3
      status 2 3
      ----
      node  role       term  vote  leader  log    disk  commit  applied
      2     follower   1     1     -       empty  0     0       -
      3     candidate  1     3     -       empty  0     0       -
      """)
  }
}
