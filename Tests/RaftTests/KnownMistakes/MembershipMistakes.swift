import Raft
import Testing

@Suite struct MembershipMistakes {
  @Test("row 13: a learner refuses its vote to a candidate whose newer configuration counts it as a voter")
  func learnerRefusesItsVote() {
    // Node 4 is a voter, and does not know it. Three votes of four are needed, and node 1 is dead.
    expectTranscript(
      """
      cluster 3
      elect 1
      process 4
      member learner 4
      tick all times 4
      hold appendReply 4
      member add 4
      drop append 1 4
      release
      tick all times 4
      members
      crash 1
      elect 2
      status 2 3 4
      ----
      node  at  voters
      1     5   1 2 3 4
      2     5   1 2 3 4
      3     5   1 2 3 4
      4     3   1 2 3 learners 4 joining 4
      node  role      term  vote  leader  log  disk  commit  applied
      2     leader    2     2     2       1-6  6     6       -
      3     follower  2     2     2       1-6  6     6       -
      4     follower  2     2     2       1-6  6     6       -
      """)
  }

  @Test(
    "row 14: a member campaigns with the configuration that it has applied, not with the one that it has appended"
  )
  func campaignWithUnappliedConfiguration() {
    // Node 3 has appended the joint configuration, in which node 2 goes, and has not committed it. By the old one, 2 and 3
    // would be a majority; by the newest, node 1 is needed.
    expectTranscript(
      """
      cluster 3
      elect 1
      drop appendReply
      member remove 2
      members 3
      crash 1
      pass
      elect 3
      status 2 3
      ----
      node  at  voters
      3     2   1 3 from 1 2 3
      node 3 does not come to lead
      node  role          term  vote  leader  log  disk  commit  applied
      2     follower      1     1     -       1-2  2     1       -
      3     preCandidate  1     1     -       1-2  2     1       -
      """)
  }

  @Test("row 15: a second change begins before the first one is complete")
  func overlappingChanges() {
    expectGuard(
      .overlappingChanges,
      transcript: """
        cluster 5
        elect 1
        drop appendReply
        member remove 5
        member remove 4
        members 1
        ----
        busy: another change of the group is under way: wait until it is complete
        node  at  voters
        1     2   1 2 3 4 from 1 2 3 4 5
        """)
  }

  @Test("row 15: a change begins before the leader has committed anything in its term")
  func changeBeforeTermCommit() {
    expectGuard(
      .changeBeforeTermCommit,
      transcript: """
        cluster 3
        drop appendReply
        elect 1
        member remove 3
        members 1
        ----
        busy: this leader has committed nothing in its term yet: try again in a moment
        node  at  voters
        1     0   1 2 3
        """)
  }

  @Test("rows 15 and 29: several members change in one step, and two majorities do not meet")
  func changeInOneStep() {
    expectGuard(
      .skipJoint, breaks: true,
      transcript: MembershipMistakes.splitWhileReplacing)
  }

  @Test("rows 15 and 29: while joint, the majority of the incoming voters alone decides")
  func incomingMajorityAlone() {
    expectGuard(
      .incomingMajorityOnly, breaks: true,
      transcript: MembershipMistakes.splitWhileReplacing)
  }

  /// Nodes 4 and 5 come for 2 and 3, which are cut off when it happens and elect a leader of their own.
  private static let splitWhileReplacing = """
    cluster 3
    elect 1
    process 4
    process 5
    drop appendReply 4
    drop appendReply 5
    member add 4 5 remove 2 3
    tick all times 4
    cut 1 2
    cut 1 3
    cut 4 2
    cut 4 3
    cut 5 2
    cut 5 3
    pass
    tick 1 4 5 times 4
    propose 1 a
    elect 2
    propose 2 b
    status 1 2 3 4 5
    ----
    node  role      term  vote  leader  log  disk  commit  applied
    1     leader    1     1     1       1-4  4     2       -
    2     leader    2     2     2       1-4  4     4       b
    3     follower  2     2     2       1-4  4     4       b
    4     follower  1     -     1       1-4  4     2       -
    5     follower  1     -     1       1-4  4     2       -
    """

