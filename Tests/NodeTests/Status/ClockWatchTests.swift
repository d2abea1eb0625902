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
    tell(&node, 2, ahead: 500)
    tell(&node, 3, ahead: -500)
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
      clocks.take(
        1_800_000_000_000, from: peer, own: 1_800_000_000_000 + delay, roundTrip: 0.04,
        tolerance: 1_000)
    }
    #expect(clocks.difference(from: peer) == 0)
    clocks.take(.max, from: peer, own: 0, roundTrip: .infinity, tolerance: 1_000)
    clocks.take(0, from: peer, own: .max, roundTrip: nil, tolerance: 1_000)
    #expect(clocks.difference(from: peer) != nil)
  }

  @Test("a clock that is about as far off as is tolerated does not come and go as a problem")
  func nearTolerance() throws {
    var node = try begun()
    var changes = 0
    var isSaid = false
    for ahead in [950, 1_050, 950, 1_050, 900, 1_010, 501, 1_001] as [Int64] {
      for peer in [2, 3] as [UInt64] { tell(&node, peer, ahead: ahead) }
      if isSaid != (said(node) == ["node1"]) {
        isSaid.toggle()
        changes += 1
      }
    }
    #expect(changes == 1 && isSaid)
    for peer in [2, 3] as [UInt64] { tell(&node, peer, ahead: -500) }
    #expect(said(node).isEmpty)
    for peer in [2, 3] as [UInt64] { tell(&node, peer, ahead: -1_000) }
    #expect(said(node).isEmpty, "as far as is tolerated")
  }

  @Test("who was away is judged anew: clocks may have been set meanwhile")
  func away() throws {
    var node = try begun()
    for peer in [2, 3] as [UInt64] { tell(&node, peer, ahead: 1_100) }
    for peer in [2, 3] as [UInt64] {
      node.take(.linkDown(NodeID(peer), refused: false))
      node.take(.linkUp(NodeID(peer), .newest))
    }
    for peer in [2, 3] as [UInt64] { tell(&node, peer, ahead: 900) }
    #expect(said(node).isEmpty)
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
