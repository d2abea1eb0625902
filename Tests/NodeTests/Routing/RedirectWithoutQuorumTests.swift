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
}
