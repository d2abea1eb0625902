internal import Kernel
import Raft

/// A snapshot that has its final name.
struct SnapshotFile {
  let file: File
  let meta: SnapshotMeta
  /// Where the state begins.
  private let start: UInt64

  init(_ name: String, in directory: Directory, identity: StoreIdentity) throws(StoreError) {
    file = try File(directory.file(name), .read)
    let (meta, length) = try SnapshotHeader.read(file, identity: identity)
    self.meta = meta
    start = UInt64(length)
    let size = try file.size()
    guard meta.size <= size, size - meta.size == start else {
      throw .snapshotDamaged(file: file.path, what: "it has \(size) bytes in place of \(start) + \(meta.size)")
    }
    guard FileNames.snapshot(index: meta.index, term: meta.term) == name else {
      throw .snapshotDamaged(file: file.path, what: "it holds the snapshot at index \(meta.index)")
    }
  }

  /// The whole state, checked.
  func read() throws(StoreError) -> [UInt8] {
    let bytes = try file.read(count: Int(meta.size), at: start)
    try check(bytes.count == Int(meta.size) ? CRC32C.checksum(bytes) : ~meta.checksum)
    return bytes
  }

  func read(at offset: UInt64, count: Int) throws(StoreError) -> [UInt8] {
    guard offset < meta.size else { return [] }
    return try file.read(count: Int(min(UInt64(max(0, count)), meta.size - offset)), at: start + offset)
  }

  /// Checks the state against its checksum without holding it.
  func verify() throws(StoreError) {
    try check(Self.checksum(of: file, from: start, count: meta.size))
  }

  private func check(_ checksum: UInt32) throws(StoreError) {
    guard checksum == meta.checksum else {
      throw .snapshotDamaged(file: file.path, what: "its state does not match its checksum")
    }
  }

  static func checksum(of file: File, from start: UInt64, count: UInt64) throws(StoreError) -> UInt32 {
    var crc: UInt32 = 0
    var done: UInt64 = 0
    while done < count {
      let piece = try file.read(count: Int(min(1 << 20, count - done)), at: start + done)
      guard !piece.isEmpty else { break }
      crc = CRC32C.checksum(piece, continuing: crc)
      done += UInt64(piece.count)
    }
    return crc
  }
}
