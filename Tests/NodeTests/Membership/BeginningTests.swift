import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("The first turn of a node")
struct BeginningTests {
  private func alone() throws -> Node {
    let member = MemberAddress(
      id: 1, name: "node1", peerAddress: "10.0.0.1:9101", clientURL: "http://10.0.0.1:8101")
    var restored = RestoredNode()
    restored.isRejoining = true
    restored.mustMark = true
    restored.beginning = Membership(
      voters: [NodeID(1)], addresses: [.init(id: NodeID(1), text: member.text)])
    return try Node(
      configuration: NodeConfiguration(cluster: "test", thisNode: member, members: [member], seed: 1),
      restored: restored, at: NodeTime(now: Instant(nanoseconds: 5_000_000_000), timeOfDay: 1_000))
  }

  @Test("begins a cluster of one, and whoever follows Raft sees all of it")
  func isSeen() throws {
    let names = Names()
    var node = try alone()
    node.trace = { names.add($0.name) }
    let time = NodeTime(now: Instant(nanoseconds: 5_010_000_000), timeOfDay: 1_010)
    node.take(.tick(Surroundings()), at: time)
    let output = node.endTurn(at: time)
    #expect(names.all.prefix(2) == ["InitState", "ApplyConfChange"])
    #expect(node.raft.term == Term(2))
    #expect(!output.writes.isEmpty && !output.marksDisk, "it has nobody to be taken in by")
  }

  @Test("tells who the members are, and what its peers must read")
  func tells() throws {
    var node = try alone()
    let output = node.endTurn(
      at: NodeTime(now: Instant(nanoseconds: 5_010_000_000), timeOfDay: 1_010))
    #expect(output.members?.map(\.name) == ["node1"] && output.peers?.map(\.name) == ["node1"])
    #expect(output.requiredLevel == .first)
  }

  /// Used on one thread, as the node is.
  private final class Names: @unchecked Sendable {
    private(set) var all: [String] = []
    func add(_ name: String) { all.append(name) }
  }
}
