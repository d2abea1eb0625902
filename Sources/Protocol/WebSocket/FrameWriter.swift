package import Kernel

/// Whole frames of the server (never masked; RFC 6455, section 5.2), written behind one another into what is sent.
/// Sizes are not reckoned before: the header is written when the payload is there.
extension FrameBuffer {
  /// Writes one text frame.
  /// - Parameters:
  ///   - expected: how many bytes the payload probably has.
  ///   - body: writes the payload; may be called several times.
  package mutating func writeTextFrame(expected: Int = 256, _ body: (inout BoundedWriter) -> Void) {
    append(expected: expected + 4) { $0.writeTextFrame(body) }
  }

  package mutating func writeFrame(opcode: UInt8, _ payload: UnsafeRawBufferPointer) {
    append(expected: payload.count + 10) { frame in
      frame.write(0x80 | opcode)
      switch payload.count {
      case ..<126: frame.write(UInt8(payload.count))
      case ..<65536:
        frame.write(126 as UInt8)
        frame.write(bigEndian: UInt16(payload.count))
      default:
        frame.write(127 as UInt8)
        frame.write(bigEndian: UInt64(payload.count))
      }
      frame.write(payload)
    }
  }

  /// A close frame; without a payload when there is no code to tell.
  package mutating func writeClose(_ code: CloseCode, reason: StaticString) {
    append(expected: 128) { frame in
      frame.write(0x80 | Opcode.close)
      guard code != .noStatus else { return frame.write(0 as UInt8) }
      // A control frame holds 125 bytes, two of them the code.
      let count = min(reason.utf8CodeUnitCount, 123)
      frame.write(UInt8(2 + count))
      frame.write(bigEndian: code.rawValue)
      frame.write(UnsafeRawBufferPointer(start: reason.utf8Start, count: count))
    }
  }

  /// A message again, as `writeMessage` wrote its payload, with the mark that it was sent before.
  package mutating func writeResent(_ payload: [UInt8]) {
    writeTextFrame(expected: payload.count + 16) { text in
      payload.withUnsafeBytes { text.write(UnsafeRawBufferPointer(rebasing: $0.dropLast())) }
      text.write(literal: #","resent":true}"#)
    }
  }
}

extension BoundedWriter {
  fileprivate mutating func writeTextFrame(_ body: (inout BoundedWriter) -> Void) {
    let start = count
    // Room for the header that most frames have, made smaller or larger when theirs is another.
    write(bigEndian: 0x817e_0000 as UInt32)
    body(&self)
    let size = count - start - 4
    switch size {
    case ..<126:
      resize(at: start, from: 4, to: 2)
      set(0x81, at: start)
      set(UInt8(max(0, size)), at: start + 1)
    case ..<65536:
      set(UInt8(size >> 8), at: start + 2)
      set(UInt8(size & 0xff), at: start + 3)
    default:
      resize(at: start, from: 4, to: 10)
      set(0x81, at: start)
      set(127, at: start + 1)
      for place in 0..<8 { set(UInt8(truncatingIfNeeded: size >> (56 - 8 * place)), at: start + 2 + place) }
    }
  }
}
