import Raft

/// The first 4096 bytes of a segment in use; records follow. In a prepared segment they are zero, as all of it is:
/// the header is written together with the first records.
struct SegmentHeader: Hashable {
  static let bytes = 4096

  var number: UInt64
  /// Of the whole segment.
  var size: UInt64
  /// Where the log went on when the segment was begun: the index after the last entry before it.
  var firstIndex: LogIndex
  /// Where the records of the segment before end; 0 for the first segment. An end that was lost shows.
  var previousEnd: UInt64

  func encode(identity: StoreIdentity) -> [UInt8] {
    var bytes = FileHeader.encode(.log, identity: identity) { writer in
      writer.put(number)
      writer.put(size)
      writer.put(firstIndex.rawValue)
      writer.put(previousEnd)
    }
    bytes.append(contentsOf: repeatElement(0, count: max(0, Self.bytes - bytes.count)))
    return bytes
  }

  static func decode(_ block: ArraySlice<UInt8>, of file: String, identity: StoreIdentity) throws(StoreError)
    -> SegmentHeader
  {
    var (fields, length) = try FileHeader.decode(.log, block, of: file, identity: identity)
    guard let number = fields.take(UInt64.self), let size = fields.take(UInt64.self),
      let first = fields.take(UInt64.self), let previousEnd = fields.take(UInt64.self)
    else {
      throw .damaged(file: file, offset: 20, what: "its header is too short")
    }
    guard block.dropFirst(length).allSatisfy({ $0 == 0 }) else {
      throw .damaged(file: file, offset: UInt64(length), what: "there is something between header and records")
    }
    return SegmentHeader(number: number, size: size, firstIndex: LogIndex(first), previousEnd: previousEnd)
  }
}
