import NIOCore
import Peering
import Raft
import TestLog
import Testing
import Wire

@Suite("Who may connect", .serialized)
struct GreetingTests {
  /// Node 2 dials node 1, and both tell why it is not taken.
  private func expectRefusal(
    _ words: String, dialer: TestNode, acceptor: TestNode, at target: NodeID = NodeID(1)
  ) async throws {
    try await dialer.until("it is refused") { _, events in events.wasRefused(by: target, saying: words) }
    #expect(dialer.log.contains(words))
    #expect(acceptor.log.contains(words))
    #expect(try await dialer.on { _, events in !events.isUp(target, .control) })
    #expect(try await acceptor.on { _, events in events.losses(of: dialer.id) } == [])
    try await dialer.close()
    try await acceptor.close()
  }

  @Test("a node of another cluster is refused")
  func cluster() async throws {
    let acceptor = try await TestNode.start(1, peers: [PeerAddress(id: NodeID(2), host: "127.0.0.1", port: 1)])
    let dialer = try await TestNode.start(2, cluster: "other", peers: [acceptor.address])
    try await expectRefusal(
      "node 2 belongs to cluster \"other\", and node 1 to cluster \"test\"", dialer: dialer, acceptor: acceptor)
  }

  @Test("a node of another protocol version is refused")
  func protocolVersion() async throws {
    let acceptor = try await TestNode.start(1, peers: [PeerAddress(id: NodeID(2), host: "127.0.0.1", port: 1)])
    let dialer = try await TestNode.start(2, peers: [acceptor.address]) { $0.protocolVersions = 9...9 }
    try await expectRefusal("speaks protocol 9", dialer: dialer, acceptor: acceptor)
  }

  @Test("a node that is no member is refused")
  func unknown() async throws {
    let acceptor = try await TestNode.start(1)
    let dialer = try await TestNode.start(2, peers: [acceptor.address])
    try await expectRefusal("node 2 is not among the peers", dialer: dialer, acceptor: acceptor)
  }

  @Test("a second node with this node's id is refused")
  func ownID() async throws {
    let acceptor = try await TestNode.start(1)
    let raw = try await RawPeer.connect(to: acceptor.port)
    try await raw.greet(as: 1, to: 1)
    #expect(try await raw.reply().refusal == .ownNode)
    try await raw.ended()
    try await acceptor.close()
  }

  @Test("a node that is found at the address of another is told by both")
  func wrongAddress() async throws {
    let acceptor = try await TestNode.start(1, peers: [PeerAddress(id: NodeID(2), host: "127.0.0.1", port: 1)])
    let dialer = try await TestNode.start(
      2, peers: [PeerAddress(id: NodeID(3), host: "127.0.0.1", port: acceptor.port)])
    try await expectRefusal(
      "node 2 means to reach node 3, and this is node 1", dialer: dialer, acceptor: acceptor, at: NodeID(3))
  }

  @Test("the side that dials checks who answers as well")
  func wrongAnswer() async throws {
    let mute = try await MutePeer.start(3, reads: true)
    let one = try await TestNode.start(
      1, peers: [PeerAddress(id: NodeID(2), host: "127.0.0.1", port: mute.address.port)])
    try await one.until("the answer is refused") { _, events in
      events.wasRefused(by: NodeID(2), saying: "node 3 answers at the address of node 2")
    }
    let other = try await TestNode.start(1, cluster: "other", peers: [mute.address])
    try await other.until("the answer is refused") { _, events in
      events.wasRefused(by: NodeID(3), saying: "belongs to cluster \"test\"")
    }
    try await one.close()
    try await other.close()
    try await mute.close()
  }

  @Test("a stranger who says nothing is shown the door")
  func silentStranger() async throws {
    let one = try await TestNode.start(1) { $0.handshakeTimeout = .milliseconds(100) }
    let raw = try await RawPeer.connect(to: one.port)
    try await raw.ended()
    try await one.close()
  }

  @Test("strangers cannot pile up")
  func manyStrangers() async throws {
    let one = try await TestNode.start(1)
    var strangers: [RawPeer] = []
    try await one.setPeers([PeerAddress(id: NodeID(2), host: "127.0.0.1", port: 1)])
    for _ in 0..<65 { strangers.append(try await RawPeer.connect(to: one.port)) }
    // They are accepted in order, and from a member's address: the last one is one too many, and the first one goes.
    try await strangers[0].ended()
    try await strangers[64].close()
    try await one.close()
  }
}
