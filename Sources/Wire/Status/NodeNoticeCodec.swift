package import Kernel
package import NIOCore
package import Protocol

extension NodeNotice {
  /// Before the identity of the group, and in its place.
  private static let groupFollows: UInt8 = 1
  private static let nothingFollows: UInt8 = 0

  /// Appends the fields in the order of their declaration; fractions as IEEE 754 doubles, big endian. A fraction
  /// that is negative or not a number is sent as 0.
  ///
  /// - Parameter reader: the highest level that the receiver reads. At level 1 nothing may stand behind the fields of
  ///   that level; from level 2 on, what a receiver does not know is passed over, so new fields go to the end.
  package func encode(into buffer: inout ByteBuffer, for reader: Level) {
    buffer.write(varint: appliedIndex)
    buffer.write(varint: commitIndex)
    buffer.write(sized: version.utf8.count <= Self.longestVersion ? version : "")
    buffer.write(varint: uptimeSeconds)
    buffer.write(varint: connections)
    buffer.write(varint: ownedSessions)
    buffer.write(fraction: cpu)
    buffer.write(fraction: loopLagMilliseconds)
    buffer.write(fraction: ackP99Milliseconds)
    buffer.write(varint: logBytes)
    buffer.write(fraction: fsyncP99Milliseconds)
    buffer.write(varint: snapshotIndex)
    buffer.write(varint: diskFreeBytes)
    buffer.write(flag: inUse)
    buffer.write(flag: diskIsFull)
    buffer.write(flag: isDraining)
    guard reader > .first else { return }
    buffer.write(varint: UInt64(level.rawValue))
    buffer.write(varint: conditions.rawValue)
    let told = members.filter { $0.text.utf8.count <= Self.longestAddress }.prefix(Self.mostMembers)
    buffer.write(varint: told.isEmpty ? 0 : membersIndex)
    if membersIndex > 0, !told.isEmpty {
      buffer.write(varint: UInt64(told.count))
      for member in told {
        buffer.write(varint: member.id)
        buffer.write(sized: member.text)
      }
    }
    if let group {
      buffer.writeMultipleIntegers(Self.groupFollows, group)
    } else if life != nil {
      buffer.writeInteger(Self.nothingFollows)
    }
    encodeIntegrity(into: &buffer)
  }

  /// Takes all of `buffer`; what a newer node says behind the fields that this build knows is passed over. Counts fit
  /// `Int`, so that a page may show them as they are.
  /// - Throws: `DecodingFailure` for bytes that `encode` could not have made.
  package static func decode(_ buffer: inout ByteBuffer) throws(DecodingFailure) -> NodeNotice {
    var notice = NodeNotice()
    notice.appliedIndex = try buffer.takeBoundedVarint()
    notice.commitIndex = try buffer.takeBoundedVarint()
    notice.version = try buffer.takeSizedString(limit: longestVersion)
    notice.uptimeSeconds = try buffer.takeBoundedVarint()
    notice.connections = try buffer.takeBoundedVarint()
    notice.ownedSessions = try buffer.takeBoundedVarint()
    notice.cpu = try buffer.takeFraction()
    notice.loopLagMilliseconds = try buffer.takeFraction()
    notice.ackP99Milliseconds = try buffer.takeFraction()
    notice.logBytes = try buffer.takeBoundedVarint()
    notice.fsyncP99Milliseconds = try buffer.takeFraction()
    notice.snapshotIndex = try buffer.takeBoundedVarint()
    notice.diskFreeBytes = try buffer.takeBoundedVarint()
    notice.inUse = try buffer.takeFlag()
    notice.diskIsFull = try buffer.takeFlag()
    notice.isDraining = try buffer.takeFlag()
    if buffer.readableBytes > 0 {
      notice.level = max(.first, Level(UInt16(clamping: try buffer.takeVarint())))
      // Nodes of level 1 say nothing of it.
      if notice.level > .first, buffer.readableBytes > 0 {
        notice.conditions = NodeConditions(rawValue: try buffer.takeVarint())
        try notice.takeMembers(&buffer)
        if buffer.readableBytes > 0, try buffer.takeUInt8() == groupFollows {
          notice.group = try buffer.takeUInt64()
        }
        try notice.takeIntegrity(&buffer)
      }
      buffer.skipRest()
    }
    return notice
  }

  /// An address that this build cannot use is passed over: another node may know a better one.
  private mutating func takeMembers(_ buffer: inout ByteBuffer) throws(DecodingFailure) {
    guard buffer.readableBytes > 0 else { return }
    membersIndex = try buffer.takeVarint()
    guard membersIndex > 0 else { return }
    for _ in 0..<(try buffer.takeCount(minimumElementSize: 2)) {
      let id = try buffer.takeVarint()
      let text = try buffer.takeSizedString(limit: Self.longestAddress)
      guard members.count < Self.mostMembers, let member = MemberAddress(id: id, text: text),
        member.problem == nil
      else { continue }
      members.append(member)
    }
    // Nobody is told: as if nothing had been said.
    if members.isEmpty { membersIndex = 0 }
  }
}

extension ByteBuffer {
  fileprivate mutating func write(fraction: Double) {
    writeInteger(fraction.isFinite && fraction > 0 ? fraction.bitPattern : 0)
  }

  /// Finite and not negative, as JSON knows no other numbers, and so far from the largest that a page may reckon with it.
  fileprivate mutating func takeFraction() throws(DecodingFailure) -> Double {
    let value = Double(bitPattern: try takeUInt64())
    guard value.isFinite, value >= 0 else { throw .invalid("a fraction is negative or not a number") }
    return min(value, 1e15)
  }
}
