import NIOCore
import Peering
import Raft
import TestLog
import Testing
import Wire

@Suite("Bytes that no peer sends", .serialized)
struct HostilePeerTests {
  private static let nowhere = PeerAddress(id: NodeID(3), host: "127.0.0.1", port: 1)

  /// Nodes 1 and 2, linked; node 1 also knows a node 3, in whose name the test speaks.
  private func pair(
    _ adjust: (inout PeeringConfiguration) -> Void = { _ in }
  ) async throws -> (TestNode, TestNode) {
    let (one, two) = try await (TestNode.start(1, adjust), TestNode.start(2))
    try await one.setPeers([two.address, Self.nowhere])
    try await two.setPeers([one.address])
    try await one.waitForLinks(to: two.id)
    try await two.waitForLinks(to: one.id)
    // The first attempts may have come too early.
    for node in [one, two] { try await node.on { _, events in events.clear() } }
    return (one, two)
  }

  /// The links between the two have not noticed anything.
  private func expectUnharmed(_ one: TestNode, _ two: TestNode) async throws {
    #expect(try await two.send(.raft, [42], to: one.id))
    try await one.until("a frame of the other peer") { _, events in
      events.frames.contains(.frame(.raft, [42], NodeID(2), .control))
    }
    #expect(try await one.on { _, events in events.ends(of: NodeID(2)) + events.losses(of: NodeID(2)) } == [])
    #expect(try await two.on { _, events in events.ends(of: NodeID(1)) + events.losses(of: NodeID(1)) } == [])
    try await one.close()
    try await two.close()
  }

  @Test("garbage in place of a greeting ends that connection alone")
  func garbage() async throws {
    let (one, two) = try await pair()
    for garbage in [
      Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), [UInt8](repeating: 0, count: 64),
      [UInt8](repeating: 0xFF, count: 64), frame(.raft) { $0.writeInteger(1) }, frame(.hello),
      frame(.hello) { $0.writeRepeatingByte(1, count: 1025) },
    ] {
      let raw = try await RawPeer.connect(to: one.port)
      try await raw.send(garbage)
      try await raw.ended()
    }
    try await expectUnharmed(one, two)
  }

  @Test(
    "what breaks the protocol after the greeting ends that connection alone",
    arguments: [
      [0, 0, 0, 0, 2, 16, 0, 0, 0, 0, 0, 0, 0, 0],
      frame(.hello), frame(.helloReply), frame(.pong), frame(.ping) { $0.writeRepeatingByte(1, count: 65) },
      // 1,001 bytes are announced, none of them is sent: refused before it is waited for.
      [0, 0, 3, 0xE9, 1, 16, 0, 0, 0, 0, 0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF, 1, 16, 0, 0, 0, 0, 0, 0, 0, 0],
    ] as [[UInt8]])
  func violations(bytes: [UInt8]) async throws {
    let (one, two) = try await pair { $0.maxFrameBytes = 1000 }
    let raw = try await RawPeer.connect(to: one.port)
    try await raw.greet(as: 3, to: 1)
    #expect(try await raw.reply().refusal == nil)
    try await raw.send(frame(.notice))
    await raw.sendIfPossible(bytes)
    try await raw.ended()
    try await one.until("the loss of it, and why") { _, events in
      if case .violation = events.losses(of: NodeID(3)).first { true } else { false }
    }
    #expect(one.log.contains("protocol violation"))
    #expect(
      try await one.on { _, events in events.frames } == [.frame(.notice, [], NodeID(3), .control)])
    try await expectUnharmed(one, two)
  }

  @Test("the largest allowed frame is taken, cut into the smallest pieces")
  func pieces() async throws {
    let (one, two) = try await pair { $0.maxFrameBytes = 100 }
    let raw = try await RawPeer.connect(to: one.port)
    try await raw.greet(as: 3, to: 1)
    #expect(try await raw.reply().refusal == nil)
    for byte in frame(.raft, { $0.writeRepeatingByte(9, count: 100) }) { try await raw.send([byte]) }
    try await one.until("the frame") { _, events in
      events.frames == [.frame(.raft, [UInt8](repeating: 9, count: 100), NodeID(3), .control)]
    }
    try await raw.close()
    try await expectUnharmed(one, two)
  }
}
