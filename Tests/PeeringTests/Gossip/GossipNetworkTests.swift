import Gossip
import NIOCore
import Peering
import Raft
import TestLog
import Testing

@Suite("Gossip over UDP", .timeLimit(.minutes(4)))
struct GossipNetworkTests {
  @Test("three nodes hear each other's hints, on one loop and on several", arguments: [true, false])
  func hints(onOneLoop: Bool) async throws {
    let shared = TestLoop()
    var nodes: [GossipTestNode] = []
    for id in 1...3 {
      nodes.append(try await GossipTestNode.start(UInt64(id), on: onOneLoop ? shared : TestLoop()))
    }
    try await GossipTestNode.meet(nodes)
    for round in [UInt32(0), 100] {
      for node in nodes { try await node.tell(connections: round + UInt32(node.id.rawValue)) }
      for node in nodes {
        for other in nodes where other !== node {
          try await node.until(other.id, has: round + UInt32(other.id.rawValue))
        }
      }
    }
    for node in nodes {
      let traffic = try await node.traffic()
      #expect(traffic.sent > 0 && traffic.received > 0)
      #expect(traffic.dropped == 0)
      try await node.close()
    }
  }

  @Test("a node with another key is not heard and hears nothing; its packets are counted, and the others go on")
  func wrongKey() async throws {
    let one = try await GossipTestNode.start(1)
    let two = try await GossipTestNode.start(2)
    let stranger = try await GossipTestNode.start(3, keys: [DatagramSealTests.key(1, 9)])
    let nodes = [one, two, stranger]
    try await GossipTestNode.meet(nodes)
    for node in nodes { try await node.tell(connections: UInt32(node.id.rawValue)) }
    try await one.until("a packet of the stranger") { network, _ in network.traffic.unopened > 3 }
    try await stranger.until("a packet of a member") { network, _ in network.traffic.unopened > 3 }
    try await one.until(two.id, has: 2)
    try await two.until(one.id, has: 1)
    for (node, unheard) in [(one, stranger), (two, stranger), (stranger, one), (stranger, two)] {
      let status = try await node.on { network, _ in network.status(of: unheard.id) }
      #expect(status?.incarnation == .zero && status?.hints == nil)
    }
    #expect(one.log.contains("is not sealed with a key of this cluster"))
    for node in nodes { try await node.close() }
  }

  @Test("a secret is replaced while the nodes gossip: a node that knows both keys hears both")
  func twoKeys() async throws {
    let old = try DatagramSealTests.key(1)
    let new = try DatagramSealTests.key(2)
    let one = try await GossipTestNode.start(1, keys: [old, new])
    let two = try await GossipTestNode.start(2, keys: [new, old])
    try await GossipTestNode.meet([one, two])
    try await one.tell(connections: 1)
    try await two.tell(connections: 2)
    try await one.until(two.id, has: 2)
    try await two.until(one.id, has: 1)
    for node in [one, two] { try await node.close() }
  }

  @Test("garbage, empty and oversize packets are counted and do no harm")
  func garbage() async throws {
    let one = try await GossipTestNode.start(1)
    let two = try await GossipTestNode.start(2)
    try await GossipTestNode.meet([one, two])
    let stranger = try await PacketSocket.open()
    var generator = SeededGenerator(seed: 7)
    let short = [0, 1, 9, 10, 37, 38, 39, 500, 1_400, 1_438, 1_500]
    for length in short {
      var packet = (0..<length).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
      // As near to a real one as somebody without a key can come.
      for (place, byte) in [UInt8(1), 1, 0, 0, 0, 0, 0, 0, 0, 2].enumerated() where place < length {
        packet[place] = byte
      }
      try await stranger.send(packet, to: one.port)
    }
    let long = [1_501, 2_048, 9_000, 60_000]
    for length in long { try await stranger.send(Array(repeating: 1, count: length), to: one.port) }
    try await one.until("all are counted") { network, _ in
      network.traffic.unopened == UInt64(short.count) && network.traffic.oversize == UInt64(long.count)
    }
    try await two.tell(connections: 2)
    try await one.until(two.id, has: 2)
    #expect(try await one.on { network, _ in network.counters.refusedDatagrams } == 0)
    for node in [one, two] { try await node.close() }
    try await stranger.close()
  }

  @Test("packets that are sent again, all of them and late, change nothing")
  func replay() async throws {
    let one = try await GossipTestNode.start(1)
    let two = try await GossipTestNode.start(2)
    // Whatever goes from 1 to 2 passes here.
    let tap = try await PacketSocket.open(passingOnTo: two.port)
    try await one.setMembers([PeerAddress(id: two.id, host: "127.0.0.1", port: tap.port)])
    try await two.setMembers([one.address])
    for connections in [UInt32(1), 2, 3] {
      try await one.tell(connections: connections)
      try await two.until(one.id, has: connections)
    }
    let recorded = try await tap.packets()
    #expect(recorded.count > 5)
    let before = try await two.traffic().received
    for packet in recorded { try await tap.send(packet, to: two.port) }
    try await two.until("the replay has arrived") { network, _ in
      network.traffic.received > before + UInt64(recorded.count)
    }
    #expect(try await two.traffic().dropped == 0)
    let status = try await two.on { network, _ in network.status(of: NodeID(1)) }
    #expect(status?.hints?.hints.connections == 3)
    #expect(status?.health == .alive)
    #expect(try await two.on { _, changes in changes }.allSatisfy { $0.to < .dead })
    // What is new is still taken.
    try await one.tell(connections: 4)
    try await two.until(one.id, has: 4)
    for node in [one, two] { try await node.close() }
    try await tap.close()
  }

  @Test("a flood is read up to a bound between two ticks, and the rest is dropped unread")
  func flood() async throws {
    let node = try await GossipTestNode.start(1, ticking: false) { $0.packetsPerTick = 5 }
    let stranger = try await PacketSocket.open()
    for _ in 0..<20 { try await stranger.send(Array(repeating: 1, count: 100), to: node.port) }
    try await node.until("all have arrived") { network, _ in network.traffic.received == 20 }
    #expect(try await node.traffic().unopened == 5)
    #expect(try await node.traffic().overrun == 15)
    try await node.on { network, _ in network.tick() }
    try await stranger.send(Array(repeating: 1, count: 100), to: node.port)
    try await node.until("it reads again") { network, _ in network.traffic.unopened == 6 }
    try await node.close()
    try await stranger.close()
  }
}
