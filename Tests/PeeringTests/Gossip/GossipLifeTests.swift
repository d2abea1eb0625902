import Gossip
import NIOCore
import Peering
import Protocol
import Raft
import TestLog
import Testing

@Suite("Gossip's sockets and members", .timeLimit(.minutes(4)))
struct GossipLifeTests {
  private func three() async throws -> [GossipTestNode] {
    var nodes: [GossipTestNode] = []
    for id in 1...3 { nodes.append(try await GossipTestNode.start(UInt64(id))) }
    try await GossipTestNode.meet(nodes)
    return nodes
  }

  @Test("a node that is cut off counts as dead, and as alive once the cut has healed")
  func partition() async throws {
    let nodes = try await three()
    for node in nodes { try await node.tell(connections: 1) }
    for other in nodes[1...] { try await other.until(NodeID(1), has: 1) }
    try await nodes[0].on { network, _ in network.cut([NodeID(2): .both, NodeID(3): .both]) }
    for other in nodes[1...] { try await other.until(NodeID(1), is: .dead) }
    try await nodes[0].on { network, _ in network.cut([:]) }
    for other in nodes[1...] { try await other.until(NodeID(1), is: .alive) }
    for node in nodes { try await node.close() }
  }

  @Test("a node that closes says goodbye, and nobody has to find out")
  func goodbye() async throws {
    let nodes = try await three()
    for other in nodes[1...] {
      try await other.until("the first is known") { network, _ in
        (network.status(of: NodeID(1))?.incarnation ?? .zero) > .zero
      }
    }
    try await nodes[0].close()
    for other in nodes[1...] {
      try await other.until(NodeID(1), is: .left)
      #expect(try await other.on { _, changes in changes }.allSatisfy { $0.to != .dead })
      try await other.close()
    }
  }

  @Test("a member that is taken away is not listened to any more, and a new one is")
  func members() async throws {
    let nodes = try await three()
    for node in nodes { try await node.tell(connections: 1) }
    try await nodes[0].until(NodeID(3), has: 1)
    for node in nodes[..<2] { try await node.setMembers([nodes[0].address, nodes[1].address]) }
    #expect(try await nodes[0].on { network, _ in network.status(of: NodeID(3)) } == nil)
    try await nodes[0].until("the third is refused") { network, _ in network.counters.refusedDatagrams > 0 }
    try await nodes[0].setMembers(nodes.map(\.address))
    try await nodes[0].until(NodeID(3), has: 1)
    for node in nodes { try await node.close() }
  }

  @Test(
    "a port that is taken is a clear error, the node is without opinions, and takes the port once it is free")
  func takenPort() async throws {
    let holder = try await PacketSocket.open()
    let port = holder.port
    await #expect(throws: PeeringError.self) { try await GossipTestNode.start(1, port: port) }
    try await holder.close()
    let node = try await GossipTestNode.start(2, port: port)
    #expect(node.port == port)
    try await node.close()
  }

  @Test("an address that the system refuses does not keep the others from hearing this node")
  func refusedAddress() async throws {
    let one = try await GossipTestNode.start(1) { $0.setAsideFor = 3_600_000 }
    let two = try await GossipTestNode.start(2)
    // Broadcasting takes a permission that the socket does not have: the system refuses each packet.
    let bad = PeerAddress(id: NodeID(3), host: "255.255.255.255", port: 9)
    try await one.setMembers([two.address, bad])
    try await one.until("the system has refused") { network, _ in network.traffic.unsent > 0 }
    let port = try await reopened(one)
    try await two.setMembers([PeerAddress(id: one.id, host: "127.0.0.1", port: port)])
    for connections in UInt32(7)...16 {
      try await one.tell(connections: connections)
      try await two.until(one.id, has: connections)
    }
    // The refused address was not tried again: it would have cost the socket, and with it the port.
    #expect(try await one.on { network, _ in network.listeningPort } == port)
    #expect(one.log.contains("the system refuses to send gossip there"))
    for node in [one, two] { try await node.close() }
  }

  /// A free port was asked for, so the new socket has another one.
  private func reopened(_ node: GossipTestNode) async throws -> Int {
    try await node.until("the socket is open again") { network, _ in network.isOpen }
    return try await node.on { network, _ in network.listeningPort ?? 0 }
  }

  @Test("members are found by their host names, too")
  func names() async throws {
    let one = try await GossipTestNode.start(1)
    let two = try await GossipTestNode.start(2)
    try await one.setMembers([PeerAddress(id: two.id, host: "localhost", port: two.port)])
    try await two.setMembers([PeerAddress(id: one.id, host: "localhost", port: one.port)])
    try await one.tell(connections: 1)
    try await two.until(one.id, has: 1)
    for node in [one, two] { try await node.close() }
  }
}
