/// Builds a byte string: integers big endian, lengths as varints (LEB128: seven bits a byte, low ones first).
package struct ByteWriter: Sendable {
  package var bytes: [UInt8]

  package init(reservingCapacity capacity: Int = 0) {
    bytes = []
    if capacity > 0 { bytes.reserveCapacity(capacity) }
  }

  @inlinable @inline(__always)
  package mutating func write(_ value: UInt8) { bytes.append(value) }

  /// Writes all bytes of the integer, the highest first.
  @inlinable @inline(__always)
  package mutating func write<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
    if Value.bitWidth == 8 {
      bytes.append(UInt8(truncatingIfNeeded: value))
    } else {
      withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
  }

  /// The bits of a signed integer in two's complement, the highest byte first.
  @inlinable
  package mutating func write(_ value: Int32) {
    write(UInt32(bitPattern: value))
  }

  /// One to ten bytes, and always the fewest that can hold the value.
  @inlinable
  package mutating func writeVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// The length as a varint, then the bytes.
  @inlinable
  package mutating func write(bytes value: [UInt8]) {
    writeVarint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  /// The length in bytes as a varint, then the UTF-8.
  @inlinable
  package mutating func write(string value: String) {
    let utf8 = value.utf8
    writeVarint(UInt64(utf8.count))
    bytes.append(contentsOf: utf8)
  }

  /// The bytes alone, without their length.
  @inlinable
  package mutating func write(raw value: [UInt8]) {
    bytes.append(contentsOf: value)
  }
}
