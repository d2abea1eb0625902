import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("A node without a majority")
struct RedirectWithoutQuorumTests {
  @Test("its clients are sent to look for another one after a while, once, and again when it happens again")
  func once() throws {
    var node = try LoneNode(sinks: 2)
    let patience = node.node.configuration.dispersal
    node.pass(3_000)
    #expect(node.clients.redirections == 0)
    node.take(.inboundLost(NodeID(2)))
    node.endTurn()
    node.pass(patience, isLed: false)
    #expect(node.clients.redirections == 0)
    // Those of each gateway loop.
    node.pass(100, isLed: false)
    #expect(node.clients.redirections == 2)
    node.pass(3_000, isLed: false)
    #expect(node.clients.redirections == 2)
    node.pass(1_000)
    node.take(.inboundLost(NodeID(2)))
    node.endTurn()
    node.pass(patience, isLed: false)
    #expect(node.clients.redirections == 2)
    node.pass(100, isLed: false)
    #expect(node.clients.redirections == 4)
  }

  @Test("whoever comes later is sent as well: after pauses that grow, up to eight times the first")
  func again() throws {
    var node = try LoneNode(sinks: 1)
    let pause = node.node.configuration.dispersal
    node.pass(3_000)
    node.take(.inboundLost(NodeID(2)))
    node.endTurn()
    node.pass(pause + 100, isLed: false)
    #expect(node.clients.redirections == 1)
    for (count, factor) in [2, 4, 8, 8].enumerated() {
      node.pass(factor * pause - 200, isLed: false)
      #expect(node.clients.redirections == 1 + count)
      node.pass(200, isLed: false)
      #expect(node.clients.redirections == 2 + count)
    }
  }
}
