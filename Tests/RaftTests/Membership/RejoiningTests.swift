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
}
