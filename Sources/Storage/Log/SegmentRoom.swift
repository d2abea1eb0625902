/// How much of a segment is for entries, and how large a segment has to be.
///
/// What others have committed has to be stored here, whatever this node's segments are: an entry that no usual segment
/// holds gets one that is made for it. So nodes need not agree on the size of a segment, and a large entry is no
/// failure of the disk.
enum SegmentRoom {
  /// No segment is larger, because offsets in it have 32 bits and reading one takes as much memory.
  static let most: UInt64 = 1 << 30
  private static let reserveLimit: UInt64 = 64 << 10

  /// Bytes at the end of a segment that entries leave free, for hard state while no next segment can be had.
  static func stateReserve(of segmentBytes: UInt64) -> UInt64 { min(reserveLimit, segmentBytes / 64) & ~7 }

  /// Where entries end.
  static func entryEnd(of segmentBytes: UInt64) -> UInt64 { segmentBytes - stateReserve(of: segmentBytes) }

  /// Where the first entry begins.
  static let entryStart = UInt64(SegmentHeader.bytes + LogRecord.stateBytes)

  /// The size of a segment that holds a record.
  /// - Parameter usual: the size when that is enough.
  /// - Returns: nil when none can.
  static func segmentBytes(holding record: Int, usual: UInt64) -> UInt64? {
    let needed = entryStart + UInt64(record)
    if needed <= entryEnd(of: usual) { return usual }
    let size = (needed + reserveLimit + 4095) & ~4095
    return size <= most ? size : nil
  }

  /// Bytes of data of the largest entry that any segment holds.
  static var entryLimit: Int { Int(most - reserveLimit - entryStart) - LogRecord.headerBytes - 8 }
}
