import Raft
import Testing

@Suite struct ReadMistakes {
  @Test(
    "row 10: a new leader answers a read before it has committed in its term, and misses what was acknowledged")
  func readBeforeTermCommit() {
    expectGuard(
      .readBeforeTermCommit, breaks: true,
      transcript: """
        cluster 3
        elect 1
        crash 3
        manual
        propose 1 a
        deliver append 1 2
        deliver appendReply 2 1
        drop all 1
        crash 1
        automatic
        start 3
        hold append 2
        elect 2
        read 2 1
        """)
  }

  @Test("row 10: a leader that was deposed and does not know it answers a read")
  func readAtDeposedLeader() {
    expectGuard(
      .readWithoutRound, breaks: true,
      transcript: """
        cluster 3
        elect 1
        isolate 1
        elect 2
        propose 2 a
        read 1 1
        """)
  }

  @Test("row 10: a lease lasts longer than the members refuse to vote")
  func leaseLastsTooLong() {
    expectGuard(
      .leaseTooLong, breaks: true,
      transcript: """
        cluster 3 leaseReads=on
        tick 2 3 times 10
        elect 1
        tick all times 2
        isolate 1
        tick all times 9
        tick 2 3 times 12
        propose 2 a
        read 1 1
        """)
  }

  @Test("row 10: a lease goes on after the target of a transfer was told to campaign")
  func leaseOutlivesTransfer() {
    expectGuard(
      .leaseOutlivesTransfer, breaks: true,
      transcript: """
        cluster 3 leaseReads=on
        tick 2 3 times 10
        elect 1
        tick all times 2
        hold timeoutNow
        transfer 1 2
        tick all times 10
        cut 2 to 1
        cut 3 to 1
        release
        propose 2 a
        read 1 1
        """)
  }
}
