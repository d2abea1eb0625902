package enum Opcode {
  package static let continuation: UInt8 = 0
  package static let text: UInt8 = 1
  package static let binary: UInt8 = 2
  package static let close: UInt8 = 8
  package static let ping: UInt8 = 9
  package static let pong: UInt8 = 10
}

/// The header of a WebSocket frame (RFC 6455, section 5.2) as it came, nothing in it judged yet.
///
/// The reader is our own: NIOWebSocket's decoder allocates a frame object per frame, unmasks byte by byte in a
/// buffer that it must copy first when somebody else holds it, and needs a buffering handler per connection.
package struct FrameHeader: Hashable, Sendable {
  package var isFinal: Bool
  /// RSV1 to RSV3 as the three low bits.
  package var reserved: UInt8
  package var opcode: UInt8
  package var isMasked: Bool
  /// Whether the length was written in the fewest bytes, as the RFC demands.
  package var isMinimal: Bool
  package var payloadLength: Int
  /// The masking key in the order of memory; 0 without a mask.
  package var key: UInt32

  package init(
    isFinal: Bool = true, reserved: UInt8 = 0, opcode: UInt8, isMasked: Bool = true, isMinimal: Bool = true,
    payloadLength: Int, key: UInt32 = 0
  ) {
    self.isFinal = isFinal
    self.reserved = reserved
    self.opcode = opcode
    self.isMasked = isMasked
    self.isMinimal = isMinimal
    self.payloadLength = payloadLength
    self.key = key
  }

  package var isControl: Bool { opcode & 8 != 0 }

  /// Reads a header from the start of `bytes`.
  /// - Returns: the header and its own size in bytes; nil when it is not complete yet.
  package static func read(_ bytes: UnsafeRawBufferPointer) -> (header: FrameHeader, size: Int)? {
    guard bytes.count >= 2 else { return nil }
    let first = bytes[0]
    let second = bytes[1]
    let isMasked = second & 0x80 != 0
    var length = Int(second & 0x7f)
    var size = 2
    var isMinimal = true
    if length == 126 {
      guard bytes.count >= 4 else { return nil }
      length = Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
      size = 4
      isMinimal = length > 125
    } else if length == 127 {
      guard bytes.count >= 10 else { return nil }
      let wide = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
      size = 10
      // The highest bit must be 0; a length that no memory holds is refused by the limit.
      isMinimal = wide > 0xffff && wide >> 63 == 0
      length = Int(min(wide, UInt64(Int.max)))
    }
    var key: UInt32 = 0
    if isMasked {
      guard bytes.count >= size + 4 else { return nil }
      key = bytes.loadUnaligned(fromByteOffset: size, as: UInt32.self)
      size += 4
    }
    let header = FrameHeader(
      isFinal: first & 0x80 != 0, reserved: (first >> 4) & 7, opcode: first & 0x0f, isMasked: isMasked,
      isMinimal: isMinimal, payloadLength: length, key: key)
    return (header, size)
  }

  /// The payload of a complete frame of the server.
  static func payload(_ frame: UnsafeRawBufferPointer) -> [UInt8] {
    Array(frame.dropFirst(read(frame)?.size ?? 0))
  }
}

/// Copies a payload and takes its mask off, or puts it on (RFC 6455, section 5.3), eight bytes at a time. Nothing is
/// done when `target` is the smaller one.
package func unmask(
  _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, key: UInt32
) {
  let count = source.count
  guard target.count >= count else { return }
  let wide = UInt64(key) | UInt64(key) << 32
  var offset = 0
  while offset + 8 <= count {
    let word = source.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    target.storeBytes(of: word ^ wide, toByteOffset: offset, as: UInt64.self)
    offset += 8
  }
  withUnsafeBytes(of: key) { keyBytes in
    while offset < count {
      target[offset] = source[offset] ^ keyBytes[offset & 3]
      offset += 1
    }
  }
}
