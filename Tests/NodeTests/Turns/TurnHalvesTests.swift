import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("The disk and the peers work while the node applies")
struct TurnHalvesTests {
  @Test("what is to be written leaves before what is committed is applied, and is not said again")
  func early() throws {
    var node = try LoneNode()
    let session = try node.open("a", owner: 1)
    let applied = node.node.raft.appliedIndex
    node.append([[node.said("1", in: session, by: "anna", bytes: 10)]])
    let time = NodeTime(now: node.now, timeOfDay: node.timeOfDay)
    let begun = node.node.beginTurnEnd(at: time)
    let early = try #require(begun)
    #expect(early.writes.flatMap(\.entries).map(\.index) == [node.last])
    #expect(early.deliveries.isEmpty && node.node.raft.appliedIndex == applied)
    let rest = node.node.endTurn(at: time)
    #expect(node.node.raft.appliedIndex == node.last && rest.writes.allSatisfy { $0.entries.isEmpty })
  }

  @Test("what goes to a session's owner does not wait for that either")
  func forwards() throws {
    var node = try LoneNode()
    let session = try node.open("a", owner: 2)
    node.say("1", in: session, tag: 1)
    let begun = node.node.beginTurnEnd(at: NodeTime(now: node.now, timeOfDay: node.timeOfDay))
    let early = try #require(begun)
    let forwarded = early.frames.filter { if case .forward = $0.content { true } else { false } }
    #expect(forwarded.map(\.to) == [NodeID(2)])
  }

  @Test("a turn in which nothing is written or sent has one half")
  func nothing() throws {
    var node = try LoneNode()
    let early = node.node.beginTurnEnd(at: NodeTime(now: node.now, timeOfDay: node.timeOfDay))
    #expect(early.map(\.frames.count) == nil)
  }
}
