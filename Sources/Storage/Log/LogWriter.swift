import Raft

/// The end of the log: what is appended is gathered in one buffer and goes to the disk with `flush`. Used by one
/// thread.
final class LogWriter {
  private let identity: StoreIdentity
  private let supply: SegmentSupply
  private let syncing: Syncing

  private var file: File?
  private var codec: RecordCodec
  private(set) var segments: [SegmentSpan]
  /// End of what has been appended to the segment, whether or not it has been written yet.
  private var position: UInt64
  /// All of the segment before this is durable.
  private var durable: UInt64
  /// The bytes before `position` that have not been written yet.
  private var buffer: [UInt8] = []
  private var last: LogIndex
  private var hardState: HardState
  private var pendingStart: (index: LogIndex, term: Term)?
  private var nextNumber: UInt64
  /// Records were written since the last sync.
  private var isUnsynced = false

  private(set) var bytesWritten: UInt64 = 0
  private(set) var entriesWritten: UInt64 = 0
  private(set) var syncs: UInt64 = 0
  private(set) var syncSeconds: Double = 0
  private(set) var slowestSync: Double = 0

  /// How far a `Write` has come that waits for room.
  struct Progress {
    var isChunkWritten = false
    var isSnapshotInstalled = false
    /// Entries that are appended already; more than 0 only for a write of several segments.
    var entries = 0
  }

  init(
    identity: StoreIdentity, supply: SegmentSupply, syncing: Syncing, recovered: RecoveredLog, file: File?
  ) {
    self.identity = identity
    self.supply = supply
    self.syncing = syncing
    self.file = file
    segments = recovered.segments
    position = recovered.position
    durable = recovered.position
    last = recovered.last
    hardState = recovered.hardState
    pendingStart = recovered.start
    codec = RecordCodec(identity: identity, segment: recovered.segments.last?.number ?? 0)
    nextNumber = recovered.nextNumber
    supply.prepare(nextNumber)
  }

  /// Opens the segment that is written to, and makes what recovery read from it durable.
  static func openTail(_ recovered: RecoveredLog, in directory: Directory, _ syncing: Syncing)
    throws(StoreError)
    -> File?
  {
    guard let number = recovered.segments.last?.number else { return nil }
    let file = try File(directory.file(FileNames.segment(number)), .update)
    // What was read may be in the system's cache alone, and after a failed sync it counts as clean there
    // (Rebello et al., "Can Applications Recover from fsync Failures?", ATC'20). So it is written again.
    let tail = try file.read(count: Int(recovered.position - recovered.durable), at: recovered.durable)
    try file.write(tail, at: recovered.durable)
    try syncing.data(file)
    return file
  }

  /// Bytes that wait for `flush`.
  var buffered: Int { buffer.count }

  /// Appends entries and then hard state, so that what is left of a write that a crash cuts short never has a
  /// commit index beyond its entries.
  ///
  /// - Throws: `diskFull` when there is no room for the next segment: nothing is lost, and the call is to be
  ///   repeated with the same `progress`.
  func append(_ write: Write, _ progress: inout Progress) throws(StoreError) {
    if let start = pendingStart {
      try makeRoom(LogRecord.stateBytes)
      encodeStart(start.index, start.term)
      pendingStart = nil
    }
    if progress.entries == 0, let first = write.entries.first {
      guard first.index <= last.next, first.index > .zero else {
        throw .writeOutOfOrder(what: "its first entry has index \(first.index) and the log ends at \(last)")
      }
    }
    while progress.entries < write.entries.count {
      // A write stays in one segment when one can hold it; a larger one fills as many as it takes. A single entry that
      // a fresh one does not hold gets one of its own size.
      let next = write.entries[progress.entries]
      let needed = LogRecord.bytes(data: next.data.count)
      if !hasRoom(size(of: write.entries[progress.entries...]), before: entryEnd),
        !isFresh || !hasRoom(needed, before: entryEnd)
      {
        guard let size = SegmentRoom.segmentBytes(holding: needed, usual: supply.segmentBytes) else {
          throw .entryTooLarge(
            index: next.index.rawValue, bytes: next.data.count, limit: SegmentRoom.entryLimit)
        }
        try beginNextSegment(of: size)
      }
      while progress.entries < write.entries.count {
        let entry = write.entries[progress.entries]
        guard hasRoom(LogRecord.bytes(data: entry.data.count), before: entryEnd) else { break }
        try encode(entry, isFirst: progress.entries == 0)
        progress.entries += 1
      }
    }
    if let state = write.hardState { try append(state) }
  }

  private func append(_ state: HardState) throws(StoreError) {
    // A hint that may lag, and must never lead: recovery takes a commit index beyond the log for a loss.
    let commit = min(state.commit, last)
    let isHint = state.term == hardState.term && state.vote == hardState.vote
    if isHint, supply.isShort, !hasRoom(LogRecord.stateBytes, before: entryEnd) {
      // The last room is for votes. The next segment begins with the hard state, and tells this one too.
      hardState.commit = commit
      return
    }
    try makeRoom(LogRecord.stateBytes)
    hardState = state
    hardState.commit = commit
    codec.encode(hardState, into: &buffer, at: position, durable: durable)
    position += UInt64(LogRecord.stateBytes)
  }

