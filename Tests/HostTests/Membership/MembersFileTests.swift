import Protocol
import Raft
import Storage
import Testing

@testable import Host
@testable import Node

@Suite("A configuration file held against the disk")
struct MembersFileTests {
  private let record = MembersRecord(
    first: [1, 2, 3].map { NodeID($0) }, file: [1, 2, 3].map { NodeID($0) },
    known: [1, 2, 3, 4].map { NodeID($0) })

  private func file(_ ids: UInt64...) -> MembersFile {
    MembersFile(members: ids.map { StoredNode.address($0) }, thisNode: StoredNode.address(1))
  }

  @Test("the file of the last start is fine, whatever has become of the members")
  func unchanged() {
    #expect(file(1, 2, 3).disagreement(with: StoredNode.membership(1, 5, 6), record: record) == nil)
  }

  @Test("a node that took the place of another on the same machine does not make the file of a third one wrong")
  func sameMachine() {
    var current = StoredNode.membership(1, 3, 4)
    current.addresses.removeAll { $0.id == NodeID(4) }
    var fourth = StoredNode.address(4)
    fourth.peerAddress = StoredNode.address(2).peerAddress
    current.addresses.append(.init(id: NodeID(4), text: fourth.text))
    #expect(file(1, 2, 3).disagreement(with: current, record: record) == nil)
  }

  @Test(
    "without a record of earlier starts it is enough to name somebody of today, and not enough to name nobody")
  func noRecord() {
    let current = StoredNode.membership(1, 3, 4)
    #expect(file(1, 2, 3).disagreement(with: current, record: nil) == nil)
    #expect(file(1, 2).disagreement(with: current, record: nil) != nil)
    #expect(file(1).disagreement(with: current, record: nil) != nil)
    #expect(file(1).disagreement(with: StoredNode.membership(1), record: nil) == nil)
  }

  @Test("every file names the node itself: one that was removed and is taken in again starts with it")
  func itself() {
    let removed = MembersFile(
      members: [1, 2, 3, 5].map { StoredNode.address($0) }, thisNode: StoredNode.address(5))
    #expect(removed.disagreement(with: StoredNode.membership(1, 2, 3), record: record) == nil)
    #expect(file(1, 2, 3, 5).disagreement(with: StoredNode.membership(1, 2, 3), record: record) != nil)
  }

  @Test("what is refused says who the members are, and what to do")
  func words() throws {
    let reason = try #require(file(1, 9).disagreement(with: StoredNode.membership(1, 2, 3), record: record))
    for word in ["node9", "node1, node2, node3", "switchboard cluster add", "switchboard cluster remove"] {
      #expect(reason.contains(word), "\(reason)")
    }
  }
}
