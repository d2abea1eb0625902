package import Kernel
package import NIOCore
package import Protocol

extension NodeNotice {
  /// Appends the fields in the order of their declaration; fractions as IEEE 754 doubles, big endian. A fraction
  /// that is negative or not a number is sent as 0.
  package func encode(into buffer: inout ByteBuffer) {
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
  }

  /// Takes all of `buffer`. Counts fit `Int`, so that a page may show them as they are.
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
    try buffer.expectEnd()
    return notice
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
