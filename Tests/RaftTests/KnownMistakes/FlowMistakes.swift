import Raft
import Testing

@Suite struct FlowMistakes {
  @Test("row 23: one follower that hangs holds up the others, or is sent without a limit")
  func hungFollower() {
    expectTranscript(
      """
      cluster 3 maxInflightMessages=2
      elect 1
      hang 3
      propose 1 a
      propose 1 b
      propose 1 c
      propose 1 d
      progress
      status
      ----
      node  state      match  next  active  inflight
      2     replicate  5      6     yes     0
      3     replicate  1      4     yes     2
      node  role      term  vote  leader  log  disk  commit  applied
      1     leader    1     1     1       1-5  5     5       a b c d
      2     follower  1     1     1       1-5  5     5       a b c d
      3     follower  1     1     1       1-3  1     3       a b
      """)
  }

  @Test(
    "row 23: a follower that reads nothing and a leader whose disk hangs do not stop the clock or the votes")
  func hungLeader() {
    expectTranscript(
      """
      cluster 3
      elect 1
      hang 1
      propose 1 a
      tick all times 30
      status
      ----
      node  role      term  vote  leader  log  disk  commit  applied
      1     leader    1     1     1       1-2  1     2       a
      2     follower  1     1     1       1-2  2     2       a
      3     follower  1     1     1       1-2  2     2       a
      """)
  }

  @Test("row 22: Raft passes a proposal on once, and never again by itself")
  func forwardedOnce() {
    expectTranscript(
      """
      cluster 3
      elect 1
      drop propose
      propose 2 a
      pass
      tick all times 30
      propose 2 b
      log 1
      ----
      forwarded
      forwarded
      1: 1/1:noop 2/1:b
      """)
  }
}
