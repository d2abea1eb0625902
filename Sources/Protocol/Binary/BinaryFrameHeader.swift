/// The 14 bytes before the payload of a binary frame, big endian, as between nodes: `length u32` (of the payload alone),
/// `version u8`, `type u8`, `timestamp u64` (the sender's clock, in ms since 1970: it tells the age of a frame in a capture, and
/// nothing is decided by it).
package struct BinaryFrameHeader: Hashable, Sendable {
  package static let byteCount = 14
  package static let currentVersion: UInt8 = 1

  package var length: UInt32
  package var version: UInt8
  package var type: UInt8
  package var timestamp: UInt64

  package init(
    length: UInt32, version: UInt8 = BinaryFrameHeader.currentVersion, type: UInt8, timestamp: UInt64
  ) {
    (self.length, self.version, self.type, self.timestamp) = (length, version, type, timestamp)
  }

  /// - Returns: nil for fewer than 14 bytes. Nothing is judged.
  package init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.byteCount else { return nil }
    length = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
    (version, type) = (bytes[4], bytes[5])
    timestamp = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 6, as: UInt64.self))
  }
}
