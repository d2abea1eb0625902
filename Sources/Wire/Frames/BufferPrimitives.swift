internal import Desk
internal import Kernel
internal import NIOCore

/// The primitives of `ByteWriter` and `ByteReader`, with the same bytes, on a `ByteBuffer`: what travels between
/// nodes is written straight into the buffer that goes to the socket and read from the one that came from it.
extension ByteBuffer {
  mutating func write(varint value: UInt64) {
    if value < 0x80 {
      writeInteger(UInt8(truncatingIfNeeded: value))
      return
    }
    writeWithUnsafeMutableBytes(minimumWritableBytes: 10) { bytes in
      var rest = value
      var count = 0
      while rest >= 0x80 {
        bytes[count] = UInt8(truncatingIfNeeded: rest) | 0x80
        rest >>= 7
        count += 1
      }
      bytes[count] = UInt8(truncatingIfNeeded: rest)
      return count + 1
    }
  }

  mutating func write(flag: Bool) {
    writeInteger(flag ? 1 as UInt8 : 0)
  }

  /// The length as a varint, then the bytes.
  mutating func write(sized bytes: [UInt8]) {
    write(varint: UInt64(bytes.count))
    writeBytes(bytes)
  }

  /// The length in bytes as a varint, then the UTF-8.
  mutating func write(sized text: String) {
    write(varint: UInt64(text.utf8.count))
    writeString(text)
  }

  mutating func takeUInt8() throws(DecodingFailure) -> UInt8 {
    guard let value = readInteger(as: UInt8.self) else { throw .truncated }
    return value
  }

  mutating func takeUInt16() throws(DecodingFailure) -> UInt16 {
    guard let value = readInteger(as: UInt16.self) else { throw .truncated }
    return value
  }

  mutating func takeUInt32() throws(DecodingFailure) -> UInt32 {
    guard let value = readInteger(as: UInt32.self) else { throw .truncated }
    return value
  }

  mutating func takeUInt64() throws(DecodingFailure) -> UInt64 {
    guard let value = readInteger(as: UInt64.self) else { throw .truncated }
    return value
  }

  mutating func takeFlag() throws(DecodingFailure) -> Bool {
    switch try takeUInt8() {
    case 0: false
    case 1: true
    case let other: throw .invalid("a flag is \(other), neither 0 nor 1")
    }
  }

  /// A varint in its shortest form, as `ByteReader.readVarint`.
  mutating func takeVarint() throws(DecodingFailure) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try takeUInt8()
      if shift == 63, byte > 1 { throw .invalid("a varint is above 64 bits") }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 {
        if byte == 0, shift > 0 { throw .invalid("a varint is longer than it need be") }
        return value
      }
      shift += 7
    }
  }

  /// Positions, terms, times and sizes: far above all that a cluster can reach, and low enough that adding to
  /// one never overflows, whatever a peer has sent.
  mutating func takeBoundedVarint() throws(DecodingFailure) -> UInt64 {
    let value = try takeVarint()
    guard value <= 1 << 62 else { throw .invalid("a position, term, time or size is above 2^62") }
    return value
  }

  /// A number of elements, each of which takes at least `minimumElementSize` bytes.
  mutating func takeCount(minimumElementSize: Int) throws(DecodingFailure) -> Int {
    let count = try takeVarint()
    guard count <= UInt64(readableBytes / minimumElementSize) else { throw .truncated }
    return Int(count)
  }

  mutating func takeSizedBytes() throws(DecodingFailure) -> [UInt8] {
    let length = try takeCount(minimumElementSize: 1)
    guard let bytes = readBytes(length: length) else { throw .truncated }
    return bytes
  }

  /// - Parameter limit: the most bytes that are taken.
  mutating func takeSizedString(limit: Int) throws(DecodingFailure) -> String {
    let length = try takeVarint()
    guard length <= UInt64(limit) else { throw .tooLarge(limit: limit) }
    guard let bytes = readSlice(length: Int(length)) else { throw .truncated }
    guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
      throw .invalid("a string is not UTF-8")
    }
    return text
  }

  /// What stands behind the fields that this build knows was put there by a newer one, for its like.
  mutating func skipRest() {
    moveReaderIndex(to: writerIndex)
  }

  func expectEnd() throws(DecodingFailure) {
    guard readableBytes == 0 else { throw .invalid("\(readableBytes) bytes are left over behind the value") }
  }
}
