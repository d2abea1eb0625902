/// CRC32C, the Castagnoli polynomial (RFC 3720, appendix B.4), as disks, SCTP and iSCSI use it.
///
/// Sixteen bytes a step through sixteen tables ("slicing", Kounavis and Berry, 2008): the standard library gives
/// no access to the processor's own instruction, and this runs at some gigabytes a second.
package enum CRC32C {
  /// The checksum of `bytes`; with `continuing`, that of what gave `continuing` followed by `bytes`.
  /// The checksum of nothing is 0.
  package static func checksum(_ bytes: [UInt8], continuing: UInt32 = 0) -> UInt32 {
    bytes.withUnsafeBytes { checksum($0, continuing: continuing) }
  }

  package static func checksum(_ bytes: ArraySlice<UInt8>, continuing: UInt32 = 0) -> UInt32 {
    bytes.withUnsafeBytes { checksum($0, continuing: continuing) }
  }

  package static func checksum(_ bytes: UnsafeRawBufferPointer, continuing: UInt32 = 0) -> UInt32 {
    guard var position = bytes.baseAddress else { return continuing }
    let table = tables
    var rest = bytes.count
    var crc = ~continuing
    while rest >= 16 {
      let low = UInt64(littleEndian: position.loadUnaligned(as: UInt64.self)) ^ UInt64(crc)
      let high = UInt64(littleEndian: position.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      crc = fold(low, table + 8 * 256) ^ fold(high, table)
      position += 16
      rest -= 16
    }
    while rest > 0 {
      let byte = position.load(as: UInt8.self)
      crc = (crc >> 8) ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)]
      position += 1
      rest -= 1
    }
    return ~crc
  }

  /// The checksum of a fixed number, as the eight bytes of its little-endian form.
  package static func checksum(_ number: UInt64, continuing: UInt32) -> UInt32 {
    withUnsafeBytes(of: number.littleEndian) { checksum($0, continuing: continuing) }
  }

  /// Eight bytes through eight tables: the lowest byte is the one that has the most bytes after it.
  @inline(__always)
  private static func fold(_ word: UInt64, _ table: UnsafePointer<UInt32>) -> UInt32 {
    let near =
      table[7 * 256 + Int(truncatingIfNeeded: word & 0xff)]
      ^ table[6 * 256 + Int(truncatingIfNeeded: (word >> 8) & 0xff)]
      ^ table[5 * 256 + Int(truncatingIfNeeded: (word >> 16) & 0xff)]
      ^ table[4 * 256 + Int(truncatingIfNeeded: (word >> 24) & 0xff)]
    let far =
      table[3 * 256 + Int(truncatingIfNeeded: (word >> 32) & 0xff)]
      ^ table[2 * 256 + Int(truncatingIfNeeded: (word >> 40) & 0xff)]
      ^ table[256 + Int(truncatingIfNeeded: (word >> 48) & 0xff)]
      ^ table[Int(truncatingIfNeeded: word >> 56)]
    return near ^ far
  }

  /// Table `k` holds, for each byte, the remainder of that byte followed by `k` zero bytes. Made once, never
  /// changed and never freed, so that reading it needs neither a lock nor a bounds check.
  nonisolated(unsafe) private static let tables: UnsafePointer<UInt32> = {
    let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 16 * 256)
    for byte in 0..<256 {
      var crc = UInt32(byte)
      for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 1 ? 0x82f6_3b78 : 0) }
      (table + byte).initialize(to: crc)
    }
    for slot in 256..<(16 * 256) {
      let before = table[slot - 256]
      (table + slot).initialize(to: (before >> 8) ^ table[Int(before & 0xff)])
    }
    return UnsafePointer(table)
  }()
}
