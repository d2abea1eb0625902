import Raft
import Testing

@Suite struct MembershipCodingTests {
  private func ids(_ numbers: UInt64...) -> [NodeID] { numbers.map { NodeID($0) } }

  private var full: Membership {
    Membership(
      voters: ids(1, 2, 4), outgoing: ids(1, 2, 3), learners: ids(3, 5), joining: ids(5), leaving: ids(2),
      addresses: [.init(id: NodeID(5), text: "five:9101=http://fünf")])
  }

  @Test("what was encoded is decoded as it was, in whatever order it was listed")
  func comesBack() throws {
    for membership in [full, Membership(voters: ids(7)), Membership(voters: ids(3, 1, 2), learners: ids(9, 8))]
    {
      let decoded = try Membership(encoded: membership.encoded())
      #expect(decoded == membership)
    }
    #expect(Membership(voters: ids(2, 1)).encoded() == Membership(voters: ids(1, 2)).encoded())
  }

  @Test("the bytes are those of version 1")
  func bytesOfVersionOne() {
    let bytes = Membership(voters: ids(1), learners: ids(258)).encoded()
    #expect(
      bytes == [1] + [0, 1, 0, 0, 0, 0, 0, 0, 0, 1] + [0, 0] + [0, 1, 0, 0, 0, 0, 0, 0, 1, 2] + [
        0, 0, 0, 0, 0, 0,
      ])
  }

  @Test("bytes that are cut anywhere, go on after their end, or are of another version are refused")
  func damagedBytes() {
    let bytes = full.encoded()
    for length in bytes.indices {
      #expect(throws: RaftError.self) { try Membership(encoded: Array(bytes.prefix(length))) }
    }
    #expect(throws: RaftError.self) { try Membership(encoded: bytes + [0]) }
    #expect(throws: RaftError.self) { try Membership(encoded: [2] + bytes.dropFirst()) }
  }

  @Test("a flipped bit is refused, or gives a configuration that a group could work under")
  func flippedBits() throws {
    let bytes = full.encoded()
    for position in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[position] ^= 1 << UInt8(bit)
        guard let membership = try? Membership(encoded: damaged) else { continue }
        try membership.validate()
      }
    }
  }

  @Test("random bytes never trap")
  func randomBytes() {
    var dice = Dice(seed: 5)
    for _ in 0..<2000 {
      let tail = (0..<dice.below(60)).map { _ in UInt8(dice.below(dice.chance(50) ? 3 : 256)) }
      _ = try? Membership(encoded: [1] + tail)
    }
  }

  @Test(
    "a configuration under which no group could work is refused, with what is allowed",
    arguments: [
      (Membership(voters: []), "no voters"),
      (Membership(voters: [one, one]), "node 1 twice"),
      (Membership(voters: [NodeID(0), one]), "node 0"),
      (Membership(voters: [one], learners: [one]), "as voter and as learner"),
      (Membership(voters: [one], joining: [two]), "which is no learner"),
      (Membership(voters: (1...64).map { NodeID($0) }), "at most 63"),
    ])
  func impossible(membership: Membership, reason: String) {
    let error = #expect(throws: RaftError.self) { try membership.validate() }
    #expect(error?.description.contains(reason) == true)
  }

  @Test("the identity of a group stands among the addresses, where releases that know of none pass over it")
  func identity() throws {
    var membership = Membership(
      voters: [NodeID(1), NodeID(2)], addresses: [.init(id: NodeID(2), text: "node2 h:1 http://h:2")])
    let without = membership.encoded()
    for identity in [0, 1, 0xFEDC_BA98, .max] as [UInt64] {
      membership.identity = identity
      #expect(try Membership(encoded: membership.encoded()) == membership)
      #expect(membership.encoded().count == without.count + 8 + 2 + 16)
    }
  }
}
