import Raft
import Testing

@testable import Node

@Suite("A node with an empty or a marked disk")
struct FirstStartTests {
  private let others = [NodeID(2), NodeID(3)]

  @Test("begins a new group only when every other member has said that it is as empty")
  func everyone() {
    var start = FirstStart()
    #expect(!start.everyoneIsNew(others))
    start.heard(from: NodeID(2), inUse: false)
    #expect(!start.everyoneIsNew(others), "node 3 may have everything")
    start.heard(from: NodeID(3), inUse: false)
    #expect(start.everyoneIsNew(others))
  }

  @Test("does not begin a new group once a single member was in use, whatever comes later")
  func oneInUse() {
    var start = FirstStart()
    start.heard(from: NodeID(2), inUse: true)
    start.heard(from: NodeID(3), inUse: false)
    start.heard(from: NodeID(2), inUse: false)
    #expect(!start.everyoneIsNew(others))
    #expect(start.groupIsInUse)
  }
}
