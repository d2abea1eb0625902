import Kernel
import NIOCore
import Protocol

/// The part of a notice that nodes hold each other against: `u8` 1, life `u64`, start, durable, address, what was heard of others,
/// digests, and `u8` 1 and a finding or 0; behind it, from 0.2.0 on, the time of day as a varint. A position is its term and
/// index as varints.
extension NodeNotice {
  private static let integrityFollows: UInt8 = 1

  func encodeIntegrity(into buffer: inout ByteBuffer) {
    guard let life else { return }
    buffer.writeMultipleIntegers(Self.integrityFollows, life)
    buffer.write(start)
    buffer.write(durable)
    buffer.write(sized: address.utf8.count <= Self.longestAddress ? address : "")
    let heard = heard.prefix(Self.mostMembers)
    buffer.write(varint: UInt64(heard.count))
    for store in heard {
      buffer.write(varint: store.node)
      buffer.writeInteger(store.life)
      buffer.write(store.before)
      buffer.write(store.now)
    }
    let digests = digests.prefix(Self.mostDigests)
    buffer.write(varint: UInt64(digests.count))
    for digest in digests {
      buffer.write(varint: digest.index)
      buffer.writeInteger(digest.value)
    }
    buffer.write(flag: finding != nil)
    if let finding {
      buffer.writeInteger(finding.life)
      buffer.write(finding.told)
    }
    if let timeOfDay { buffer.write(varint: timeOfDay) }
  }

  mutating func takeIntegrity(_ buffer: inout ByteBuffer) throws(DecodingFailure) {
    guard buffer.readableBytes > 0, try buffer.takeUInt8() == Self.integrityFollows else { return }
    life = try buffer.takeUInt64()
    start = try buffer.takePosition()
    durable = try buffer.takePosition()
    address = try buffer.takeSizedString(limit: Self.longestAddress)
    for _ in 0..<(try buffer.takeCount(minimumElementSize: 13)) {
      let store = HeardStore(
        node: try buffer.takeVarint(), life: try buffer.takeUInt64(), before: try buffer.takePosition(),
        now: try buffer.takePosition())
      if heard.count < Self.mostMembers { heard.append(store) }
    }
    for _ in 0..<(try buffer.takeCount(minimumElementSize: 9)) {
      let digest = StateDigest(index: try buffer.takeBoundedVarint(), value: try buffer.takeUInt64())
      if digests.count < Self.mostDigests { digests.append(digest) }
    }
    if try buffer.takeFlag() {
      finding = OldStoreFinding(life: try buffer.takeUInt64(), told: try buffer.takePosition())
    }
    // Those of before do not tell it.
    if buffer.readableBytes > 0 { timeOfDay = try buffer.takeVarint() }
  }
}

extension ByteBuffer {
  fileprivate mutating func write(_ position: StorePosition) {
    write(varint: position.term)
    write(varint: position.index)
  }

  fileprivate mutating func takePosition() throws(DecodingFailure) -> StorePosition {
    StorePosition(term: try takeBoundedVarint(), index: try takeBoundedVarint())
  }
}
