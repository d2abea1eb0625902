import Testing

@testable import Raft

@Suite("Removing members while others come")
struct RemovingTests {
  private func ids(_ numbers: UInt64...) -> [NodeID] { numbers.map { NodeID($0) } }

  @Test("a removal waits for no newcomer, and the newcomer is still expected")
  func atOnce() throws {
    let pending = Membership(voters: ids(1, 2, 3), learners: ids(4), joining: ids(4))
    let next = try pending.beginning(MembershipChange(remove: ids(3)))
    #expect(next.voters == ids(1, 2) && next.outgoing == ids(1, 2, 3) && next.leaving == [])
    #expect(next.joining == ids(4) && next.leavingJoint().learners == ids(4))
    #expect(!next.leavingJoint().contains(NodeID(3)))
  }

  @Test("one that is to be replaced may be removed before, and another one during a replacement")
  func duringReplacement() throws {
    let replacing = try Membership(voters: ids(1, 2, 3)).beginning(
      MembershipChange(add: ids(4), remove: ids(2)))
    #expect(!replacing.isJoint && replacing.leaving == ids(2) && replacing.joining == ids(4))
    let sooner = try replacing.beginning(MembershipChange(remove: ids(2)))
    #expect(sooner.voters == ids(1, 3) && sooner.leaving == [] && sooner.joining == ids(4))
    let another = try replacing.beginning(MembershipChange(remove: ids(3)))
    #expect(another.voters == ids(1, 2) && another.leaving == ids(2) && another.joining == ids(4))
    // Who calls off the newcomer calls off the replacement.
    let calledOff = try replacing.beginning(MembershipChange(remove: ids(4)))
    #expect(calledOff == Membership(voters: ids(1, 2, 3)))
  }
}
