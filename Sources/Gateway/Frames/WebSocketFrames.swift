package import NIOCore

/// Whole frames of the server (never masked), written behind one another into the buffer that is sent.
extension ByteBuffer {
  /// Writes one text frame.
  /// - Parameters:
  ///   - bound: the most bytes that `body` writes.
  ///   - body: writes the payload.
  mutating func writeTextFrame(bound: Int, _ body: (inout JSONText) -> Void) {
    writeWithUnsafeMutableBytes(minimumWritableBytes: bound + 10) { raw in
      guard let base = raw.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
      // Written behind room for the usual header, and moved when it is a shorter or a longer one.
      let payload = base + 4
      var text = JSONText(payload)
      body(&text)
      let count = text.position - payload
      assert(count <= bound, "a frame's bound was reckoned too small")
      let size = Self.headerSize(count)
      if size != 4 {
        UnsafeMutableRawPointer(base + size).copyMemory(from: payload, byteCount: count)
      }
      Self.writeHeader(opcode: Opcode.text, count: count, to: base)
      return size + count
    }
  }

  package mutating func writeFrame(opcode: UInt8, _ payload: UnsafeRawBufferPointer) {
    let size = Self.headerSize(payload.count)
    writeWithUnsafeMutableBytes(minimumWritableBytes: size + payload.count) { raw in
      guard let base = raw.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
      Self.writeHeader(opcode: opcode, count: payload.count, to: base)
      if let start = payload.baseAddress {
        UnsafeMutableRawPointer(base + size).copyMemory(from: start, byteCount: payload.count)
      }
      return size + payload.count
    }
  }

  /// A close frame; without a payload when there is no code to tell.
  package mutating func writeClose(_ code: CloseCode, reason: StaticString) {
    guard code != .noStatus else {
      writeFrame(opcode: Opcode.close, UnsafeRawBufferPointer(start: nil, count: 0))
      return
    }
    // A control frame holds 125 bytes, two of them the code.
    let count = min(reason.utf8CodeUnitCount, 123)
    writeInteger(0x80 | Opcode.close)
    writeInteger(UInt8(2 + count))
    writeInteger(code.rawValue)
    writeBytes(UnsafeBufferPointer(start: reason.utf8Start, count: count))
  }

  static func headerSize(_ count: Int) -> Int { count < 126 ? 2 : count < 65536 ? 4 : 10 }

  private static func writeHeader(opcode: UInt8, count: Int, to base: UnsafeMutablePointer<UInt8>) {
    base[0] = 0x80 | opcode
    if count < 126 {
      base[1] = UInt8(count)
    } else if count < 65536 {
      base[1] = 126
      base[2] = UInt8(count >> 8)
      base[3] = UInt8(count & 0xff)
    } else {
      base[1] = 127
      for place in 0..<8 { base[2 + place] = UInt8(truncatingIfNeeded: count >> (56 - 8 * place)) }
    }
  }
}

extension ByteBuffer {
  /// A message again, as `writeMessage` wrote its payload, with the mark that it was sent before.
  package mutating func writeResent(_ payload: [UInt8]) {
    writeTextFrame(bound: payload.count + 16) { text in
      payload.withUnsafeBufferPointer { text.raw(UnsafeBufferPointer(rebasing: $0.dropLast())) }
      text.literal(#","resent":true}"#)
    }
  }
}
