package import Kernel

/// Whole frames of a client, masked (RFC 6455, section 5.3), written behind one another into what is sent.
extension FrameBuffer {
  /// - Parameter key: drawn anew for each frame.
  package mutating func writeMaskedFrame(opcode: UInt8, _ payload: [UInt8], key: UInt32) {
    var masked = [UInt8](repeating: 0, count: payload.count)
    payload.withUnsafeBytes { plain in masked.withUnsafeMutableBytes { unmask(plain, into: $0, key: key) } }
    append(expected: payload.count + 14) { frame in
      frame.write(0x80 | opcode)
      switch payload.count {
      case ..<126: frame.write(0x80 | UInt8(payload.count))
      case ..<65536:
        frame.write(0x80 | 126 as UInt8)
        frame.write(bigEndian: UInt16(payload.count))
      default:
        frame.write(0x80 | 127 as UInt8)
        frame.write(bigEndian: UInt64(payload.count))
      }
      // The key is kept in the order of memory.
      Swift.withUnsafeBytes(of: key) { frame.write($0) }
      frame.write(masked)
    }
  }
}
