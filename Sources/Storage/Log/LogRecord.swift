internal import Kernel
import Raft

/// One record of the log.
///
/// A record is a header of 48 bytes, the data of an entry, and 1 to 8 bytes of `mark` that fill it up to a
/// multiple of eight. All numbers are little-endian:
///
/// | at | | |
/// |---|---|---|
/// | 0 | `u32` | bytes of data |
/// | 4 | `u8` | type |
/// | 5 | `u8` | kind of the entry |
/// | 6 | `u16` | 0 |
/// | 8 | `u32` | group |
/// | 12 | `u32` | up to where the segment was durable when this was written |
/// | 16 | `u64` | index; hard state: commit |
/// | 24 | `u64` | term |
/// | 32 | `u64` | time; hard state: vote, 0 for none |
/// | 40 | `u32` | the entry's own CRC32C of its data |
/// | 44 | `u32` | CRC32C of owner and number of the segment, offset in it, and the 44 bytes before |
///
/// The data is covered by the checksum that came with the entry, so nothing is computed over it on the way to
/// the disk. Because the header's checksum covers the place of the record, neither a stale record of a recycled
/// segment nor a misdirected write can pass for a record.
enum LogRecord: Hashable, Sendable {
  case entry(Entry)
  case hardState(HardState)
  /// The log starts anew after this index: what it held is replaced by a snapshot.
  case start(index: LogIndex, term: Term)

  static let headerBytes = 48
  /// Never zero, so that an unwritten end of a record cannot look like a written one.
  static let mark: UInt8 = 0xa5

  static func bytes(data count: Int) -> Int { (headerBytes + count + 8) & ~7 }
  static let stateBytes = bytes(data: 0)
}

/// The records of one segment; what their checksums begin with.
struct RecordCodec: Sendable {
  private let seed: UInt32

  init(identity: StoreIdentity, segment: UInt64) {
    let owner = CRC32C.checksum(identity.node, continuing: CRC32C.checksum([UInt8](identity.cluster.utf8)))
    seed = CRC32C.checksum(segment, continuing: owner)
  }

  /// The fields of a header that passed its checksum.
  struct Header {
    var type: UInt8
    var kind: UInt8
    var group: UInt32
    var dataBytes: Int
    var durable: UInt64
    var index: UInt64
    var term: UInt64
    var time: UInt64
    var checksum: UInt32
    /// Of the whole record.
    var bytes: Int { LogRecord.bytes(data: dataBytes) }
  }

  private static let entryType: UInt8 = 1
  private static let hardStateType: UInt8 = 2
  private static let startType: UInt8 = 3

  func encode(_ entry: Entry, into buffer: inout [UInt8], at offset: UInt64, durable: UInt64) {
    put(
      Header(
        type: Self.entryType, kind: entry.kind.rawValue, group: GroupID.main.rawValue,
        dataBytes: entry.data.count,
        durable: durable, index: entry.index.rawValue, term: entry.term.rawValue, time: entry.time,
        checksum: entry.checksum),
      data: entry.data, into: &buffer, at: offset)
  }

  func encode(_ state: HardState, into buffer: inout [UInt8], at offset: UInt64, durable: UInt64) {
    put(
      Header(
        type: Self.hardStateType, kind: 0, group: GroupID.main.rawValue, dataBytes: 0, durable: durable,
        index: state.commit.rawValue, term: state.term.rawValue, time: state.vote?.rawValue ?? 0, checksum: 0),
      data: [], into: &buffer, at: offset)
  }

  func encode(start index: LogIndex, term: Term, into buffer: inout [UInt8], at offset: UInt64, durable: UInt64)
  {
    put(
      Header(
        type: Self.startType, kind: 0, group: GroupID.main.rawValue, dataBytes: 0, durable: durable,
        index: index.rawValue, term: term.rawValue, time: 0, checksum: 0),
      data: [], into: &buffer, at: offset)
  }

