import Raft

/// A snapshot that a leader sends: parts are written as they come, and the whole is checked at the end. Used by one
/// thread.
struct SnapshotReceiver {
  private let directory: Directory
  private let identity: StoreIdentity
  private let shelf: SnapshotShelf
  private let readability: Readability
  private var transfer: Transfer?

  private struct Transfer {
    var meta: SnapshotMeta
    var file: File
    var name: String
    /// Where the state begins in the file.
    var start: UInt64
    /// Bytes of the state that are there.
    var present: UInt64
  }

  init(
    directory: Directory, identity: StoreIdentity, shelf: SnapshotShelf, readability: Readability = .all
  ) {
    self.directory = directory
    self.identity = identity
    self.shelf = shelf
    self.readability = readability
  }

  /// Not durable by itself: after a crash a transfer begins anew.
  /// - Throws: `chunkOutOfOrder` when a part before it is missing.
  mutating func write(_ chunk: SnapshotChunk) throws(StoreError) {
    if chunk.offset == 0 { try begin(chunk.meta) }
    guard var transfer, transfer.meta == chunk.meta, chunk.offset <= transfer.present else {
      throw .chunkOutOfOrder(
        index: chunk.meta.index.rawValue, offset: chunk.offset,
        present: transfer.map { $0.meta == chunk.meta ? $0.present : 0 } ?? 0)
    }
    let end = chunk.offset + UInt64(chunk.data.count)
    guard end <= chunk.meta.size else {
      throw .snapshotDamaged(
        file: transfer.file.path, what: "parts go up to \(end) and its size is \(chunk.meta.size)")
    }
    try transfer.file.write(chunk.data, at: transfer.start + chunk.offset)
    transfer.present = max(transfer.present, end)
    self.transfer = transfer
  }

  /// Checks the whole, and makes it a snapshot of this store that survives a crash.
  /// - Throws: `snapshotDamaged` when it is not what `meta` says, and `unreadable` when the owner of the store cannot read
  ///   it; nothing has changed then, and its parts are gone.
  mutating func finish(_ meta: SnapshotMeta) throws(StoreError) {
    if transfer == nil || transfer?.meta != meta {
      // An empty state has no part; one that is here already needs none.
      if let own = try shelf.open(meta) { return try own.verify() }
      guard meta.size == 0 else {
        throw .snapshotDamaged(
          file: directory.file(FileNames.snapshot(index: meta.index, term: meta.term)),
          what: "no part of it came")
      }
      try begin(meta)
    }
    guard let transfer else { return }
    let crc = try SnapshotFile.checksum(of: transfer.file, from: transfer.start, count: transfer.present)
    guard transfer.present == meta.size, crc == meta.checksum else {
      self.transfer = nil
      try directory.remove(transfer.name)
      let what =
        transfer.present == meta.size
        ? "what was received does not match its checksum"
        : "\(transfer.present) of \(meta.size) bytes were received"
      throw .snapshotDamaged(file: transfer.file.path, what: what)
    }
    let beginning = try transfer.file.read(count: min(Int(meta.size), Readability.prefix), at: transfer.start)
    if let why = readability.snapshot(beginning) {
      self.transfer = nil
      try directory.remove(transfer.name)
      throw .unreadable(directory: directory.path, what: "as to the received snapshot \(meta.index), \(why)")
    }
    do throws(StoreError) { try directory.synchronize(transfer.file) } catch {
      guard error.isDiskFull else { throw error }
      // What a second sync would say of the same file means nothing, so the parts have to come again.
      self.transfer = nil
      try directory.remove(transfer.name)
      throw .snapshotDamaged(
        file: transfer.file.path, what: "there was no room to make what was received durable")
    }
    try shelf.publish(transfer.name, meta)
    self.transfer = nil
  }

  /// What has come of a snapshot goes, as there is no room for the rest.
  /// - Returns: why the write is refused.
  mutating func dropForLackOfRoom(_ write: Write) throws(StoreError) -> StoreError {
    let meta = write.snapshot ?? write.chunk?.meta
    try drop()
    return .snapshotDamaged(
      file: directory.file(FileNames.snapshot(index: meta?.index ?? .zero, term: meta?.term ?? .zero)),
      what: "there is no room for it")
  }

  private mutating func drop() throws(StoreError) {
    guard let transfer else { return }
    self.transfer = nil
    try directory.remove(transfer.name)
  }

  private mutating func begin(_ meta: SnapshotMeta) throws(StoreError) {
    try drop()
    let name = FileNames.snapshot(index: meta.index, term: meta.term) + ".part"
    let file = try File(directory.file(name), .create)
    let header = SnapshotHeader.encode(meta, identity: identity)
    try file.write(header, at: 0)
    transfer = Transfer(meta: meta, file: file, name: name, start: UInt64(header.count), present: 0)
  }
}
