import Kernel
import Raft

@testable import Storage

/// Stores to be damaged: made once, and copied for each fault.
enum StoreCopies {
  static let otherNode = StoreIdentity(cluster: "test", node: 2)
  static let otherCluster = StoreIdentity(cluster: "else", node: 1)
  static let entries = (1...18).map { entry($0, count: 900) }
  static let membership = Membership(voters: [NodeID(1), NodeID(2), NodeID(3)])

  /// Segments 1 to 6 with all entries from the first one on, a hard state between the entries of each, and a prepared
  /// segment.
  static func whole(_ owner: StoreIdentity = identity) throws -> Scratch {
    let scratch = Scratch(inMemory: true)
    let running = try Running(scratch, identity: owner)
    for entry in entries {
      running.append(entry)
      running.write { $0.hardState = HardState(term: Term(1), vote: NodeID(2), commit: entry.index) }
    }
    _ = try eventually { try Manifest.read(in: scratch.directory, identity: owner).newestSegment == 7 }
    running.store.close()
    return scratch
  }

  /// A log that starts after index 12, and snapshots at 12 and 16.
  static func compacted(_ owner: StoreIdentity = identity) throws -> Scratch {
    let scratch = Scratch(inMemory: true)
    let running = try Running(scratch, identity: owner)
    for entry in entries {
      running.append(entry)
      if entry.index == LogIndex(12) || entry.index == LogIndex(16) {
        _ = try running.store.writeSnapshot(
          index: entry.index, term: entry.term, time: entry.time, membership: membership
        ) { try $0([UInt8](repeating: 7, count: 600)) }
      }
    }
    running.store.compact(to: LogIndex(18))
    running.write { $0.hardState = HardState(term: Term(1), vote: NodeID(2), commit: LogIndex(18)) }
    _ = try eventually { try scratch.segments().first == FileNames.segment(4) }
    running.store.close()
    for name in try scratch.names() where FileNames.isTemporary(name) { try scratch.directory.remove(name) }
    return scratch
  }

  static func snapshot(_ index: UInt64) -> String { FileNames.snapshot(index: LogIndex(index), term: Term(1)) }
}

extension Scratch {
  /// A file's header with another format version and the right checksum.
  func setVersion(_ name: String, _ version: UInt8) throws {
    var bytes = try read(name)
    bytes[8] = version
    let length = Int(bytes[12]) + Int(bytes[13]) << 8
    let crc = CRC32C.checksum(bytes[20..<length], continuing: CRC32C.checksum(bytes[..<16]))
    for place in 0..<4 { bytes[16 + place] = UInt8(truncatingIfNeeded: crc >> UInt32(8 * place)) }
    try write(name, bytes)
  }

  /// Changes fields of the record at `offset` of a segment, and makes its checksum right again.
  func changeRecord(_ number: UInt64, at offset: Int, _ change: (inout [UInt8]) -> Void) throws {
    var bytes = try read(FileNames.segment(number))
    var header = Array(bytes[offset..<offset + 44])
    change(&header)
    var crc = CRC32C.checksum([UInt8](identity.cluster.utf8))
    for field in [identity.node, number, UInt64(offset)] { crc = CRC32C.checksum(field, continuing: crc) }
    crc = CRC32C.checksum(header, continuing: crc)
    for place in 0..<4 { header.append(UInt8(truncatingIfNeeded: crc >> UInt32(8 * place))) }
    bytes.replaceSubrange(offset..<offset + 48, with: header)
    try write(FileNames.segment(number), bytes)
  }

  /// Where the records of a segment begin.
  func records(_ number: UInt64) throws -> [(offset: Int, header: RecordCodec.Header)] {
    try read(FileNames.segment(number)).withUnsafeBytes { bytes in
      let codec = RecordCodec(identity: identity, segment: number)
      var found: [(offset: Int, header: RecordCodec.Header)] = []
      var offset = SegmentHeader.bytes
      while let header = codec.header(bytes, at: offset) {
        found.append((offset, header))
        offset += header.bytes
      }
      return found
    }
  }

  convenience init(holding contents: [String: [UInt8]]) throws {
    self.init(inMemory: true)
    for (name, bytes) in contents { try write(name, bytes) }
  }

  /// All files with their bytes, but for the lock.
  func contents() throws -> [String: [UInt8]] {
    var contents: [String: [UInt8]] = [:]
    for name in try names() where name != FileNames.lock {
      contents[name] = (try? read(name)) ?? []
    }
    return contents
  }
}
