import Kernel
import NIOCore
import Peering
import Raft
import TestLog
import Testing
import Wire

/// Nodes of other releases. One whose level is 1 greets as the releases did that knew no levels.
@Suite("Peers of other releases", .serialized)
struct LevelTests {
  private func nodes(_ levels: Level...) async throws -> [TestNode] {
    var nodes: [TestNode] = []
    for (place, level) in levels.enumerated() {
      nodes.append(try await TestNode.start(UInt64(place + 1)) { $0.level = level })
    }
    try await TestNode.meet(nodes)
    return nodes
  }

  private func close(_ nodes: [TestNode]) async throws {
    for node in nodes { try await node.close() }
  }

  @Test("each side learns what the other reads")
  func announced() async throws {
    let nodes = try await nodes(.second, .first, Level(7))
    for node in nodes {
      let levels = try await node.on { network, _ in (1...3).map { network.level(of: NodeID($0)) } }
      var expected: [Level?] = [.second, .first, Level(7)]
      expected[Int(node.id.rawValue) - 1] = nil
      #expect(levels == expected)
    }
    try await close(nodes)
  }

  @Test("a hello of the first releases is taken, and what they read of the reply is what they always read")
  func firstRelease() async throws {
    let node = try await TestNode.start(1, peers: [PeerAddress(id: NodeID(2), host: "127.0.0.1", port: 1)])
    let raw = try await RawPeer.connect(to: node.port)
    try await raw.greet(as: 2, to: 1)
    let header = try await raw.bytes(atLeast: FrameHeader.byteCount)
    let length = header.getInteger(at: 0, as: UInt32.self) ?? 0
    let all = try await raw.bytes(atLeast: FrameHeader.byteCount + Int(length))
    // Protocol 1, node 1, no refusal, cluster "test", no explanation; behind that nothing.
    #expect(
      Array(all.readableBytesView.dropFirst(FrameHeader.byteCount))
        == [0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 4] + Array("test".utf8) + [0])
    #expect(try await raw.reply().refusal == nil)
    try await raw.close()
    try await node.close()
  }

  @Test(
    "of two ranges of protocol versions the highest common one is taken",
    arguments: [(1...3, 2...5), (1...1, 1...9), (2...2, 1...2)] as [(ClosedRange<UInt16>, ClosedRange<UInt16>)])
  func range(one: ClosedRange<UInt16>, two: ClosedRange<UInt16>) async throws {
    let nodes = [
      try await TestNode.start(1) { $0.protocolVersions = one },
      try await TestNode.start(2) { $0.protocolVersions = two },
    ]
    try await TestNode.meet(nodes)
    try await close(nodes)
  }

  @Test("with no version in common each side says what the other speaks")
  func noCommonVersion() async throws {
    let acceptor = try await TestNode.start(1, peers: [PeerAddress(id: NodeID(2), host: "127.0.0.1", port: 1)])
    let dialer = try await TestNode.start(2, peers: [acceptor.address]) { $0.protocolVersions = 2...4 }
    let words = "node 2 speaks protocol 2 to 4, and node 1 protocol 1"
    try await dialer.until("it is refused") { _, events in events.wasRefused(by: NodeID(1), saying: words) }
    #expect(dialer.log.contains(words) && acceptor.log.contains(words))
    try await close([acceptor, dialer])
  }

  @Test(
    "once the cluster writes more, a peer that reads less is sent nothing, ends, and is refused with what to do"
  )
  func required() async throws {
    let nodes = try await nodes(.second, .first, .second)
    let sent = try await nodes[0].on { network, _ in
      network.require(.second)
      // In the very turn, before the connection has ended.
      return [2, 3].map { peer in
        network.send(.raft, to: NodeID(peer), lane: .control) { $0.writeInteger(UInt8(9)) }
      }
    }
    #expect(sent == [false, true])
    let words =
      "node 2 reads formats up to level 1, and cluster \"test\" is at level 2: "
      + "start node 2 with version 0.2.0 or newer"
    try await nodes[1].until("its own attempts are refused") { _, events in
      events.wasRefused(by: NodeID(1), saying: words)
    }
    try await nodes[0].until("attempts to reach it are given up") { _, events in
      events.wasRefused(by: NodeID(2), saying: words)
    }
    #expect(nodes[0].log.contains(words) && nodes[1].log.contains(words))
    let known = try await nodes[0].on { network, _ in
      (network.level(of: NodeID(2)), network.lastLevel(of: NodeID(2)), network.isConnected(NodeID(3)))
    }
    #expect(known == (nil, .first, true))
    try await close(nodes)
  }

  @Test("a node that is no member is known by what it has announced, so that it can be refused as one")
  func stranger() async throws {
    let one = try await TestNode.start(1)
    let old = try await TestNode.start(2, peers: [one.address]) { $0.level = .first }
    try await one.until("it has tried") { network, _ in network.lastLevel(of: NodeID(2)) == .first }
    try await one.on { network, _ in network.require(.second) }
    try await old.until("it hears why") { _, events in events.wasRefused(by: NodeID(1), saying: "level 2") }
    try await close([one, old])
  }

  @Test("a frame of a type that only newer nodes know is passed over")
  func unknownFrame() async throws {
    let node = try await TestNode.start(1, peers: [PeerAddress(id: NodeID(2), host: "127.0.0.1", port: 1)])
    let raw = try await RawPeer.connect(to: node.port)
    try await raw.greet(as: 2, to: 1)
    _ = try await raw.reply()
    try await raw.send(
      [0, 0, 0, 3, 1, 99, 0, 0, 0, 0, 0, 0, 0, 0, 7, 7, 7] + frame(.raft) { $0.writeInteger(UInt8(5)) })
    try await node.until("the frame behind it") { _, events in
      events.frames == [.frame(.raft, [5], NodeID(2), .control)]
    }
    try await raw.close()
    try await node.close()
  }
}
