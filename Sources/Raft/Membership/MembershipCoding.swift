/// The bytes of a configuration, as they stand in an entry of the log and in the header of a snapshot:
/// `version u8 = 1`, then voters, outgoing, learners, joining and leaving, each a `count u16` and ids `u64`, then
/// the addresses: `count u16`, and for each the id `u64`, a `length u16` and UTF-8. Big endian.
///
/// The identity of the group is written as the address of a node that there never is, in 16 hexadecimal digits. So the
/// releases that know of no identity read it, and look at it no further.
extension Membership {
  /// No member has this number.
  package static let identityPlace = NodeID(.max)

  /// A group of more members would be slower, not safer.
  package static let maxMembers = 63
  private static let maxAddressBytes = 1024

  package func encoded() -> [UInt8] {
    var bytes: [UInt8] = [1]
    for list in [voters, outgoing, learners, joining, leaving] {
      Membership.put(UInt64(list.count), width: 2, into: &bytes)
      for id in list { Membership.put(id.rawValue, width: 8, into: &bytes) }
    }
    let addresses = addresses.filter { $0.id != Membership.identityPlace }
    let all = addresses + (identity.map { [Membership.text(of: $0)] } ?? [])
    Membership.put(UInt64(all.count), width: 2, into: &bytes)
    for address in all {
      let text = Array(address.text.utf8.prefix(Membership.maxAddressBytes))
      Membership.put(address.id.rawValue, width: 8, into: &bytes)
      Membership.put(UInt64(text.count), width: 2, into: &bytes)
      bytes += text
    }
    return bytes
  }

  /// - Throws: for bytes that `encoded()` of a membership that can work would not give.
  package init(encoded bytes: [UInt8]) throws(RaftError) {
    var reader = Reader(bytes: bytes)
    guard try reader.take(1) == 1 else {
      throw RaftError("a configuration of the group is of an unknown format: use the version that wrote it")
    }
    self.init(
      voters: try reader.takeIDs(), outgoing: try reader.takeIDs(), learners: try reader.takeIDs(),
      joining: try reader.takeIDs(), leaving: try reader.takeIDs(), addresses: try reader.takeAddresses())
    guard reader.isAtEnd else { throw Reader.damaged }
    identity = address(of: Membership.identityPlace).flatMap { UInt64($0, radix: 16) }
    addresses.removeAll { $0.id == Membership.identityPlace }
    try validate()
  }

  private static func text(of identity: UInt64) -> Address {
    let digits = String(identity, radix: 16)
    return Address(
      id: identityPlace, text: String(repeating: "0", count: 16 - digits.utf8.count) + digits)
  }

  /// - Throws: for a configuration under which a group could not work.
  package func validate() throws(RaftError) {
    if voters.isEmpty {
      throw RaftError("the membership has no voters: list the ids of all members that vote")
    }
    for list in [voters, outgoing, learners, joining, leaving, addresses.map(\.id)] {
      for (left, right) in zip(list, list.dropFirst()) where left == right {
        throw RaftError("the membership names node \(left) twice: list every member once")
      }
      if list.first?.rawValue == 0 { throw RaftError("the membership names node 0: ids start at 1") }
    }
    if members.count > Membership.maxMembers {
      throw RaftError("the membership has \(members.count) members: at most \(Membership.maxMembers) can work")
    }
    if let id = learners.first(where: { voters.contains($0) }) {
      throw RaftError("the membership names node \(id) as voter and as learner: it can be one of them")
    }
    if let id = joining.first(where: { !learners.contains($0) }) {
      throw RaftError("the membership lets node \(id) join, which is no learner")
    }
  }

  private static func put(_ value: UInt64, width: Int, into bytes: inout [UInt8]) {
    for position in (0..<width).reversed() {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(position * 8)))
    }
  }

  private struct Reader {
    static let damaged = RaftError("a configuration of the group is damaged: rebuild this node from its peers")
    let bytes: [UInt8]
    var position = 0
    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ width: Int) throws(RaftError) -> UInt64 {
      guard bytes.count - position >= width else { throw Reader.damaged }
      var value: UInt64 = 0
      for _ in 0..<width {
        value = value << 8 | UInt64(bytes[position])
        position += 1
      }
      return value
    }

    mutating func takeIDs() throws(RaftError) -> [NodeID] {
      let count = Int(try take(2))
      guard count <= Membership.maxMembers else { throw Reader.damaged }
      var ids: [NodeID] = []
      for _ in 0..<count { ids.append(NodeID(try take(8))) }
      return ids
    }

    mutating func takeAddresses() throws(RaftError) -> [Address] {
      let count = Int(try take(2))
      guard count <= Membership.maxMembers + 1 else { throw Reader.damaged }
      var addresses: [Address] = []
      for _ in 0..<count {
        let id = NodeID(try take(8))
        let length = Int(try take(2))
        guard length <= Membership.maxAddressBytes, bytes.count - position >= length else {
          throw Reader.damaged
        }
        let text = String(decoding: bytes[position..<position + length], as: UTF8.self)
        position += length
        addresses.append(Address(id: id, text: text))
      }
      return addresses
    }
  }
}
