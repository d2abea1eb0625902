import Raft
import Testing

@Suite struct SnapshotMistakes {
  @Test("row 18: a snapshot tells the newest configuration, though it stands for an earlier index")
  func snapshotWithNewerConfiguration() throws {
    var cluster = Cluster(3)
    cluster.elect(one)
    cluster.filters = [MessageFilter(.drop, .appendReply)]
    let outcome = cluster.change(one) { $0.changeMembership(MembershipChange(remove: [three])) }
    #expect(outcome == .appended(LogIndex(2)))
    cluster.makeSnapshot(one)
    #expect(cluster[one].raft?.membership.isJoint == true)
    #expect(cluster[one].disk.snapshot?.index == LogIndex(1))
    #expect(cluster[one].disk.snapshot?.membership == Membership(voters: [one, two, three]))
  }

  @Test("row 18: a member that installs a snapshot keeps the configuration of the log that is gone")
  func installKeepsConfiguration() throws {
    var node = try Single()
    let stale = Membership(voters: [one, two], outgoing: [one, two, three])
    node.append(
      [Entry(index: LogIndex(1), term: Term(1), time: 1, kind: .membership, data: stale.encoded())],
      after: (0, 0), term: 1)
    #expect(node.raft.membership == stale)
    let meta = SnapshotMeta(
      index: LogIndex(5), term: Term(2), time: 1,
      membership: Membership(voters: [one, two, three, NodeID(4)]), size: 2, checksum: 0)
    node.receive(.snapshotChunk(SnapshotChunk(meta: meta, offset: 0, data: [1, 2])), from: 3, term: 2)
    node.persist()
    #expect(node.raft.membership == meta.membership)
    #expect(node.raft.membershipIndex == LogIndex(5))
  }

  @Test("row 18: after a restart, the configuration of a log that the snapshot has replaced comes back")
  func replacedConfigurationComesBack() throws {
    // The old log was longer than the snapshot of another leader, and disagrees with it.
    let stale = Membership(voters: [one, two], outgoing: [one, two, three])
    let old =
      entries(1, 1, 1, 1)
      + [Entry(index: LogIndex(5), term: Term(1), time: 1, kind: .membership, data: stale.encoded())]
    let meta = SnapshotMeta(
      index: LogIndex(4), term: Term(2), time: 1, membership: Membership(voters: [one, two, three]), size: 0,
      checksum: 0)
    let node = try Single(restored: Restored(hardState: HardState(term: Term(2)), snapshot: meta, entries: old))
    #expect(node.raft.lastIndex == LogIndex(4))
    #expect(node.raft.membership == meta.membership)
    #expect(node.raft.membershipIndex == LogIndex(4))
  }

  @Test("row 20: after a full purge of the log the snapshot is never sent")
  func fullPurge() {
    expectTranscript(
      """
      cluster 3
      elect 1
      crash 3
      propose 1 a b c
      snapshot 1
      log 1
      start 3
      tick all times 4
      progress
      status 3
      ----
      1: (to 4)
      node  state      match  next  active  inflight
      2     replicate  4      5     yes     0
      3     replicate  4      5     yes     0
      node  role      term  vote  leader  log    disk  commit  applied
      3     follower  1     1     1       empty  4     4       (snapshot 4)
      """)
  }

  @Test("row 20: the leader stays stuck when the follower dies in the middle of a snapshot")
  func deathInTheMiddle() {
    expectTranscript(
      """
      cluster 3
      elect 1
      crash 3
      propose 1 a b c
      snapshot 1
      manual
      start 3
      tick 1 times 2
      deliver
      deliver
      deliver
      deliver
      progress
      crash 3
      automatic
      propose 1 d
      start 3
      tick all times 30
      progress
      status 3
      ----
      node  state      match  next  active  inflight
      2     replicate  4      5     yes     0
      3     snapshot   1      2     yes     0
      node  state      match  next  active  inflight
      2     replicate  5      6     yes     0
      3     replicate  5      6     yes     0
      node  role      term  vote  leader  log  disk  commit  applied
      3     follower  1     1     1       5-5  5     5       (snapshot 4) d
      """)
  }

  @Test("row 20: a snapshot is reported as installed before it is on disk, and lost in a crash")
  func installedBeforeDisk() {
    expectGuard(
      .snapshotAckBeforeDurable,
      transcript: """
        cluster 3 snapshotChunkBytes=100
        elect 1
        crash 3
        propose 1 a b c
        snapshot 1
        start 3
        hang 3
        tick all times 2
        progress
        ----
        node  state      match  next  active  inflight
        2     replicate  4      5     yes     0
        3     snapshot   1      2     yes     0
        """)
  }

  @Test("row 21: a gap between the snapshot and the log is taken for a log")
  func gapAfterTheSnapshot() {
    let meta = SnapshotMeta(
      index: LogIndex(5), term: Term(1), time: 3, membership: Membership(voters: [one]), size: 0, checksum: 0)
    #expect(throws: RaftError.self) {
      try Single(
        restored: Restored(hardState: HardState(term: Term(2)), snapshot: meta, entries: entries(1, from: 7)))
    }
  }

  @Test("row 21: a crash in the middle of an install leaves a gap")
  func crashInTheMiddleOfAnInstall() {
    expectTranscript(
      """
      cluster 3 snapshotChunkBytes=100
      elect 1
      propose 1 a
      crash 3
      propose 1 b c d
      snapshot 1
      start 3
      hang 3
      tick 1 times 2
      propose 1 e
      status 3
      crash 3
      unhang 3
      start 3
      log 3
      tick all times 30
      status 3
      ----
      node  role      term  vote  leader  log  disk  commit  applied
      3     follower  1     1     1       1-2  2     2       a
      3: 1/1:noop 2/1:a
      node  role      term  vote  leader  log  disk  commit  applied
      3     follower  1     1     1       6-6  6     6       (snapshot 5) e
      """)
  }
}
