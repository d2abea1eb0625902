import Raft
import Testing

@Suite struct CampaignTests {
  @Test("three members elect one leader, and all know it")
  func electsOneLeader() {
    var cluster = Cluster(3)
    cluster.tickAll(40)
    let leader = cluster.leader
    #expect(leader != nil)
    for member in cluster.members { #expect(member.raft?.leader == leader) }
    #expect(cluster.violations.isEmpty)
  }

  @Test("a member that is alone leads once its own vote is on disk, and commits once its entry is")
  func singleVoterWaitsForItsDisk() throws {
    var node = try Single(of: 1)
    node.tick(20)
    #expect(node.raft.role == .candidate)
    node.persistOne()
    #expect(node.raft.role == .leader)
    let outcome = node.raft.propose([Payload(checksum: 7, data: [7])])
    #expect(outcome == .appended)
    node.absorb()
    #expect(node.committed.isEmpty)
    node.persist()
    #expect(node.committed.map(\.kind) == [.noop, .command])
    #expect(node.committed.last?.checksum == 7)
  }

  @Test("no vote is asked for before the own vote is on disk")
  func voteRequestsWaitForTheOwnVote() throws {
    var node = try Single { $0.preVote = false }
    node.tick(20)
    #expect(node.raft.role == .candidate)
    #expect(node.take().isEmpty)
    #expect(node.writes.first?.hardState?.vote == one)
    node.persist()
    #expect(node.take().voteRequests.count == 2)
  }

  @Test("the own vote does not count before it is on disk")
  func ownVoteCountsOnceDurable() throws {
    var node = try Single { $0.preVote = false }
    node.tick(20)
    node.receive(.voteReply(VoteReply(preVote: false, granted: true)), from: 2, term: 1)
    #expect(node.raft.role == .candidate)
    node.persist()
    #expect(node.raft.role == .leader)
  }

  @Test("a late write of an earlier campaign does not stand for the vote of a later one")
  func ownVoteOfAnEarlierTermDoesNotCount() throws {
    var node = try Single { $0.preVote = false }
    while node.raft.term < Term(2) { node.tick() }
    node.receive(.voteReply(VoteReply(preVote: false, granted: true)), from: 2, term: 2)
    node.persistOne()
    #expect(node.raft.role == .candidate)
    node.persistOne()
    #expect(node.raft.role == .leader)
  }

  @Test("a pre-vote changes neither term nor vote, and a refused one ends the campaign")
  func preVoteChangesNothing() throws {
    var node = try Single()
    node.tick(20)
    #expect(node.raft.role == .preCandidate)
    #expect(node.raft.term == .zero)
    #expect(node.writes.isEmpty)
    let requests = node.take()
    #expect(requests.voteRequests.allSatisfy { $0.preVote } && requests.count == 2)
    #expect(requests.allSatisfy { $0.term == Term(1) })
    node.receive(.voteReply(VoteReply(preVote: true, granted: false)), from: 2, term: 3)
    #expect(node.raft.role == .follower)
    #expect(node.raft.term == Term(3))
  }

  @Test("grants of pre-votes for another term do not count")
  func preVotesOfAnotherTermDoNotCount() throws {
    var node = try Single(restored: Restored(hardState: HardState(term: Term(4))))
    node.tick(20)
    node.receive(.voteReply(VoteReply(preVote: true, granted: true)), from: 2, term: 4)
    node.receive(.voteReply(VoteReply(preVote: true, granted: true)), from: 3, term: 9)
    #expect(node.raft.role == .preCandidate)
    #expect(node.raft.term == Term(4))
    node.receive(.voteReply(VoteReply(preVote: true, granted: true)), from: 2, term: 5)
    #expect(node.raft.role == .candidate)
  }

  @Test("one voter's grant counts once, and that of a stranger not at all")
  func grantsAreCountedByVoter() throws {
    var node = try Single(of: 5) { $0.preVote = false }
    node.tick(20)
    node.persist()
    for _ in 0..<3 { node.receive(.voteReply(VoteReply(preVote: false, granted: true)), from: 2, term: 1) }
    node.receive(.voteReply(VoteReply(preVote: false, granted: true)), from: 9, term: 1)
    #expect(node.raft.role == .candidate)
    node.receive(.voteReply(VoteReply(preVote: false, granted: true)), from: 3, term: 1)
    #expect(node.raft.role == .leader)
  }

  @Test("members draw different election timeouts, within the bounds")
  func timeoutsDiffer() throws {
    var waits: Set<Int> = []
    for id in 1...20 as ClosedRange<UInt64> {
      var node = try Single(id, of: 20)
      var wait = 0
      while node.raft.role == .follower, wait < 100 {
        node.tick()
        wait += 1
      }
      #expect((10..<20).contains(wait))
      waits.insert(wait)
    }
    #expect(waits.count > 4)
  }

  @Test("a learner receives the log and never campaigns")
  func learnersDoNotCampaign() {
    var cluster = Cluster(2, learners: 1)
    #expect(cluster[three].raft?.role == .learner)
    cluster.tick(three, 100)
    #expect(cluster[three].raft?.role == .learner)
    cluster.elect(one)
    cluster.propose(one, 1, 2)
    cluster.settle()
    #expect(cluster[three].commands == [1, 2])
    #expect(cluster.violations.isEmpty)
    // Its answer is none of a quorum.
    cluster.crash(two)
    cluster.propose(one, 3)
    cluster.settle()
    #expect(cluster[one].commands == [1, 2])
  }

  @Test("a learner that hears nothing any more believes in no leader")
  func learnersForgetSilentLeaders() {
    var cluster = Cluster(2, learners: 1)
    cluster.elect(one)
    cluster.settle()
    #expect(cluster[three].raft?.leader == one)
    cluster.tick(three, 100)
    #expect(cluster[three].raft?.leader == nil)
    #expect(cluster[three].raft?.role == .learner)
  }
}
