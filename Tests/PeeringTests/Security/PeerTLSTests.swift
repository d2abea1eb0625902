import NIOCore
import Peering
import Raft
import TestLog
import Testing
import Wire

@Suite("Certificates of peers", .serialized)
struct PeerTLSTests {
  @Test("peers with certificates of the cluster's authority speak with each other")
  func mutual() async throws {
    let certificates = try TestCertificates()
    let (one, two) = try await (
      TestNode.start(1, tls: certificates.node(1)), TestNode.start(2, tls: certificates.node(2))
    )
    try await TestNode.meet([one, two])
    let large = [UInt8](repeating: 3, count: 1_000_000)
    #expect(try await one.send(.raft, large, to: two.id))
    #expect(try await two.send(.chunk, [2], to: one.id, lane: .bulk))
    try await two.until("a frame") { _, events in events.frames == [.frame(.raft, large, NodeID(1), .control)] }
    try await one.until("a frame") { _, events in events.frames == [.frame(.chunk, [2], NodeID(2), .bulk)] }
    // The end of a peer is seen through TLS as well.
    try await two.close()
    try await one.until("the end") { _, events in events.losses(of: NodeID(2)).count == 2 }
    try await one.close()
  }

  @Test("a certificate of another authority is refused on both sides")
  func otherAuthority() async throws {
    let (ours, theirs) = try (TestCertificates(), TestCertificates())
    let one = try await TestNode.start(1, tls: ours.node(1))
    let two = try await TestNode.start(2, tls: theirs.node(2))
    try await one.setPeers([two.address])
    try await two.setPeers([one.address])
    for (node, other) in [(one, two), (two, one)] {
      try await node.until("TLS fails, and it is said which side is not content") { _, events in
        events.wasRefused(by: other.id, saying: "does not believe the certificate of node \(other.id)")
      }
      // Whoever is dialled says it as well, and neither speaks of the library's routines.
      try await node.until("the log of the dialled one says it") { _, _ in
        node.log.contains("its authority is not in the peer.tls.ca of whoever comes")
      }
      #expect(!node.log.contains("OPENSSL"), "\(node.log)")
      #expect(try await node.on { _, events in events.losses(of: other.id) } == [])
    }
    try await one.close()
    try await two.close()
  }

  @Test("a member that dials in the name of another is refused")
  func otherNode() async throws {
    let certificates = try TestCertificates()
    let one = try await TestNode.start(
      1, peers: [PeerAddress(id: NodeID(2), host: "127.0.0.1", port: 1)], tls: certificates.node(1))
    let false2 = try await TestNode.start(2, peers: [one.address], tls: certificates.node(3))
    let words = "node 2 must show a certificate for the DNS name node2, and its own is for node3"
    try await false2.until("it is refused") { _, events in events.wasRefused(by: NodeID(1), saying: words) }
    #expect(one.log.contains(words))
    #expect(try await one.on { _, events in events.losses(of: NodeID(2)) } == [])
    try await one.close()
    try await false2.close()
  }

  @Test("a member that answers in the name of another is refused")
  func otherAnswer() async throws {
    let certificates = try TestCertificates()
    let false2 = try await TestNode.start(2, tls: certificates.node(3))
    let one = try await TestNode.start(1, peers: [false2.address], tls: certificates.node(1))
    try await one.until("it is refused") { _, events in
      events.wasRefused(by: NodeID(2), saying: "is for another name")
    }
    try await one.close()
    try await false2.close()
  }

  @Test("a common name alone does not stand for a node")
  func commonName() async throws {
    let certificates = try TestCertificates()
    let one = try await TestNode.start(
      1, peers: [PeerAddress(id: NodeID(2), host: "127.0.0.1", port: 1)], tls: certificates.node(1))
    let two = try await TestNode.start(
      2, peers: [one.address], tls: certificates.node(2, alternativeName: nil))
    try await two.until("it is refused") { _, events in
      events.wasRefused(by: NodeID(1), saying: "its own is for none")
    }
    try await one.close()
    try await two.close()
  }

  @Test("whoever speaks plainly to a port that wants certificates is turned away")
  func plain() async throws {
    let certificates = try TestCertificates()
    let one = try await TestNode.start(
      1, peers: [PeerAddress(id: NodeID(2), host: "127.0.0.1", port: 1)], tls: certificates.node(1))
    let raw = try await RawPeer.connect(to: one.port)
    try await raw.greet(as: 2, to: 1)
    try await raw.ended()
    try await one.until("it is said in words") { _, _ in
      one.log.contains("it does not speak TLS, and this port does")
    }
    #expect(try await one.on { _, events in events.frames.count + events.losses(of: NodeID(2)).count } == 0)
    try await one.close()
  }

  @Test("a file that is not there is named")
  func missingFile() async throws {
    let certificates = try TestCertificates()
    var tls = try certificates.node(1)
    tls.privateKeyFile += ".missing"
    let broken = tls
    await #expect {
      _ = try await TestNode.start(1, tls: broken)
    } throws: { error in
      "\(error)".contains(broken.privateKeyFile) && "\(error)".contains("private key")
    }
  }
}
