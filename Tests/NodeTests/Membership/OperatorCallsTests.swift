import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("Every call is answered, once")
struct OperatorCallsTests {
  private func newcomer(_ name: String = "node4") -> MemberAddress {
    MemberAddress(id: 4, name: name, peerAddress: "10.0.0.4:9101", clientURL: "http://10.0.0.4:8101")
  }

  /// Node 1 leads: the others have given it their votes, and have taken its first entry.
  private func leading() throws -> LoneNode {
    var node = try LoneNode()
    node.persist()
    node.receive(.timeoutNow)
    node.endTurn()
    node.persist()
    let term = node.node.raft.term
    for peer in [2, 3] as [UInt64] {
      node.take(
        .peer(
          .raft([
            Raft.Message(
              from: NodeID(peer), to: NodeID(1), term: term,
              body: .voteReply(VoteReply(preVote: false, granted: true)))
          ]), from: NodeID(peer)))
    }
    node.endTurn()
    node.persist()
    acknowledge(&node)
    try #require(node.node.raft.role == .leader)
    try #require(node.node.raft.commitIndex == node.node.raft.lastIndex)
    node.forget()
    return node
  }

  /// The others have all that this node has.
  private func acknowledge(_ node: inout LoneNode) {
    for peer in [2, 3] as [UInt64] {
      node.take(
        .peer(
          .raft([
            Raft.Message(
              from: NodeID(peer), to: NodeID(1), term: node.node.raft.term,
              body: .appendReply(AppendReply(index: node.node.raft.lastIndex)))
          ]), from: NodeID(peer)))
    }
    node.endTurn()
    node.persist()
  }

  @Test("by a node that does not lead with who does")
  func notLeader() throws {
    var node = try LoneNode()
    node.take(.call(1, .change(.add(newcomer()))))
    node.take(.call(2, .change(.remove("nobody"))))
    node.take(.call(3, .transferLeadership(to: "node3")))
    node.endTurn()
    #expect(node.answered == ["1 not leader", "2 not leader", "3 not leader"])
    if case .changed(.failure(.notLeader(let leader)))? = node.answers.first?.answer {
      #expect(leader?.name == "node2")
    }
    node.pass(200)
    #expect(node.answers.count == 3)
  }

  @Test("a change of the members, with whether it is one, and what stands against it")
  func changes() throws {
    var node = try leading()
    node.take(.call(1, .change(.remove("nobody"))))
    node.take(.call(2, .change(.add(newcomer("node3")))))
    var bad = newcomer()
    bad.peerAddress = "nowhere"
    node.take(.call(3, .change(.add(bad))))
    node.take(.call(4, .change(.add(newcomer()))))
    node.take(.call(5, .change(.remove("node3"))))
    node.endTurn()
    #expect(node.answered == ["1 not found", "2 refused", "3 refused", "5 busy"])
    // The newcomer is never heard of, and the operator is told so.
    node.pass(2_500, isLed: false)
    #expect(node.answered.last == "4 pending")
  }

  @Test(
    "the number of a member that answers is no name for another node; a removal is done when it is committed")
  func healthyNumber() throws {
    var node = try leading()
    let elsewhere = MemberAddress(
      id: 3, name: "node3", peerAddress: "10.0.0.9:9101", clientURL: "http://10.0.0.9:8101")
    node.take(.call(1, .change(.add(elsewhere))))
    node.take(.call(2, .change(.remove("node3"))))
    node.endTurn()
    node.persist()
    #expect(node.answered == ["1 refused"])
    for _ in 0..<3 { acknowledge(&node) }
    #expect(node.answered == ["1 refused", "2 done"])
  }

  @Test("one that does not answer may be said to be elsewhere")
  func silentNumber() throws {
    var node = try leading()
    node.take(.linkDown(NodeID(3), refused: true))
    let elsewhere = MemberAddress(
      id: 3, name: "node3", peerAddress: "10.0.0.9:9101", clientURL: "http://10.0.0.9:8101")
    node.take(.call(1, .change(.add(elsewhere))))
    node.endTurn()
    node.persist()
    acknowledge(&node)
    #expect(node.answered == ["1 done"])
    #expect(node.node.raft.membership.address(of: NodeID(3)) == elsewhere.text)
  }

  @Test("a transfer, when another leads")
  func transfer() throws {
    var node = try leading()
    node.take(.call(1, .transferLeadership(to: "node1")))
    node.take(.call(2, .transferLeadership(to: "node9")))
    node.take(.call(3, .transferLeadership(to: "node3")))
    node.endTurn()
    #expect(node.answered == ["1 refused", "2 not found"])
    node.later(.milliseconds(40))
    node.take(
      .peer(
        .raft([
          Raft.Message(
            from: NodeID(3), to: NodeID(1), term: Term(node.node.raft.term.rawValue + 1),
            body: .heartbeat(Heartbeat(commit: node.node.raft.commitIndex)))
        ]), from: NodeID(3)))
    node.endTurn()
    node.pass(200, isLed: false)
    #expect(node.answered == ["1 refused", "2 not found", "3 node3 leads"])
    if case .transferred(.success(let report))? = node.answers.last?.answer {
      #expect(report == TransferReport(from: "node1", to: "node3", milliseconds: 40))
    }
  }

  @Test("a transfer whose target does not take over, when it was given up")
  func lateTransfer() throws {
    var node = try leading()
    node.take(.call(1, .transferLeadership(to: nil)))
    node.endTurn()
    #expect(node.answers.isEmpty)
    for _ in 0..<10 {
      node.pass(100, isLed: false)
      acknowledge(&node)
    }
    #expect(node.answered == ["1 busy"])
  }

  @Test("a read, when all that was committed is applied; with no quorum at once; late, when nobody answers")
  func reads() throws {
    var node = try LoneNode()
    node.take(.call(1, .read))
    node.take(.call(2, .read))
    node.endTurn()
    #expect(node.answers.isEmpty)
    node.answerReads()
    #expect(node.answered == ["1 readable", "2 readable"])
    node.forget()
    node.take(.call(3, .read))
    node.endTurn()
    node.pass(5_700)
    #expect(node.answered == ["3 busy"])
    node.answerReads()
    #expect(node.answered == ["3 busy"])
    node.forget()
    node.take(.inboundLost(NodeID(2)))
    node.endTurn()
    node.take(.call(4, .read))
    node.pass(1_200, isLed: false)
    node.take(.call(5, .read))
    node.endTurn()
    #expect(node.answered == ["4 no_quorum", "5 no_quorum"])
  }

  @Test("a drain, when nothing is left to give away, or after its patience")
  func drains() throws {
    var node = try LoneNode()
    let session = try node.open("r1", owner: 1)
    node.take(.call(1, .drain(true)))
    node.pass(1_000)
    #expect(node.answers.isEmpty)
    let lost = ServerLost(server: ServerID(1), heirs: [ServerID(3)], bounds: node.node.bounds)
    var moved = node
    moved.commit([Submission(origin: Origin(server: ServerID(2), request: 0), command: .serverLost(lost))])
    #expect(moved.node.state.owner(of: session)?.server == ServerID(3))
    moved.pass(6_000)
    #expect(moved.answered == ["1 drained"])
    node.pass(3_900)
    #expect(node.answers.isEmpty)
    node.take(.call(2, .drain(true)))
    node.pass(200)
    #expect(node.answered == ["1 drained"])
    node.take(.call(3, .drain(false)))
    node.endTurn()
    #expect(node.answered == ["1 drained", "2 drained", "3 drained"])
    node.pass(6_000)
    #expect(node.answers.count == 3)
  }
}
