import Protocol
import Raft
import Storage
import Testing

@testable import Host
@testable import Node

@Suite("Who votes is on the disk, and no configuration file changes it")
struct StartingMembershipTests {
  private let three = HardState(term: Term(1), vote: NodeID(1), commit: LogIndex(1))

  private func threeMembers() throws -> StoredNode {
    let node = try StoredNode()
    try node.write(three, [StoredNode.entry(1, StoredNode.membership(1, 2, 3))])
    // What it was started with, and noted.
    _ = try node.start(file: 1, 2, 3)
    return node
  }

  @Test("one of three does not start with a file that names itself alone, and would not lead alone if it did")
  func aloneInTheFile() throws {
    let node = try threeMembers()
    let refusal = try #require(node.refusal(file: 1))
    #expect(
      refusal.contains("node1, node2, node3") && refusal.contains("switchboard cluster remove"), "\(refusal)")
    let core = try node.start(file: 1, 2, 3)
    #expect(core.raft.membership.voters == [NodeID(1), NodeID(2), NodeID(3)])
    try core.letTimePass()
    #expect(core.raft.role != .leader)
  }

  @Test(
    "a file that lacks a member, or names a stranger, is refused",
    arguments: [[1, 2], [1, 3], [1, 2, 3, 9], [1, 9]])
  func otherMembers(ids: [UInt64]) throws {
    let node = try threeMembers()
    let addresses = ids.map { StoredNode.address($0) }
    #expect(throws: StartFailure.self) { try node.start(file: addresses) }
    #expect(node.refusal(file: 1, 2, 3) == nil, "what was refused leaves nothing behind")
  }

  @Test("a file in which two members have changed places is refused")
  func swapped() throws {
    let node = try threeMembers()
    var file = (1...3).map { StoredNode.address($0) }
    (file[0].peerAddress, file[1].peerAddress) = (file[1].peerAddress, file[0].peerAddress)
    let swapped = file
    #expect(throws: StartFailure.self) { try node.start(file: swapped) }
  }

  @Test("a node that moves is not refused: its cluster is told where it is, and its disk hears it from there")
  func moved() throws {
    let node = try threeMembers()
    var file = (1...3).map { StoredNode.address($0) }
    file[0].peerAddress = "127.0.0.1:9999"
    let core = try node.start(file: file)
    #expect(core.node.group.members.first?.peerAddress == StoredNode.address(1).peerAddress)
  }

  @Test("a file need not follow the members, and may: the first ones and those of today are both fine")
  func changedAtRunTime() throws {
    let node = try StoredNode()
    try node.write(
      three,
      [
        StoredNode.entry(1, StoredNode.membership(1, 2, 3)),
        StoredNode.entry(2, StoredNode.membership(1, 2, 3, 4)),
        StoredNode.entry(3, StoredNode.membership(1, 3, 4)),
      ])
    #expect(node.refusal(file: 1, 2, 3) == nil)
    #expect(node.refusal(file: 1, 3, 4) == nil)
    #expect(node.refusal(file: 1, 2, 3, 4) == nil)
    #expect(node.refusal(file: 1, 3) != nil)
    #expect(node.refusal(file: 1) != nil)
    #expect(node.refusal(file: 1, 3, 4, 5) != nil)
    let core = try node.start(file: 1, 2, 3)
    #expect(core.raft.membership.voters == [NodeID(1), NodeID(3), NodeID(4)])
  }

  // MARK: Data of earlier releases

  @Test(
    "a log without a configuration: the file is believed once, and its word stands on the disk from then on")
  func pinned() throws {
    let node = try StoredNode()
    try node.write(three, (1...3).map { StoredNode.entry($0, by: $0) })
    let core = try node.start(file: 1, 2, 3)
    #expect(core.raft.membership.voters == [NodeID(1), NodeID(2), NodeID(3)] && !core.raft.isRejoining)
    #expect(node.refusal(file: 1) != nil)
    #expect(node.refusal(file: 1, 2) != nil)
    let again = try node.start(file: 1, 2, 3)
    #expect(again.raft.membership.voters == [NodeID(1), NodeID(2), NodeID(3)])
  }

  @Test(
    "a log without a configuration: a file that lacks who has done something in it is refused at the first start"
  )
  func pinnedWrongly() throws {
    let node = try StoredNode()
    try node.write(three, (1...3).map { StoredNode.entry($0, by: $0) })
    for refusal in [node.refusal(file: 1), node.refusal(file: 1, 2)] {
      #expect(refusal?.contains("node3") == true, "\(refusal ?? "it started")")
    }
    #expect(node.refusal(file: 1, 2, 3) == nil)
  }

  @Test("a log that has been compacted, or changed members once, tells them without a file")
  func oldLogWithAChange() throws {
    let node = try StoredNode()
    var joint = Membership(voters: [1, 3].map { NodeID($0) }, outgoing: [1, 2, 3].map { NodeID($0) })
    joint.addresses = []
    try node.write(three, [StoredNode.entry(1, by: 1), StoredNode.entry(2, joint)])
    let core = try node.start(file: 1, 2, 3)
    #expect(core.raft.membership == joint)
    #expect(core.raft.membership(at: LogIndex(1)).voters == [NodeID(1), NodeID(2), NodeID(3)])
    #expect(core.node.group.members.count == 3)
  }
}
