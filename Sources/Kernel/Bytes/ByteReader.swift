/// Reads what `ByteWriter` has written. Any bytes may be given: what is wrong with them is thrown as a
/// `DecodingFailure`, nothing traps, and no memory is taken for a length that the bytes cannot hold.
/// After a failure the offset is unspecified: drop the reader.
package struct ByteReader: Sendable {
  @usableFromInline let bytes: [UInt8]
  /// Where the next read begins.
  @inlinable package var offset: Int { place }
  @usableFromInline var place: Int

  /// - Parameter start: clamped to the bytes that there are.
  package init(_ bytes: [UInt8], from start: Int = 0) {
    self.bytes = bytes
    place = min(max(start, 0), bytes.count)
  }

  package var remaining: Int { bytes.count - offset }
  package var isAtEnd: Bool { offset == bytes.count }

  /// - Parameter place: clamped to the bytes that there are.
  package mutating func move(to place: Int) {
    self.place = min(max(place, 0), bytes.count)
  }

  /// The next byte, which stays to be read; nil: there is none.
  package var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  @inlinable
  package mutating func readUInt8() throws(DecodingFailure) -> UInt8 {
    guard offset < bytes.count else { throw .truncated }
    let value = bytes[offset]
    place += 1
    return value
  }

  package mutating func readUInt16() throws(DecodingFailure) -> UInt16 { try readInteger() }
  package mutating func readUInt32() throws(DecodingFailure) -> UInt32 { try readInteger() }
  package mutating func readUInt64() throws(DecodingFailure) -> UInt64 { try readInteger() }
  package mutating func readInt32() throws(DecodingFailure) -> Int32 {
    Int32(bitPattern: try readInteger())
  }

  @inline(__always)
  private mutating func readInteger<Value: FixedWidthInteger>() throws(DecodingFailure) -> Value {
    let size = MemoryLayout<Value>.size
    guard remaining >= size else { throw .truncated }
    let start = offset
    place += size
    return Value(bigEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: Value.self) })
  }

  /// A varint in its shortest form; a longer one is refused, so that every value has one form only.
  @inlinable
  package mutating func readVarint() throws(DecodingFailure) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try readUInt8()
      if shift == 63, byte > 1 { throw .invalid("a varint is above 64 bits") }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 {
        if byte == 0, shift > 0 { throw .invalid("a varint is longer than it need be") }
        return value
      }
      shift += 7
    }
  }

  /// A length, then that many bytes.
  /// - Parameter limit: the most bytes that are taken.
  package mutating func readBytes(limit: Int) throws(DecodingFailure) -> [UInt8] {
    let length = try readLength(limit: limit)
    let start = offset
    place += length
    return Array(bytes[start..<offset])
  }

  /// Bytes without a length in front of them.
  package mutating func readRaw(count: Int) throws(DecodingFailure) -> [UInt8] {
    guard count >= 0, count <= remaining else { throw .truncated }
    let start = offset
    place += count
    return Array(bytes[start..<offset])
  }

  /// A length in bytes, then UTF-8.
  /// - Parameter limit: the most bytes that are taken.
  package mutating func readString(limit: Int) throws(DecodingFailure) -> String {
    let length = try readLength(limit: limit)
    let start = offset
    place += length
    guard let text = bytes.withUnsafeBufferPointer({ Self.text($0, start, length) }) else {
      throw .invalid("a string is not UTF-8")
    }
    return text
  }

  /// The number of elements that follow.
  /// - Parameters:
  ///   - limit: the most elements that are taken.
  ///   - minimumElementSize: bytes that each element takes at the least; a count that the remaining bytes cannot
  ///     hold is `truncated`, before any memory is reserved for it.
  package mutating func readCount(limit: Int, minimumElementSize: Int) throws(DecodingFailure) -> Int {
    let count = try readVarint()
    guard count <= UInt64(max(limit, 0)) else { throw .tooLarge(limit: limit) }
    let size = max(minimumElementSize, 0)
    if size > 0, Int(count) > remaining / size { throw .truncated }
    return Int(count)
  }

  private mutating func readLength(limit: Int) throws(DecodingFailure) -> Int {
    let length = try readVarint()
    guard length <= UInt64(max(limit, 0)) else { throw .tooLarge(limit: limit) }
    guard length <= UInt64(remaining) else { throw .truncated }
    return Int(length)
  }

  private static func text(_ all: UnsafeBufferPointer<UInt8>, _ start: Int, _ length: Int) -> String? {
    let bytes = UnsafeBufferPointer(rebasing: all[start..<start + length])
    // `String(validating:as:)` looks for its own metadata at each call, which takes longer than the reading. Where
    // something was repaired, the text is not what is there.
    let text = String(decoding: bytes, as: UTF8.self)
    return text.hasBytes(bytes) ? text : nil
  }
}
