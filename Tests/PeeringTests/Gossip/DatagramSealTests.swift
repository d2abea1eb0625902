import Gossip
import Peering
import Testing

@Suite("The seal of gossip datagrams")
struct DatagramSealTests {
  static func key(_ id: UInt8, _ fill: UInt8? = nil) throws -> GossipKeyRing.Key {
    try GossipKeyRing.Key(id: id, secret: Array(repeating: fill ?? id, count: 32))
  }

  static func seal(_ keys: [GossipKeyRing.Key], cluster: String = "main") throws -> DatagramSeal {
    DatagramSeal(ring: try GossipKeyRing(keys), cluster: cluster)
  }

  static let datagram = Array("a datagram".utf8)

  @Test("what one node seals another opens, and knows who sent it; nobody can read it on the way")
  func roundTrip() throws {
    let seal = try Self.seal([Self.key(1)])
    for datagram in [[], Self.datagram, Array(repeating: 7, count: 1_400)] {
      let packet = try seal.seal(datagram, from: MemberID(0x0102_0304_0506_0708))
      #expect(packet.count == datagram.count + DatagramSeal.overhead)
      let opened = seal.open(packet)
      #expect(opened?.datagram == datagram)
      #expect(opened?.sender == MemberID(0x0102_0304_0506_0708))
    }
    let packet = try seal.seal(Self.datagram, from: MemberID(3))
    #expect(!packet.indices.contains { packet[$0...].starts(with: Self.datagram) })
    // The largest packet still fits into an Ethernet frame under IPv6 and UDP.
    #expect(1_400 + DatagramSeal.overhead <= 1_452)
  }

  @Test("the same datagram is never sealed alike")
  func nonces() throws {
    let seal = try Self.seal([Self.key(1)])
    var packets: Set<[UInt8]> = []
    for _ in 0..<100 { packets.insert(try seal.seal(Self.datagram, from: MemberID(3))) }
    #expect(packets.count == 100)
  }

  @Test("every flipped bit and every shortened packet is refused")
  func tampered() throws {
    let seal = try Self.seal([Self.key(1), Self.key(0), Self.key(3)])
    let packet = try seal.seal(Self.datagram, from: MemberID(3))
    for bit in 0..<packet.count * 8 {
      var changed = packet
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(seal.open(changed) == nil, "bit \(bit)")
    }
    for length in 0..<packet.count { #expect(seal.open(Array(packet[..<length])) == nil) }
    #expect(seal.open(packet + [0]) == nil)
  }

  @Test("another cluster with the same secret, another secret, and an unknown key number are refused")
  func foreign() throws {
    let packet = try Self.seal([Self.key(1)]).seal(Self.datagram, from: MemberID(3))
    #expect(try Self.seal([Self.key(1)], cluster: "other").open(packet) == nil)
    #expect(try Self.seal([Self.key(1, 9)]).open(packet) == nil)
    #expect(try Self.seal([Self.key(2, 1)]).open(packet) == nil)
    #expect(try Self.seal([Self.key(1)]).open(packet) != nil)
  }

  @Test("a secret is replaced without a gap: at each step every node opens what every other seals")
  func rotation() throws {
    let old = try Self.key(1)
    let new = try Self.key(2)
    let steps = [[old], [old, new], [new, old], [new]]
    for (before, after) in zip(steps, steps.dropFirst()) {
      // One node has taken the step, the other has not.
      let one = try Self.seal(before)
      let other = try Self.seal(after)
      #expect(other.open(try one.seal(Self.datagram, from: MemberID(1)))?.datagram == Self.datagram)
      #expect(one.open(try other.seal(Self.datagram, from: MemberID(2)))?.datagram == Self.datagram)
    }
    let first = try Self.seal([old])
    let last = try Self.seal([new])
    #expect(last.open(try first.seal(Self.datagram, from: MemberID(1))) == nil)
  }

  @Test("a ring without keys, with a number twice, or with a short secret is refused")
  func badRings() throws {
    #expect(throws: PeeringError.self) { try GossipKeyRing([]) }
    #expect(throws: PeeringError.self) { try GossipKeyRing([Self.key(1), Self.key(1, 2)]) }
    #expect(throws: PeeringError.self) { try GossipKeyRing.Key(id: 1, secret: Array(repeating: 0, count: 31)) }
  }
}