  @Test("row 13: learners count in a majority")
  func learnersCount() {
    expectGuard(
      .learnersCount, breaks: true,
      transcript: """
        cluster 2 learners 1
        elect 1
        crash 2
        propose 1 a
        """)
  }

  @Test("row 16: a joint leader that is on its way out forgets that it votes in the old half")
  func joinedLeaderForgetsItsVote() {
    // Node 4 comes for node 1, and node 3 is dead: of the old half 1 and 2 are left, of the new one 2 and 4. Node 1 is
    // elected in term 2 and commits with its own vote; then it hands over, and goes.
    expectTranscript(
      """
      cluster 3
      elect 1
      crash 3
      process 4
      drop appendReply 4
      member add 4 remove 1
      tick all times 4
      pass
      drop appendReply 2
      tick all times 4
      members 1
      status 1
      pass
      crash 1
      start 1
      lost 2
      lost 4
      timeout 1
      log 2
      ----
      node  at  voters
      1     3   2 3 4 from 1 2 3
      node  role    term  vote  leader  log  disk  commit  applied
      1     leader  1     1     1       1-3  3     2       -
      2: 1/1:noop 2/1:[1 2 3 learners 4 joining 4 leaving 1] 3/1:[2 3 4 from 1 2 3] 4/2:noop 5/2:[2 3 4] 6/3:noop
      """)
  }

  @Test("row 17: the leader of two removes itself, and nobody can lead any more")
  func leaderOfTwoRemovesItself() {
    expectTranscript(
      """
      cluster 2
      elect 1
      propose 1 a
      member remove 1
      propose 2 b
      status
      ----
      node  role      term  vote  leader  log  disk  commit  applied
      1     follower  2     -     -       1-4  4     4       a
      2     leader    2     2     2       1-6  6     6       a b
      """)
  }

  @Test("row 17: the entry that removes the leader of two is on its disk alone, and nobody can lead any more")
  func removalOnOneDisk() {
    expectGuard(
      .removedStaysSilent,
      transcript: """
        cluster 2
        elect 1
        manual
        member remove 1
        deliver
        deliver
        crash 1
        crash 2
        automatic
        start 1
        start 2
        log 1 2
        ----
        1: 1/1:noop 2/1:[2 from 1 2] 3/1:[2]
        2: 1/1:noop 2/1:[2 from 1 2]

        tick all times 100
        propose 2 a
        members 2
        status 2
        ----
        node  at  voters
        2     3   2
        node  role    term  vote  leader  log  disk  commit  applied
        2     leader  3     2     2       1-6  6     6       a
        """)
  }

  @Test("row 17: a member that was removed and does not know it disturbs the elections of the others")
  func removedMemberDisturbs() {
    expectGuard(
      .votesAgainstLiveLeader,
      transcript: """
        cluster 4 preVote=off
        elect 1
        isolate 4
        member remove 4
        tick 1 2 3 times 10
        heal
        cut 1 4
        tick 4 times 60
        status 1 2 3
        ----
        node  role      term  vote  leader  log  disk  commit  applied
        1     leader    1     1     1       1-3  3     3       -
        2     follower  1     1     1       1-3  3     3       -
        3     follower  1     1     1       1-3  3     3       -
        """)
  }

  @Test("row 29: a configuration that was truncated stays in effect")
  func truncatedConfigurationStays() {
    expectGuard(
      .truncationKeepsMembership,
      transcript: """
        cluster 3
        elect 1
        isolate 1
        member remove 3
        elect 2
        heal
        tick all times 4
        members
        ----
        node  at  voters
        1     0   1 2 3
        2     0   1 2 3
        3     0   1 2 3
        """)
  }
}
