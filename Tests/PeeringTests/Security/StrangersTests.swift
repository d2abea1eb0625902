import NIOCore
import Raft
import TestLog
import Testing
import Wire

@testable import Peering

@Suite("Strangers at the peer port")
struct StrangersTests {
  private final class Guest {
    var isProven = false
  }

  private var strangers = Strangers<Guest>(most: 8, perAddress: 3)

  /// - Returns: who had to go; nil for nobody.
  private mutating func admit(
    _ guest: Guest, from address: String, isMembers: Bool = false
  ) -> (isIn: Bool, evicted: Guest?) {
    switch strangers.admit(guest, from: address, isMembers: isMembers, isProven: \.isProven) {
    case .admitted(let evicted): (true, evicted)
    case .refused: (false, nil)
    }
  }

  @Test("an address that is no member's has a share, in which the oldest gives way")
  mutating func share() {
    let guests = (0..<4).map { _ in Guest() }
    for guest in guests.prefix(3) { #expect(admit(guest, from: "a").evicted == nil) }
    #expect(admit(guests[3], from: "a").evicted === guests[0])
    #expect(admit(Guest(), from: "b").evicted == nil)
    #expect(strangers.guests.count == 4)
  }

  @Test("a member's address gets in whoever is there, and does not give way to others")
  mutating func members() {
    let crowd = (0..<8).map { _ in Guest() }
    for (number, guest) in crowd.enumerated() { #expect(admit(guest, from: "\(number)").isIn) }
    let member = Guest()
    #expect(admit(member, from: "m", isMembers: true).evicted === crowd[0])
    for number in 0..<100 {
      let (isIn, evicted) = admit(Guest(), from: "x\(number)")
      #expect(isIn && evicted !== member)
    }
    for _ in 0..<20 { #expect(admit(Guest(), from: "m", isMembers: true).isIn) }
    #expect(strangers.guests.count == 8)
  }

  @Test("who has shown a certificate stays, also among its own address")
  mutating func proven() {
    let proven = Guest()
    proven.isProven = true
    #expect(admit(proven, from: "a").isIn)
    for _ in 0..<50 { _ = admit(Guest(), from: "a") }
    for number in 0..<50 { _ = admit(Guest(), from: "\(number)") }
    for _ in 0..<50 { _ = admit(Guest(), from: "m", isMembers: true) }
    #expect(strangers.guests.contains { $0 === proven })
    strangers.remove(proven)
    #expect(!strangers.guests.contains { $0 === proven })
  }

  @Test("a crowd that does not greet keeps no member out", arguments: [false, true])
  func crowd(isTLS: Bool) async throws {
    let certificates = isTLS ? try TestCertificates() : nil
    let one = try await TestNode.start(1, tls: certificates?.node(1)) { $0.handshakeTimeout = .minutes(30) }
    var crowd: [RawPeer] = []
    for _ in 0..<200 { crowd.append(try await RawPeer.connect(to: one.port)) }
    let two = try await TestNode.start(2, tls: certificates?.node(2))
    try await one.setPeers([two.address])
    try await two.setPeers([one.address])
    try await two.waitForLinks(to: one.id)
    #expect(try await two.send(.raft, [1], to: one.id))
    try await one.until("a frame of the member") { _, events in
      events.frames.contains(.frame(.raft, [1], NodeID(2), .control))
    }
    #expect(one.log.contains("do not greet"))
    for peer in crowd { try? await peer.close() }
    try await one.close()
    try await two.close()
  }

  @Test("however many names strangers give themselves, the log has one line of each kind of refusal")
  func names() async throws {
    let one = try await TestNode.start(1)
    for number in 0..<80 {
      let raw = try await RawPeer.connect(to: one.port)
      let cluster = number % 2 == 0 ? "test" : "other \(number)"
      try await raw.greet(as: UInt64(1_000 + number), to: 1, cluster: cluster)
      #expect(try await raw.reply().refusal == (number % 2 == 0 ? .unknownNode : .otherCluster))
      try await raw.ended()
    }
    #expect(one.log.count("a peer is refused") == 2)
    #expect(one.log.count("ended before it was taken") == 1)
    try await one.close()
  }

  @Test("no more than so much is news in a minute, and what was said is not said again for others")
  func news() {
    var news = RecentNews()
    let first = news.isNew("first", at: .uptimeNanoseconds(0))
    var told = 0
    for number in 0..<1_000 where news.isNew("\(number)", at: .uptimeNanoseconds(1)) { told += 1 }
    let again = news.isNew("first", at: .uptimeNanoseconds(2))
    let later = news.isNew("first", at: .uptimeNanoseconds(2) + .minutes(1))
    #expect(first && told < 100 && !again && later)
  }

  @Test(
    "without TLS nobody listens where others reach the port, unless that is said", arguments: ["0.0.0.0", "::"])
  func plaintext(host: String) async throws {
    await #expect(throws: PeeringError.self) { try await TestNode.start(1) { $0.listenHost = host } }
    let allowed = try await TestNode.start(1) {
      $0.listenHost = "0.0.0.0"
      $0.allowsPlaintext = true
    }
    try await allowed.close()
  }
}
