import Raft
import Testing

@Suite struct LeadershipTests {
  @Test("a leader without a quorum steps down within an election timeout")
  func leaderWithoutQuorumStepsDown() {
    var cluster = Cluster(3)
    cluster.elect(one)
    cluster.isolate(one)
    #expect(cluster[one].raft?.hasQuorumContact() == true)
    cluster.tick(one, 11)
    #expect(cluster[one].raft?.role != .leader)
    #expect(cluster[one].raft?.term == Term(1))
    let outcome = cluster.propose(one, 1)
    #expect(outcome == .noLeader)
  }

  @Test("a leader that one of two followers answers stays")
  func oneFollowerIsEnough() {
    var cluster = Cluster(3)
    cluster.elect(one)
    cluster.isolate(three)
    cluster.tickAll(100)
    #expect(cluster[one].raft?.role == .leader)
    #expect(cluster[one].raft?.term == Term(1))
    #expect(cluster[one].raft?.progress(of: three)?.recentlyActive == false)
    #expect(cluster[one].raft?.progress(of: two)?.recentlyActive == true)
  }

  @Test("a member that comes back from isolation neither raises the term nor deposes the leader")
  func returningMemberDoesNotDisturb() {
    var cluster = Cluster(3)
    cluster.elect(one)
    cluster.isolate(three)
    cluster.tickAll(200)
    cluster.heal()
    cluster.tickAll(50)
    #expect(cluster.leader == one)
    for id in cluster.ids { #expect(cluster[id].raft?.term == Term(1)) }
    #expect(cluster[three].raft?.leader == one)
  }

  @Test("a member that cannot hear the leader, but hears those who do, does not depose it")
  func partialConnectivityKeepsTheLeader() {
    var cluster = Cluster(3)
    cluster.elect(one)
    cluster.disconnect(one, three)
    cluster.tickAll(300)
    #expect(cluster.leader == one)
    #expect(cluster[one].raft?.term == Term(1))
    cluster.propose(one, 1)
    cluster.settle()
    #expect(cluster[two].commands == [1])
  }

  @Test("a leader that hears nobody, one way only, gives way to one that is heard")
  func halfDeafLeaderGivesWay() {
    var cluster = Cluster(3)
    cluster.elect(one)
    cluster.cut = [[two, one], [three, one]]
    cluster.tickAll(100)
    #expect(cluster[one].raft?.role != .leader)
    #expect(cluster.leader == two || cluster.leader == three)
    cluster.heal()
    cluster.tickAll(50)
    let leader = cluster.leader
    for id in cluster.ids { #expect(cluster[id].raft?.leader == leader) }
    #expect(cluster.violations.isEmpty)
  }

  @Test("a member with a higher term than its leader's is not refused for ever: the leader learns of it")
  func higherTermReachesTheLeader() {
    var cluster = Cluster(3)
    cluster.elect(one)
    cluster.propose(one, 1)
    cluster.settle()
    cluster.crash(three)
    cluster[three].disk.hardState.term = Term(7)
    cluster[three].disk.hardState.vote = three
    cluster.start(three)
    cluster.tickAll(60)
    let leader = cluster.leader
    #expect(leader != nil)
    for id in cluster.ids {
      #expect(cluster[id].raft?.leader == leader)
      #expect((cluster[id].raft?.term ?? .zero) >= Term(7))
    }
    #expect(cluster.violations.isEmpty)
  }

  @Test("an old leader that was cut off follows the new one and loses what it could not commit")
  func oldLeaderLosesItsTail() {
    var cluster = Cluster(3)
    cluster.elect(one)
    cluster.isolate(one)
    cluster.propose(one, 1, 2)
    for _ in 0..<30 where cluster.leader == one { cluster.tick(two); cluster.tick(three) }
    let leader = cluster.leader == one ? two : cluster.leader ?? two
    cluster.propose(leader, 3)
    cluster.settle()
    cluster.heal()
    cluster.tickAll(30)
    for id in cluster.ids { #expect(cluster[id].commands == [3]) }
    #expect(cluster.violations.isEmpty)
  }

  @Test("a lost connection to the leader starts pre-votes within eight ticks, and the cluster has a new leader")
  func lostConnectionStartsPreVoteEarly() {
    for seed in 0..<30 as Range<UInt64> {
      var cluster = Cluster(3, seed: seed) {
        $0.electionTicks = 60; $0.heartbeatTicks = 10
      }
      cluster.elect(one)
      cluster.crash(one)
      _ = cluster.change(two) { $0.leaderConnectionLost() }
      _ = cluster.change(three) { $0.leaderConnectionLost() }
      #expect(cluster[two].raft?.leader == nil)
      let outcome = cluster.propose(two, 1)
      #expect(outcome == .noLeader)
      for _ in 0..<17 {
        cluster.tick(two)
        cluster.tick(three)
      }
      #expect(cluster.leader == two || cluster.leader == three, "seed \(seed)")
      #expect(cluster.violations.isEmpty)
    }
  }

  @Test("a member that loses its connection a little later than the other still helps it into office")
  func lateNoticeStillElectsEarly() {
    for seed in 0..<30 as Range<UInt64> {
      var cluster = Cluster(3, seed: seed) {
        $0.electionTicks = 60; $0.heartbeatTicks = 10
      }
      cluster.elect(one)
      cluster.crash(one)
      _ = cluster.change(two) { $0.leaderConnectionLost() }
      cluster.tick(two, 8)
      #expect(cluster[two].raft?.role == .preCandidate)
      _ = cluster.change(three) { $0.leaderConnectionLost() }
      for _ in 0..<17 {
        cluster.tick(two)
        cluster.tick(three)
      }
      #expect(cluster.leader == two || cluster.leader == three, "seed \(seed)")
    }
  }

  @Test("a lost connection to a leader that lives changes nothing but this member's mood")
  func lostConnectionToALivingLeader() {
    var cluster = Cluster(3)
    cluster.elect(one)
    _ = cluster.change(three) { $0.leaderConnectionLost() }
    cluster.tick(three, 8)
    #expect(cluster[three].raft?.role == .preCandidate)
    cluster.tick(one, 2)
    #expect(cluster[three].raft?.role == .follower)
    #expect(cluster[three].raft?.leader == one)
    #expect(cluster[one].raft?.role == .leader)
    cluster.tickAll(50)
    #expect(cluster[one].raft?.term == Term(1))
  }

  @Test("a status goes out when role, term or leader change, and only then")
  func statusFollowsChanges() throws {
    var node = try Single()
    node.raft.tick()
    let quiet = node.raft.takeReady()
    #expect(quiet.isEmpty)
    node.raft.step(Message(from: two, to: one, term: Term(1), body: .heartbeat(Heartbeat(commit: .zero))))
    let changed = node.raft.takeReady()
    #expect(changed.status == SoftState(role: .follower, term: Term(1), leader: two))
    let after = node.raft.takeReady()
    #expect(after.isEmpty)
  }
}
