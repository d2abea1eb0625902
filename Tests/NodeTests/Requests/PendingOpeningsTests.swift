import Desk
import Gossip
import Kernel
import Testing

@testable import Node

@Suite("openings that are under way")
struct PendingOpeningsTests {
  private func opening(_ owner: UInt64) -> PendingRequest {
    PendingRequest(
      connection: nil, tag: 0,
      command: .open(
        OpenSession(
          customer: Person(id: "c", role: .customer, name: "c"), requestID: "r", channel: "web", skill: "s",
          intent: "", priority: 0, attributes: [], owner: ServerID(owner))),
      since: Instant(nanoseconds: 0), lastAttempt: Instant(nanoseconds: 0))
  }

  @Test("a session counts for its owner from the choice to the answer, however the answer is come by")
  func counted() {
    var pending = PendingRequests(after: 0)
    let first = pending.add(opening(2))
    let second = pending.add(opening(2))
    _ = pending.add(opening(3))
    #expect(pending.openings.unsettled(on: MemberID(2)) == 2)
    #expect(pending.openings.unsettled(on: MemberID(3)) == 1)
    #expect(pending.openings.unsettled(on: MemberID(1)) == 0)
    let removed = pending.remove(first)
    #expect(removed != nil)
    let again = pending.remove(first)
    #expect(again == nil)
    #expect(pending.openings.unsettled(on: MemberID(2)) == 1)
    _ = pending.remove(second)
    #expect(pending.openings.unsettled(on: MemberID(2)) == 0)
    #expect(pending.count == 1)
  }
}