  private func put(_ header: Header, data: [UInt8], into buffer: inout [UInt8], at offset: UInt64) {
    withUnsafeTemporaryAllocation(byteCount: LogRecord.headerBytes, alignment: 8) { bytes in
      bytes.storeBytes(of: UInt32(header.dataBytes).littleEndian, toByteOffset: 0, as: UInt32.self)
      bytes.storeBytes(of: header.type, toByteOffset: 4, as: UInt8.self)
      bytes.storeBytes(of: header.kind, toByteOffset: 5, as: UInt8.self)
      bytes.storeBytes(of: 0, toByteOffset: 6, as: UInt16.self)
      bytes.storeBytes(of: header.group.littleEndian, toByteOffset: 8, as: UInt32.self)
      bytes.storeBytes(of: UInt32(header.durable).littleEndian, toByteOffset: 12, as: UInt32.self)
      bytes.storeBytes(of: header.index.littleEndian, toByteOffset: 16, as: UInt64.self)
      bytes.storeBytes(of: header.term.littleEndian, toByteOffset: 24, as: UInt64.self)
      bytes.storeBytes(of: header.time.littleEndian, toByteOffset: 32, as: UInt64.self)
      bytes.storeBytes(of: header.checksum.littleEndian, toByteOffset: 40, as: UInt32.self)
      let crc = checksum(UnsafeRawBufferPointer(bytes), at: offset)
      bytes.storeBytes(of: crc.littleEndian, toByteOffset: 44, as: UInt32.self)
      buffer.append(contentsOf: UnsafeRawBufferPointer(bytes))
    }
    buffer.append(contentsOf: data)
    let fill = LogRecord.bytes(data: data.count) - LogRecord.headerBytes - data.count
    for _ in 0..<fill { buffer.append(LogRecord.mark) }
  }

  /// The header at `offset`, when there is a valid one whose record ends within the segment.
  func header(_ segment: UnsafeRawBufferPointer, at offset: Int) -> Header? {
    guard offset >= 0, segment.count - offset >= LogRecord.stateBytes else { return nil }
    func number<Number: FixedWidthInteger>(_ place: Int, _: Number.Type) -> Number {
      Number(littleEndian: segment.loadUnaligned(fromByteOffset: offset + place, as: Number.self))
    }
    // Cheap checks first: after damage this is tried at every eighth byte.
    let type = number(4, UInt8.self)
    guard type >= Self.entryType, type <= Self.startType, number(6, UInt16.self) == 0 else { return nil }
    let header = Header(
      type: type, kind: number(5, UInt8.self), group: number(8, UInt32.self),
      dataBytes: Int(number(0, UInt32.self)), durable: UInt64(number(12, UInt32.self)),
      index: number(16, UInt64.self), term: number(24, UInt64.self), time: number(32, UInt64.self),
      checksum: number(40, UInt32.self))
    guard header.bytes <= segment.count - offset, header.durable <= UInt64(offset) else { return nil }
    let bytes = UnsafeRawBufferPointer(rebasing: segment[offset..<offset + LogRecord.headerBytes])
    guard number(44, UInt32.self) == checksum(bytes, at: UInt64(offset)) else { return nil }
    return header
  }

  /// What of a valid header has no meaning in this release; nil when all of it has. Its checksum is right, so it was
  /// written that way.
  func unknown(_ header: Header) -> String? {
    if header.group != GroupID.main.rawValue {
      return "it belongs to group \(header.group), and this release keeps group \(GroupID.main.rawValue) alone"
    }
    if header.type == Self.entryType, Entry.Kind(rawValue: header.kind) == nil {
      return "it is an entry of kind \(header.kind), which this release does not know"
    }
    return nil
  }

  /// The whole record of a valid and known header; nil when its data or its end is not what was written.
  func record(_ header: Header, in segment: UnsafeRawBufferPointer, at offset: Int) -> LogRecord? {
    let dataStart = offset + LogRecord.headerBytes
    let dataEnd = dataStart + header.dataBytes
    for position in dataEnd..<(offset + header.bytes) where segment[position] != LogRecord.mark { return nil }
    switch header.type {
    case Self.entryType:
      let data = UnsafeRawBufferPointer(rebasing: segment[dataStart..<dataEnd])
      guard CRC32C.checksum(data) == header.checksum, let kind = Entry.Kind(rawValue: header.kind) else {
        return nil
      }
      return .entry(
        Entry(
          index: LogIndex(header.index), term: Term(header.term), time: header.time, kind: kind,
          checksum: header.checksum, data: [UInt8](data)))
    case Self.hardStateType:
      let vote = header.time == 0 ? nil : NodeID(header.time)
      return .hardState(HardState(term: Term(header.term), vote: vote, commit: LogIndex(header.index)))
    default:
      return .start(index: LogIndex(header.index), term: Term(header.term))
    }
  }

  private func checksum(_ header: UnsafeRawBufferPointer, at offset: UInt64) -> UInt32 {
    let fields = UnsafeRawBufferPointer(rebasing: header[0..<44])
    return CRC32C.checksum(fields, continuing: CRC32C.checksum(offset, continuing: seed))
  }
}
