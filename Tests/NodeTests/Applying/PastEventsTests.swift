import Desk
import Kernel
import Raft
import Testing

@testable import Node

/// What a node applies again, or has missed, happened long ago: nobody is to take it for news.
struct PastEventsTests {
  private func loss(_ node: LoneNode) -> Submission {
    let lost = ServerLost(server: ServerID(3), heirs: [ServerID(1), ServerID(2)], bounds: node.node.bounds)
    return Submission(origin: Origin(server: ServerID(2), request: 0), command: .serverLost(lost))
  }

  private func said(_ node: LoneNode) -> [String] { node.logs.map(\.message) }

  @Test("the loss of a node is news when it happens, and part of one line when it is long ago")
  func losses() throws {
    var node = try LoneNode()
    _ = try node.open("r1", owner: 3)
    node.commit([loss(node)])
    #expect(said(node).contains("sessions have new owners"))

    // The node was away for a minute: what the others have agreed on meanwhile comes now.
    for number in 2...4 { _ = try node.open("r\(number)", owner: 3) }
    node.forget()
    node.append([[loss(node)]])
    node.timeOfDay += 60_000
    node.endTurn()
    #expect(!said(node).contains("sessions have new owners"))
    let told = node.logs.filter { $0.message.contains("none of it is news") }
    #expect(told.count == 1)
    #expect(told.first?.details.contains { $0.name == "losses" && $0.value == "1" } == true)
    // What it means is done all the same.
    #expect(node.node.state.ownedCount(of: ServerID(3)) == 0)

    // And what happens from then on is news again.
    node.forget()
    _ = try node.open("r9", owner: 3)
    node.commit([loss(node)])
    #expect(said(node).contains("sessions have new owners"))
    #expect(!said(node).contains { $0.contains("none of it is news") })
  }

  private func voters(_ numbers: ClosedRange<UInt64>, learners: [UInt64] = []) -> Membership {
    Membership(voters: numbers.map { NodeID($0) }, learners: learners.map { NodeID($0) })
  }

  @Test("configurations of long ago are told in one line as well, with what came of them, and new ones as news")
  func members() throws {
    var node = try LoneNode()
    node.commit(voters(1...3, learners: [4]))
    #expect(said(node).contains("the members have changed"))
    node.commit(voters(1...3))

    // The node was away for an hour. What it missed comes frame by frame, each configuration in one of its own.
    node.forget()
    let missed = [voters(1...3, learners: [4]), voters(1...4), voters(1...4, learners: [5]), voters(1...5)]
    let then = node.timeOfDay
    node.timeOfDay += 3_600_000
    node.receiveMissed(missed, writtenAt: then)
    #expect(!said(node).contains("the members have changed"), "\(said(node))")
    let told = node.logs.filter { $0.message.contains("none of it is news") }
    #expect(told.count == 1, "\(node.logs)")
    let details = told.first?.details ?? []
    #expect(details.contains { $0.name == "configurations" && $0.value == "4" }, "\(details)")
    #expect(details.contains { $0.name == "voters" && $0.value.split(separator: " ").count == 5 }, "\(details)")
    #expect(node.node.raft.membership == voters(1...5))

    node.forget()
    node.commit(voters(1...5, learners: [6]))
    #expect(said(node).contains("the members have changed"))
    #expect(!said(node).contains { $0.contains("none of it is news") })
  }

  @Test("an entry of a clock that is ahead, or a little behind, is news")
  func clocks() {
    #expect(!PastEvents.isPast(20_000, 10_000))
    #expect(!PastEvents.isPast(0, 10_000))
    #expect(PastEvents.isPast(0, 10_001))
    #expect(!PastEvents.isPast(.max, 0))
    #expect(PastEvents.isPast(0, .max))
  }
}
