import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("Two clusters of one name")
struct GroupIdentityTests {
  private func notice(of group: UInt64?) -> NodeInput {
    var notice = NodeNotice()
    notice.level = .newest
    notice.group = group
    return .peer(.notice(notice), from: NodeID(3))
  }

  /// Node 1 follows node 2 in a group with this identity; node 3 is heard of next.
  private func member(of group: UInt64?, _ configure: (inout NodeConfiguration) -> Void = { _ in }) throws
    -> LoneNode
  {
    var node = try LoneNode(configure: configure)
    var membership = node.node.raft.membership
    membership.identity = group
    node.commit(membership)
    node.persist()
    node.forget()
    return node
  }

  private func vote(_ node: inout LoneNode) {
    node.take(
      .peer(
        .raft([
          Raft.Message(
            from: NodeID(3), to: NodeID(1), term: Term(9),
            body: .voteRequest(
              VoteRequest(preVote: false, transfer: true, lastIndex: LogIndex(99), lastTerm: Term(8))))
        ]), from: NodeID(3)))
    node.endTurn()
    node.persist()
  }

  @Test("a node takes part in no election of another cluster, and says why, once")
  func stranger() throws {
    var node = try member(of: 5)
    node.take(notice(of: 6))
    node.take(notice(of: 6))
    vote(&node)
    #expect(node.node.raft.term == Term(1))
    #expect(node.logs.count { $0.message.contains("another cluster") } == 1)
    let status = node.node.status()
    #expect(status.problems.contains { $0.code == .otherCluster && $0.node == "node3" })
    node.forget()
    node.pass(1_000)
    #expect(!node.frames.contains { $0.to == NodeID(3) }, "nothing is sent to it")
  }

  @Test(
    "a node of the same cluster, a new one, and one of a release that tells nothing are heard",
    arguments: [(5, 5), (5, nil), (nil, 5), (nil, nil)] as [(UInt64?, UInt64?)])
  func heard(own: UInt64?, other: UInt64?) throws {
    var node = try member(of: own)
    node.take(notice(of: other))
    vote(&node)
    #expect(node.node.raft.term == Term(9))
    #expect(!node.node.status().problems.contains { $0.code == .otherCluster })
  }

  @Test("a stranger whose disk was emptied is none any more")
  func emptied() throws {
    var node = try member(of: 5)
    node.take(notice(of: 6))
    node.take(notice(of: nil))
    vote(&node)
    #expect(node.node.raft.term == Term(9))
  }

  @Test("before anything else, each peer hears on its connection whose this node is")
  func toldFirst() throws {
    var node = try LoneNode()
    var membership = node.node.raft.membership
    membership.identity = 5
    node.commit(membership)
    node.persist()
    node.turn()
    let groups = node.frames.filter { $0.to == NodeID(2) }.map { frame -> UInt64? in
      if case .notice(let notice) = frame.content { notice.group } else { nil }
    }
    #expect(groups.first == .some(5), "\(groups)")
    node.forget()
    node.take(.linkUp(NodeID(3), .newest))
    node.pass(1_000)
    let first = node.frames.first { $0.to == NodeID(3) }
    guard case .notice(let notice)? = first?.content else {
      Issue.record("node 3 hears something else first")
      return
    }
    #expect(notice.group == 5)
  }

  @Test("two beginnings are two clusters, whoever was told to begin and when")
  func drawn() throws {
    var drawn: Set<UInt64> = []
    for (seed, id) in [(1, 0), (1, 1), (2, 0), (2, 1)] as [(UInt64, Int)] {
      let node = try LoneNode(seed: seed) { $0.thisNode = $0.members[id] }
      drawn.insert(node.node.drawIdentity())
    }
    #expect(drawn.count == 4)
  }
}
