import Glibc

/// Tells a write that a crash cut short from bytes that were durable and are wrong now.
///
/// A log segment is all zero before it is written, and a disk writes sectors whole. So a write that was cut short
/// leaves an unwritten, all-zero piece where the bad record is: its end, or a sector of it. Bytes that are there
/// and are wrong are damage, even at the very end of the log: that record may have been acknowledged.
/// And whatever it looks like, every record says up to where the segment was durable when it was written: a bad
/// record before that point, with such a record behind it, was durable once. (Compare Alagappan et al.,
/// "Protocol-Aware Recovery for Consensus-Based Storage", FAST'18, on telling crash from corruption.)
enum TornTail {
  static let sector = 512

  enum Verdict: Hashable {
    case torn
    case damaged(String)
  }

  /// - Parameters:
  ///   - offset: where the record that cannot be read begins.
  ///   - header: its header, when that much is right.
  ///   - usedEnd: end of the last byte in the segment that is not zero.
  static func judge(
    _ segment: UnsafeRawBufferPointer, at offset: Int, header: RecordCodec.Header?, usedEnd: Int,
    codec: RecordCodec
  ) -> Verdict {
    var later = offset + 8
    while later < usedEnd {
      if let record = codec.header(segment, at: later), record.durable > UInt64(offset) {
        return .damaged("a record that cannot be read was durable when the one at offset \(later) was written")
      }
      later += 8
    }
    if let header {
      return isDataTorn(segment, at: offset, header)
        ? .torn : .damaged("the data of a record does not match its checksum")
    }
    return isHeaderTorn(segment, at: offset, usedEnd: usedEnd)
      ? .torn : .damaged("the header of a record does not match its checksum")
  }

  /// The header of the segment itself, with the same reasoning; its first records were one write with it.
  static func judgeSegmentHeader(_ segment: UnsafeRawBufferPointer, usedEnd: Int, codec: RecordCodec) -> Verdict
  {
    let isUnwritten = usedEnd <= SegmentHeader.bytes || isZero(segment, 0..<sector)
    guard isUnwritten else { return .damaged("the header of the segment is wrong") }
    var offset = SegmentHeader.bytes
    while offset < usedEnd {
      if let record = codec.header(segment, at: offset), record.durable > 0 {
        return .damaged("the header of the segment is gone")
      }
      offset += 8
    }
    return .torn
  }

  private static func isDataTorn(
    _ segment: UnsafeRawBufferPointer, at offset: Int, _ header: RecordCodec.Header
  )
    -> Bool
  {
    let end = offset + header.bytes
    if segment[end - 1] == 0 { return true }
    var start = roundedUp(offset + LogRecord.headerBytes)
    while start + sector <= end {
      if isZero(segment, start..<start + sector) { return true }
      start += sector
    }
    return false
  }

  private static func isHeaderTorn(_ segment: UnsafeRawBufferPointer, at offset: Int, usedEnd: Int) -> Bool {
    let end = min(offset + LogRecord.headerBytes, segment.count)
    // Nothing behind it, not even the mark that ends every record.
    if usedEnd <= end { return true }
    let boundary = roundedUp(offset)
    // A piece is zero that a written header never has all zero: length and type, or the checksum.
    if boundary > offset && boundary < end {
      return isZero(segment, offset..<boundary) || isZero(segment, boundary..<end)
    }
    return isZero(segment, offset..<end)
  }

  private static func roundedUp(_ offset: Int) -> Int { (offset + sector - 1) / sector * sector }

  static func isZero(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
    guard let base = bytes.baseAddress, !range.isEmpty else { return true }
    // A region equals itself moved by one byte only if all its bytes are the first one.
    return bytes[range.lowerBound] == 0
      && memcmp(base + range.lowerBound, base + range.lowerBound + 1, range.count - 1) == 0
  }

  /// End of the last byte that is not zero.
  static func usedEnd(_ segment: UnsafeRawBufferPointer) -> Int {
    var end = segment.count
    while end > 0 {
      let start = max(0, end - 4096)
      if !isZero(segment, start..<end) { break }
      end = start
    }
    while end > 0 && segment[end - 1] == 0 { end -= 1 }
    return end
  }
}
