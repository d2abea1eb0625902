import Protocol
import Raft
import Storage
import Testing

@testable import Host
@testable import Node

@Suite("A node with an empty or a marked disk, from the disk on")
struct FirstStartOnDiskTests {
  private let others = [NodeID(2), NodeID(3)]

  private func begin(_ node: StoredNode, _ first: Membership) throws -> StoreBeginning.Outcome {
    node.stop()
    return try StoreBeginning.note(first, directory: node.directory, identity: StoredNode.identity)
  }

  @Test("an empty disk never leads, though the file names this node alone, and over restarts")
  func emptyAlone() throws {
    let node = try StoredNode()
    for _ in 0..<2 {
      let core = try node.start(file: 1)
      try core.letTimePass()
      #expect(core.raft.role == .learner && core.raft.isRejoining && core.raft.term == .zero)
      #expect(!core.node.isInUse)
    }
  }

  @Test("a marked disk never leads, though the file names this node alone")
  func markedAlone() throws {
    let node = try StoredNode()
    try node.mark()
    let core = try node.start(file: 1)
    try core.letTimePass()
    #expect(core.raft.role == .learner && core.raft.term == .zero)
    #expect(core.node.isInUse, "it belongs to a cluster, so nobody begins another one with it")
  }

  @Test("a disk with a term and a vote, and no log, never leads alone, and is marked")
  func voteAlone() throws {
    let node = try StoredNode()
    try node.write(HardState(term: Term(3), vote: NodeID(2)), [])
    for _ in 0..<2 {
      let core = try node.start(file: 1)
      try core.letTimePass()
      #expect(core.raft.role == .learner && core.raft.term == Term(3) && core.node.isInUse)
    }
  }

  @Test(
    "a cluster of one is begun once, by word, and goes on over restarts; an emptied disk does not begin it again"
  )
  func one() throws {
    let node = try StoredNode()
    #expect(try begin(node, StoredNode.membership(1)) == .noted)
    var core = try node.start(file: 1)
    try core.letTimePass(ticks: 10)
    #expect(core.raft.role == .leader && core.raft.membership.voters == [NodeID(1)])
    #expect(core.raft.membershipIndex == LogIndex(1))
    core = try node.start(file: 1)
    #expect(core.raft.membershipIndex == LogIndex(1) && !core.raft.isRejoining)
    try core.letTimePass()
    #expect(core.raft.role == .leader)
    #expect(try begin(node, StoredNode.membership(1)) == .used(.restored))
    node.empty()
    core = try node.start(file: 1)
    try core.letTimePass()
    #expect(core.raft.role == .learner)
  }

  @Test(
    "a cluster of three is begun by one voter, when the others have said that they are empty, and not before")
  func three() throws {
    let node = try StoredNode()
    #expect(try begin(node, StoredNode.membership(1, joining: [2, 3])) == .noted)
    let core = try node.start(file: 1, 2, 3)
    #expect(core.node.isInUse, "two that were told to begin do not take each other for empty")
    try core.hears(from: 2, inUse: false)
    try core.letTimePass()
    #expect(core.raft.role == .learner)
    try core.hears(from: 3, inUse: false)
    try core.letTimePass(ticks: 10)
    #expect(core.raft.role == .leader)
    #expect(core.raft.membership.voters == [NodeID(1)] && core.raft.membership.joining == others)
    #expect(core.raft.membership.address(of: NodeID(3)) == StoredNode.address(3).text)
  }

  @Test("what was said once does not begin a second cluster beside members that have data")
  func othersInUse() throws {
    let node = try StoredNode()
    #expect(try begin(node, StoredNode.membership(1, joining: [2, 3])) == .noted)
    let core = try node.start(file: 1, 2, 3)
    try core.hears(from: 2, inUse: true)
    try core.hears(from: 3, inUse: false)
    try core.letTimePass()
    #expect(core.raft.role == .learner && core.raft.term == .zero)
  }

  @Test("a marked disk begins nothing, and one that was told to begin goes by what it was told")
  func refused() throws {
    let node = try StoredNode()
    try node.mark()
    #expect(try begin(node, StoredNode.membership(1)) == .used(.rejoining))
    node.empty()
    #expect(try begin(node, StoredNode.membership(1, joining: [2, 3])) == .noted)
    #expect(node.refusal(file: 1)?.contains("switchboard begin") == true)
    try node.mark()
    let core = try node.start(file: 1)
    #expect(core.node.group.firstStart.beginning == nil)
  }
}
