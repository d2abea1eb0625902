import Desk
package import Kernel
package import NIOCore

/// The 14 bytes before each payload between nodes, big endian:
/// `length u32` (of the payload alone), `version u8`, `type u8`, `timestamp u64`.
package struct FrameHeader: Hashable, Sendable {
  package static let byteCount = 14
  package static let currentVersion: UInt8 = 1

  /// Bytes of the payload that follows.
  package var length: UInt32
  package var version: UInt8
  /// nil: one that this build does not know, of a newer one: its payload is passed over.
  package var type: FrameType?
  /// The sender's clock, in milliseconds since 1970. Tells the age of a frame in a capture; nothing is decided
  /// by it, since clocks of nodes differ. In a greeting it holds an `Announcement`.
  package var timestamp: UInt64

  package init(
    length: UInt32, version: UInt8 = FrameHeader.currentVersion, type: FrameType?, timestamp: UInt64
  ) {
    self.length = length
    self.version = version
    self.type = type
    self.timestamp = timestamp
  }

  /// Appends the 14 bytes.
  package func write(into buffer: inout ByteBuffer) {
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.byteCount) { bytes in
      bytes.storeBytes(of: length.bigEndian, toByteOffset: 0, as: UInt32.self)
      bytes[4] = version
      bytes[5] = type?.rawValue ?? 0
      bytes.storeBytes(of: timestamp.bigEndian, toByteOffset: 6, as: UInt64.self)
      return Self.byteCount
    }
  }

  /// Overwrites the length in a header that was written at `index`: so a payload is encoded in place behind a
  /// header before its length is known.
  package static func setLength(_ length: UInt32, at index: Int, in buffer: inout ByteBuffer) {
    buffer.setInteger(length, at: index)
  }

  /// Takes a header from the front of `buffer`; nil, and nothing is taken, while fewer than 14 bytes are there.
  /// - Throws: `DecodingFailure` for a version that this build does not know. The length is not judged
  ///   here: compare it with the limit of the connection before waiting for the payload.
  package static func read(from buffer: inout ByteBuffer) throws(DecodingFailure) -> FrameHeader? {
    guard buffer.readableBytes >= byteCount else { return nil }
    let (length, version, number, timestamp) = buffer.withUnsafeReadableBytes { bytes in
      (
        UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)), bytes[4], bytes[5],
        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 6, as: UInt64.self))
      )
    }
    buffer.moveReaderIndex(forwardBy: byteCount)
    guard version == currentVersion else {
      throw .invalid("a frame has version \(version), and this node speaks \(currentVersion)")
    }
    return FrameHeader(
      length: length, version: version, type: FrameType(rawValue: number), timestamp: timestamp)
  }
}