  /// The log goes on after a snapshot, and what it held is gone.
  func startAnew(after index: LogIndex, term: Term) throws(StoreError) {
    try makeRoom(LogRecord.stateBytes)
    encodeStart(index, term)
    pendingStart = nil
  }

  /// Writes what is gathered. With `sync`, all that was ever appended is durable afterwards.
  /// - Returns: seconds that the sync took.
  /// - Throws: an error for which `isDiskFull` holds leaves everything as it was, to be tried again. After any
  ///   other one it is unknown what the disk holds.
  func flush(sync: Bool) throws(StoreError) -> Double {
    guard let file else { return 0 }
    if !buffer.isEmpty {
      try file.write(buffer, at: position - UInt64(buffer.count))
      bytesWritten += UInt64(buffer.count)
      buffer.removeAll(keepingCapacity: true)
      isUnsynced = true
    }
    guard sync, isUnsynced else { return 0 }
    let begin = monotonicSeconds()
    try syncing.data(file)
    let seconds = monotonicSeconds() - begin
    isUnsynced = false
    durable = position
    // Not before: a segment that is begun and one that is prepared behind it are then never both in doubt.
    supply.prepare(nextNumber)
    syncs += 1
    syncSeconds += seconds
    slowestSync = max(slowestSync, seconds)
    return seconds
  }

  /// Takes the segments out that hold only entries at or below `index`: oldest first, never the newest.
  func compact(to index: LogIndex) -> [UInt64] {
    let count = segments.dropLast().prefix { $0.highest <= index }.count
    let numbers = segments.prefix(count).map(\.number)
    segments.removeFirst(count)
    return numbers
  }

  /// What is appended from now on is in another segment than what is there.
  /// - Throws: `diskFull` when there is no room for one; nothing has changed then.
  func separate() throws(StoreError) {
    guard file != nil, !isFresh else { return }
    try beginNextSegment(of: supply.segmentBytes)
  }

  /// Asks again for the next segment when there was no room for it before.
  func prepareNext() { supply.prepare(nextNumber) }

  // MARK: Encoding

  private func encode(_ entry: Entry, isFirst: Bool) throws(StoreError) {
    guard isFirst || entry.index == last.next else {
      throw .writeOutOfOrder(what: "the entry at index \(entry.index) follows the one at \(last)")
    }
    if entry.index <= last {
      for place in segments.indices {
        segments[place].highest = min(segments[place].highest, entry.index.previous)
      }
    }
    codec.encode(entry, into: &buffer, at: position, durable: durable)
    position += UInt64(LogRecord.bytes(data: entry.data.count))
    last = entry.index
    segments[segments.count - 1].highest = last
    entriesWritten += 1
  }

  private func encodeStart(_ index: LogIndex, _ term: Term) {
    codec.encode(start: index, term: term, into: &buffer, at: position, durable: durable)
    position += UInt64(LogRecord.stateBytes)
    last = index
    for place in segments.indices { segments[place].highest = .zero }
  }

  // MARK: Segments

  private func hasRoom(_ bytes: Int, before end: UInt64) -> Bool { position + UInt64(bytes) <= end }

  private var segmentEnd: UInt64 { segments.last?.size ?? 0 }

  /// Entries end here. What follows is for hard state while no next segment can be had.
  private var entryEnd: UInt64 { SegmentRoom.entryEnd(of: segmentEnd) }

  /// The segment has nothing but its beginning.
  private var isFresh: Bool { position == SegmentRoom.entryStart && file != nil }

  private func size(of entries: ArraySlice<Entry>) -> Int {
    var total = 0
    for entry in entries { total += LogRecord.bytes(data: entry.data.count) }
    return total
  }

  /// Room for a record that is no entry: with a full disk, in what entries have left.
  private func makeRoom(_ bytes: Int) throws(StoreError) {
    guard !hasRoom(bytes, before: entryEnd) else { return }
    do throws(StoreError) { try beginNextSegment(of: supply.segmentBytes) } catch {
      guard error.isDiskFull, hasRoom(bytes, before: segmentEnd) else { throw error }
    }
  }

  /// - Parameter size: of the segment at the least.
  private func beginNextSegment(of size: UInt64) throws(StoreError) {
    // The segment before has to be durable before anything is in the next. When there is no room for that one,
    // nothing else has happened yet.
    _ = try flush(sync: true)
    let prepared = try supply.take(nextNumber, atLeast: size)
    let header = SegmentHeader(
      number: prepared.number, size: prepared.size, firstIndex: last.next,
      previousEnd: segments.isEmpty ? 0 : position)
    file = prepared.file
    codec = RecordCodec(identity: identity, segment: prepared.number)
    segments.append(SegmentSpan(number: prepared.number, size: prepared.size, highest: .zero))
    durable = 0
    buffer.append(contentsOf: header.encode(identity: identity))
    position = UInt64(SegmentHeader.bytes)
    // Each segment tells the hard state again, so that those before it can go.
    codec.encode(hardState, into: &buffer, at: position, durable: durable)
    position += UInt64(LogRecord.stateBytes)
    nextNumber += 1
  }
}
