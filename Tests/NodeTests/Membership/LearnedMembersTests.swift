import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("Members that the file leaves out")
struct LearnedMembersTests {
  private let third = MemberAddress(
    id: 3, name: "node3", peerAddress: "10.0.0.3:9101", clientURL: "http://10.0.0.3")

  private func begun() throws -> LoneNode {
    let node = try LoneNode { $0.members.removeAll { $0.id == 3 } }
    #expect(node.node.group.members.map(\.id) == [1, 2])
    return node
  }

  private func tell(_ node: inout LoneNode, _ peer: UInt64, _ change: (inout NodeNotice) -> Void) {
    var notice = NodeNotice()
    change(&notice)
    node.take(.peer(.notice(notice), from: NodeID(peer)))
    node.endTurn()
  }

  @Test("are found where another member says that they are")
  func byOthers() throws {
    var node = try begun()
    tell(&node, 2) { $0.members = [third] }
    #expect(node.node.group.members.map(\.id) == [1, 2, 3])
  }

  @Test(
    "are found where they say themselves that they are, before any configuration is committed that they could tell of"
  )
  func byThemselves() throws {
    var node = try begun()
    tell(&node, 3) { $0.address = third.text }
    #expect(node.node.group.members.first { $0.id == 3 } == third)
  }

  @Test("nobody is learned of whom the log does not name, or whose address is none")
  func strangers() throws {
    var node = try begun()
    tell(&node, 4) { $0.address = "node4 10.0.0.4:9101 http://10.0.0.4" }
    tell(&node, 3) { $0.address = "node3 nowhere http://10.0.0.3" }
    tell(&node, 3) { $0.address = "" }
    #expect(node.node.group.members.map(\.id) == [1, 2])
  }
}
