/// What a write that was cut short has left.
struct TornPiece: Hashable {
  var path: String
  var offset: UInt64
  var count: Int

  /// Zeroes it, so that it can never be taken for records.
  func clear(_ syncing: Syncing) throws(StoreError) {
    let file = try File(path, .update)
    try file.write([UInt8](repeating: 0, count: count), at: offset)
    try syncing.whole(file)
  }
}

/// The bytes of one segment, read whole; one buffer serves all segments of a recovery.
final class SegmentImage {
  private var memory: UnsafeMutableRawBufferPointer
  private(set) var count = 0
  private(set) var number: UInt64 = 0
  private(set) var path = ""
  /// End of the last byte that is not zero.
  private(set) var usedEnd = 0

  init() { memory = .allocate(byteCount: 0, alignment: 4096) }
  deinit { memory.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[0..<count]) }
  var isBlank: Bool { usedEnd == 0 }

  func load(_ number: UInt64, from directory: Directory) throws(StoreError) {
    let file = try File(directory.file(FileNames.segment(number)), .read)
    let size = try file.size()
    guard size >= 8192, size <= SegmentRoom.most else {
      throw .damaged(file: file.path, offset: size, what: "a segment cannot have \(size) bytes")
    }
    if memory.count < Int(size) {
      memory.deallocate()
      memory = .allocate(byteCount: Int(size), alignment: 4096)
    }
    count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[0..<Int(size)]), at: 0)
    self.number = number
    path = file.path
    usedEnd = TornTail.usedEnd(bytes)
  }

  func header(_ identity: StoreIdentity) throws(StoreError) -> SegmentHeader {
    let block = [UInt8](bytes[0..<SegmentHeader.bytes])
    let header = try SegmentHeader.decode(block[...], of: path, identity: identity)
    guard header.number == number else {
      throw .damaged(file: path, offset: 0, what: "it holds segment \(header.number): files were exchanged")
    }
    guard header.size == UInt64(count) else {
      throw .damaged(
        file: path, offset: UInt64(count), what: "it has \(count) bytes and was made with \(header.size)")
    }
    return header
  }

  /// Looks no further than `offset`, and gives what is to be cleared behind it.
  func cut(at offset: Int) -> TornPiece {
    defer { usedEnd = min(usedEnd, offset) }
    return TornPiece(path: path, offset: UInt64(offset), count: max(0, usedEnd - offset))
  }
}
