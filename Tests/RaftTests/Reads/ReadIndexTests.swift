import Raft
import Testing

@Suite struct ReadIndexTests {
  @Test("a read at the leader, and one of a follower, see all that was committed before")
  func readsSeeWhatWasCommitted() {
    var cluster = Cluster(3)
    let tooEarly = cluster.read(two, context: 1)
    #expect(!tooEarly)
    cluster.elect(one)
    cluster.propose(one, 1)
    cluster.settle()
    let began = cluster.read(one, context: 2)
    let forwarded = cluster.read(two, context: 3)
    #expect(began && forwarded)
    cluster.settle()
    #expect(cluster[one].reads == [ReadState(context: 2, index: LogIndex(2))])
    #expect(cluster[two].reads == [ReadState(context: 3, index: LogIndex(2))])
    #expect(cluster.violations.isEmpty)
  }

  @Test("a member that is alone answers reads by itself")
  func singleVoterReads() throws {
    var node = try Single(of: 1)
    node.tick(20)
    node.persist()
    let began = node.raft.readIndex(context: 4)
    #expect(began)
    node.absorb()
    #expect(node.reads == [ReadState(context: 4, index: LogIndex(1))])
  }

  @Test("a new leader answers no read before it has committed in its term")
  func readsWaitForACommitInTheTerm() throws {
    var node = try Single(
      restored: Restored(hardState: HardState(term: Term(1), commit: LogIndex(1)), entries: entries(1, 1)))
    node.lead()
    node.persist()
    _ = node.take()
    let began = node.raft.readIndex(context: 1)
    #expect(began)
    node.absorb()
    #expect(node.take().heartbeats.isEmpty)
    node.receive(.heartbeatReply(HeartbeatReply(readRound: 1)), from: 2, term: 2)
    #expect(node.reads.isEmpty)
    node.accept(3, from: 2)
    let rounds = node.take().heartbeats.map(\.readRound)
    #expect(rounds == [1, 1])
    node.receive(.heartbeatReply(HeartbeatReply(readRound: 1)), from: 2, term: 2)
    #expect(node.reads == [ReadState(context: 1, index: LogIndex(3))])
  }

  @Test("answers to heartbeats that went out before a read was asked for do not confirm it")
  func earlierHeartbeatsDoNotConfirm() throws {
    var node = try Single()
    node.lead()
    node.persist()
    node.accept(1, from: 2)
    _ = node.raft.readIndex(context: 1)
    node.absorb()
    node.receive(.heartbeatReply(HeartbeatReply(readRound: 0)), from: 2, term: 1)
    node.receive(.heartbeatReply(HeartbeatReply(readRound: 0)), from: 3, term: 1)
    #expect(node.reads.isEmpty)
    _ = node.raft.readIndex(context: 2)
    node.absorb()
    node.receive(.heartbeatReply(HeartbeatReply(readRound: 1)), from: 2, term: 1)
    #expect(node.reads.map(\.context) == [1])
    node.receive(.heartbeatReply(HeartbeatReply(readRound: 2)), from: 3, term: 1)
    #expect(node.reads.map(\.context) == [1, 2])
  }

  @Test("reads that come together share one round")
  func readsShareARound() throws {
    var node = try Single()
    node.lead()
    node.persist()
    node.accept(1, from: 2)
    _ = node.take()
    for context in 0..<100 as Range<UInt64> { _ = node.raft.readIndex(context: context) }
    node.raft.step(
      Message(from: three, to: one, term: .zero, body: .readIndex(ReadIndexRequest(context: 7))))
    node.absorb()
    #expect(node.take().heartbeats.count == 2)
    node.receive(.heartbeatReply(HeartbeatReply(readRound: 1)), from: 2, term: 1)
    #expect(node.reads.map(\.context) == Array(0..<100))
    let replies = node.take().to(3).compactMap { message -> ReadIndexReply? in
      if case .readIndexReply(let reply) = message.body { return reply }
      return nil
    }
    #expect(replies == [ReadIndexReply(context: 7, index: LogIndex(1))])
  }

  @Test("a leader that was deposed without knowing it answers no read, then or later")
  func deposedLeadersDoNotAnswer() {
    var cluster = Cluster(3)
    cluster.elect(one)
    cluster.isolate(one)
    // Nobody ticks node 1: it still takes itself for the leader.
    for _ in 0..<40 {
      cluster.tick(two)
      cluster.tick(three)
    }
    let successor = cluster.leader ?? one
    #expect(successor != one)
    cluster.propose(successor, 9)
    cluster.settle()
    #expect(cluster[one].raft?.role == .leader)
    let began = cluster.read(one, context: 5)
    #expect(began)
    cluster.settle()
    cluster.heal()
    cluster.tickAll(30)
    #expect(cluster[one].reads.isEmpty)
    #expect(cluster.violations.isEmpty)
  }

  @Test("a lost round is confirmed by the next heartbeat")
  func lostRoundsAreConfirmedLater() {
    var cluster = Cluster(3)
    cluster.elect(one)
    cluster.isolate(one)
    _ = cluster.read(one, context: 5)
    cluster.settle()
    #expect(cluster[one].reads.isEmpty)
    cluster.heal()
    cluster.tick(one, 2)
    #expect(cluster[one].reads.map(\.context) == [5])
  }

  @Test("no more reads wait than the limit")
  func waitingReadsAreBounded() throws {
    var node = try Single { $0.maxWaitingReads = 3 }
    node.lead()
    let outcomes = (0..<5).map { node.raft.readIndex(context: UInt64($0)) }
    #expect(outcomes == [true, true, true, false, false])
  }

  @Test("learners confirm no reads")
  func learnersConfirmNothing() throws {
    var node = try Single(of: 2, learners: [3])
    node.lead()
    node.persist()
    node.accept(1, from: 2)
    _ = node.raft.readIndex(context: 1)
    node.absorb()
    node.receive(.heartbeatReply(HeartbeatReply(readRound: 1)), from: 3, term: 1)
    #expect(node.reads.isEmpty)
    node.receive(.heartbeatReply(HeartbeatReply(readRound: 1)), from: 2, term: 1)
    #expect(node.reads.count == 1)
  }
}
