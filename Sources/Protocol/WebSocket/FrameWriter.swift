package import Kernel

/// Whole frames of the server (never masked; RFC 6455, section 5.2), written behind one another into what is sent.
/// Sizes are not reckoned before: the header is written when the payload is there.
extension ByteWriter {
  /// Writes one text frame.
  /// - Parameter body: writes the payload.
  package mutating func writeTextFrame(_ body: (inout ByteWriter) -> Void) {
    let start = bytes.count
    // Room for the header that most frames have, made smaller or larger when theirs is another.
    write(UInt32(0x817e_0000))
    body(&self)
    let count = bytes.count - start - 4
    switch count {
    case ..<126:
      bytes[start + 1] = UInt8(count)
      bytes.removeSubrange(start + 2..<start + 4)
    case ..<65536:
      bytes[start + 2] = UInt8(count >> 8)
      bytes[start + 3] = UInt8(count & 0xff)
    default:
      bytes[start + 1] = 127
      var length = ByteWriter()
      length.write(UInt64(count))
      bytes.replaceSubrange(start + 2..<start + 4, with: length.bytes)
    }
  }

  package mutating func writeFrame(opcode: UInt8, _ payload: UnsafeRawBufferPointer) {
    write(0x80 | opcode)
    switch payload.count {
    case ..<126: write(UInt8(payload.count))
    case ..<65536:
      write(126 as UInt8)
      write(UInt16(payload.count))
    default:
      write(127 as UInt8)
      write(UInt64(payload.count))
    }
    write(raw: payload)
  }

  /// A close frame; without a payload when there is no code to tell.
  package mutating func writeClose(_ code: CloseCode, reason: StaticString) {
    guard code != .noStatus else {
      writeFrame(opcode: Opcode.close, UnsafeRawBufferPointer(start: nil, count: 0))
      return
    }
    // A control frame holds 125 bytes, two of them the code.
    let count = min(reason.utf8CodeUnitCount, 123)
    write(0x80 | Opcode.close)
    write(UInt8(2 + count))
    write(code.rawValue)
    write(raw: UnsafeBufferPointer(start: reason.utf8Start, count: count))
  }

  /// A message again, as `writeMessage` wrote its payload, with the mark that it was sent before.
  package mutating func writeResent(_ payload: [UInt8]) {
    writeTextFrame { text in
      payload.withUnsafeBufferPointer { text.write(raw: UnsafeBufferPointer(rebasing: $0.dropLast())) }
      text.write(literal: #","resent":true}"#)
    }
  }
}
