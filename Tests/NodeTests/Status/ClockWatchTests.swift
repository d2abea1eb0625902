import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("Clocks of nodes compared")
struct ClockWatchTests {
  private func tell(_ node: inout LoneNode, _ peer: UInt64, ahead: Int64, times: Int = ClockWatch.samples) {
    for _ in 0..<times {
      var notice = NodeNotice()
      notice.level = .second
      notice.timeOfDay = UInt64(Int64(node.timeOfDay) + ahead)
      node.take(.peer(.notice(notice), from: NodeID(peer)))
    }
    node.endTurn()
  }

  private func said(_ node: LoneNode) -> [String] {
    node.node.status().problems.filter { $0.code == .clockOff }.map(\.node)
  }

  private func begun() throws -> LoneNode {
    var node = try LoneNode()
    node.timeOfDay = 1_800_000_000_000
    node.tick()
    return node
  }

  @Test("the node that is alone with its time says so, and tells the others")
  func own() throws {
    var node = try begun()
    tell(&node, 2, ahead: 1_500)
    tell(&node, 3, ahead: 1_600)
    #expect(said(node) == ["node1"] && node.node.ownReport().conditions.contains(.clockOff))
    tell(&node, 2, ahead: 900)
    tell(&node, 3, ahead: -900)
    #expect(said(node).isEmpty && node.node.ownReport().conditions.isEmpty)
    tell(&node, 2, ahead: -1_500)
    tell(&node, 3, ahead: -1_600)
    #expect(said(node) == ["node1"])
  }

  @Test("another's clock is that one's to tell, and is in this node's status when it does")
  func other() throws {
    var node = try begun()
    tell(&node, 2, ahead: 0)
    tell(&node, 3, ahead: 3_600_000)
    #expect(said(node).isEmpty)
    var notice = NodeNotice()
    notice.level = .second
    notice.conditions = .clockOff
    node.take(.peer(.notice(notice), from: NodeID(3)))
    node.endTurn()
    #expect(said(node) == ["node3"])
  }

  @Test("of two nodes both say so; who cannot be reached, or tells no time, counts for nothing")
  func two() throws {
    var node = try begun()
    tell(&node, 2, ahead: 0)
    tell(&node, 3, ahead: 5_000)
    node.take(.linkDown(NodeID(2), refused: false))
    node.endTurn()
    #expect(said(node) == ["node1"])
    node.take(.linkDown(NodeID(3), refused: false))
    node.endTurn()
    #expect(said(node).isEmpty)
    node.take(.linkUp(NodeID(3), .newest))
    node.take(.peer(.notice(NodeNotice()), from: NodeID(3)))
    node.endTurn()
    #expect(said(node).isEmpty, "the clocks may have been set meanwhile")
  }

  @Test("notices that come late say nothing of a clock, and the way here is reckoned with")
  func late() {
    var clocks = ClockWatch()
    let peer = NodeID(2)
    for delay in [4_000, 3_000, 20, 5_000, 2_000] as [UInt64] {
      clocks.take(1_800_000_000_000, from: peer, own: 1_800_000_000_000 + delay, roundTrip: 0.04)
    }
    #expect(clocks.difference(from: peer) == 0)
    clocks.take(.max, from: peer, own: 0, roundTrip: .infinity)
    clocks.take(0, from: peer, own: .max, roundTrip: nil)
    #expect(clocks.difference(from: peer) != nil)
  }

  @Test("the tolerance is the configured one")
  func tolerance() throws {
    var node = try LoneNode { $0.clockTolerance = 10_000 }
    node.timeOfDay = 1_800_000_000_000
    node.tick()
    for peer in [2, 3] as [UInt64] { tell(&node, peer, ahead: 9_000) }
    #expect(said(node).isEmpty)
    for peer in [2, 3] as [UInt64] { tell(&node, peer, ahead: -11_000) }
    #expect(said(node) == ["node1"])
  }
}
