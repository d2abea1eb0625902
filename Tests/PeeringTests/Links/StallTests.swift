import NIOCore
import Raft
import Testing

@testable import Peering

@Suite("Stalls of a node's own")
struct StallTests {
  @Test("after a stall of its own a node first reads, and judges the silence of others only then")
  func stall() async throws {
    func adjust(_ configuration: inout PeeringConfiguration) {
      // The test itself makes time pass.
      configuration.pingInterval = .hours(1)
      configuration.silenceTimeout = .hours(2)
    }
    let (one, two) = try await (TestNode.start(1, adjust), TestNode.start(2, adjust))
    try await TestNode.meet([one, two])
    let start = NIODeadline.now()
    try await one.on { network, events in
      network.heartbeat(at: start)
      network.heartbeat(at: start + .hours(5))
      #expect(network.isConnected(NodeID(2)))
      #expect(events.ends(of: NodeID(2)) + events.losses(of: NodeID(2)) == [])
      network.heartbeat(at: start + .hours(6))
      #expect(!network.isConnected(NodeID(2)))
      #expect(events.ends(of: NodeID(2)) == [.timedOut, .timedOut])
      #expect(events.losses(of: NodeID(2)) == [.timedOut, .timedOut])
    }
    try await one.close()
    try await two.close()
  }
}
