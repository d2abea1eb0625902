import Testing

@testable import Raft

@Suite("Words of a member that has lost its disk")
struct RejoiningTests {
  private let leader = NodeID(1)
  private let member = NodeID(3)

  private func led() -> Cluster {
    var cluster = Cluster(3)
    cluster.elect(leader)
    cluster.tickAll(10)
    cluster.settle()
    return cluster
  }

  private func hear(_ cluster: inout Cluster) {
    guard let term = cluster[leader].raft?.term else { return }
    _ = cluster.change(leader) { $0.step(Message(from: member, to: leader, term: term, body: .rejoin)) }
  }

  private func isJoint(_ cluster: Cluster) -> Bool? { cluster[leader].raft?.membership.isJoint }

  @Test("a late one, from before the member was taken back, does not cost it its vote: it answers meanwhile")
  func late() {
    var cluster = led()
    for _ in 0..<8 {
      hear(&cluster)
      #expect(isJoint(cluster) == false)
      cluster.tickAll(4)
      cluster.settle()
    }
    #expect(cluster[leader].raft?.membershipIndex == .zero)
  }

  @Test("one that is said again, with no answer beside it, is believed")
  func repeated() {
    var cluster = led()
    cluster.cut = [[member, leader]]
    hear(&cluster)
    cluster.tick(leader, 1)
    hear(&cluster)
    #expect(isJoint(cluster) == false, "the network has brought it twice")
    cluster.tick(leader, 3)
    hear(&cluster)
    #expect(isJoint(cluster) == true)
  }

  /// What a member without a memory says to have when it gets the configuration that takes it in, and what is said behind that.
  private func answers(_ mistakes: DeliberateMistakes = []) throws -> [LogIndex] {
    var waiting = try Single(2, of: 1, learners: [2]) {
      $0.rejoining = true
      $0.mistakes = mistakes
    }
    let taken = Membership(voters: [leader], learners: [NodeID(2)], joining: [NodeID(2)])
    let entries = [
      Entry(index: LogIndex(1), term: Term(1), time: 1, kind: .membership, data: taken.encoded()),
      Entry(index: LogIndex(2), term: Term(1), time: 2, data: [1]),
    ]
    waiting.append(entries, after: (0, 0), commit: 2, from: 1, term: 1)
    waiting.persist()
    #expect(waiting.take().contains { $0.body == .rejoin }, "it does not listen before its leader knows")
    waiting.receive(.rejoinReply(RejoinReply(index: LogIndex(1))), from: 1, term: 1)
    waiting.append(entries, after: (0, 0), commit: 2, from: 1, term: 1)
    #expect(waiting.raft.isRejoining)
    waiting.persist()
    #expect(!waiting.raft.isRejoining)
    waiting.append([], after: (2, 1), commit: 2, from: 1, term: 1)
    waiting.persist()
    return waiting.take().compactMap { if case .appendReply(let reply) = $0.body { reply.index } else { nil } }
  }

  @Test("a member says that it has caught up once it gives votes, and not before")
  func readiness() throws {
    #expect(try answers() == [LogIndex(0), LogIndex(2)])
    // Else a leader could make it a voter on whose vote nobody can count.
    #expect(try answers(.readyBeforeVoting).first == LogIndex(2))
  }
}
