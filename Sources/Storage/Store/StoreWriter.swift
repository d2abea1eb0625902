import Raft

/// The store's thread: takes all that is queued, appends it, and makes it durable with one sync (group commit).
final class StoreWriter {
  private let directory: Directory
  private let options: StoreOptions
  private let queue: WriteQueue
  private let shelf: SnapshotShelf
  private let supply: SegmentSupply
  private let statistics: StatisticsBoard
  private let completion: @Sendable (DiskStore.Completion) -> Void

  private let log: LogWriter
  private var receiver: SnapshotReceiver
  private var pending: [Write] = []
  /// How many of `pending` are in the group or done.
  private var taken = 0
  private var progress = LogWriter.Progress()
  private var group = Group()
  private var compactTo: LogIndex?
  /// The next entries go into a new segment.
  private var separates = false
  /// Snapshots that are older go when a newer one is there.
  private var purged = LogIndex.zero
  /// A write waits for room.
  private var isStalled = false
  /// What was last reported: the two edges come in turn.
  private var isFull = false
  private var freeBytes = UInt64.max
  private var isClosing = false
  private var writes: UInt64 = 0
  private var groups: UInt64 = 0

  /// Writes that have been appended and wait for one sync.
  private struct Group {
    var firstNumber: UInt64?
    var lastNumber: UInt64?
    var needsSync = false
    var writes = 0
    var bytes = 0
  }

  init(
    directory: Directory, options: StoreOptions, queue: WriteQueue, shelf: SnapshotShelf, supply: SegmentSupply,
    statistics: StatisticsBoard, log: LogWriter, receiver: SnapshotReceiver,
    completion: @escaping @Sendable (DiskStore.Completion) -> Void
  ) {
    self.directory = directory
    self.options = options
    self.queue = queue
    self.shelf = shelf
    self.supply = supply
    self.statistics = statistics
    self.log = log
    self.receiver = receiver
    self.completion = completion
  }

  /// Until the queue is closed, or the disk has failed.
  func run() {
    freeBytes = directory.freeBytes() ?? .max
    publishStatistics()
    while true {
      if isStalled || isFull {
        queue.wait(milliseconds: options.retryMilliseconds)
      } else if !isClosing {
        queue.wait(milliseconds: nil)
      }
      let batch = queue.take()
      pending += batch.writes
      isClosing = isClosing || batch.isClosing
      if let index = batch.compactTo { compactTo = max(compactTo ?? .zero, index) }
      if let index = batch.purge {
        purged = max(purged, index)
        separates = true
      }
      do throws(StoreError) {
        if let failure = batch.failure { throw failure }
        try separateIfAsked()
        try writePending()
        if isStalled && isClosing { throw .closed }
        compactIfAsked()
        if isClosing {
          _ = try log.flush(sync: true)
          return queue.end()
        }
      } catch {
        return fail(error)
      }
      publishStatistics()
    }
  }

  // MARK: Writing

  private func writePending() throws(StoreError) {
    isStalled = false
    if supply.isShort { log.prepareNext() }
    lookForRoom()
    do throws(StoreError) {
      while taken < pending.count {
        try add(pending[taken])
        taken += 1
        progress = LogWriter.Progress()
        if log.buffered >= options.groupBytes { try finishGroup() }
      }
      try finishGroup()
    } catch {
      guard error.isDiskFull else { throw error }
      try stall()
    }
    pending.removeFirst(taken)
    taken = 0
    lookForRoom()
  }

  private func add(_ write: Write) throws(StoreError) {
    do throws(StoreError) { try receive(write) } catch {
      switch error {
      case .snapshotDamaged, .unreadable, .chunkOutOfOrder: return try refuse(write, error)
      default:
        guard error.isDiskFull else { throw error }
        // It would stand before votes and entries, for which there is room: the leader sends it again.
        return try refuse(write, receiver.dropForLackOfRoom(write))
      }
    }
    try log.append(write, &progress)
    if group.firstNumber == nil { group.firstNumber = write.number }
    group.lastNumber = write.number
    group.needsSync = group.needsSync || write.mustSync || write.snapshot != nil
    group.writes += 1
    group.bytes += WriteQueue.size(of: write)
  }

  /// The snapshot part of a write; each step is done once, however often the write waits for room.
  private func receive(_ write: Write) throws(StoreError) {
    if write.chunk != nil || write.snapshot != nil { try checkRoomForSnapshot() }
    if let chunk = write.chunk, !progress.isChunkWritten {
      try receiver.write(chunk)
      progress.isChunkWritten = true
    }
    if let meta = write.snapshot, !progress.isSnapshotInstalled {
      // What came before is durable before the snapshot takes its place.
      try finishGroup()
      try receiver.finish(meta)
      try log.startAnew(after: meta.index, term: meta.term)
      progress.isSnapshotInstalled = true
    }
  }

  /// A received snapshot is not what it should be, or has no room. Term, vote and entries in the same write are kept, as
  /// later writes may count on them; with the end of a snapshot come no entries.
  private func refuse(_ write: Write, _ error: StoreError) throws(StoreError) {
    try finishGroup()
    var rest = Write(number: write.number)
    rest.hardState = write.hardState
    if write.snapshot == nil { rest.entries = write.entries }
    progress = LogWriter.Progress()
    try log.append(rest, &progress)
    _ = try log.flush(sync: true)
    queue.done(WriteQueue.size(of: write))
    completion(.failed(error, number: write.number))
  }

  private func finishGroup() throws(StoreError) {
    guard let number = group.lastNumber else { return }
    let seconds = try log.flush(sync: group.needsSync)
    let done = group
    group = Group()
    queue.done(done.bytes)
    writes += UInt64(done.writes)
    groups += 1
    publishStatistics()
    completion(.durable(number: number, syncSeconds: seconds))
  }

  private func separateIfAsked() throws(StoreError) {
    guard separates, !isStalled else { return }
    do throws(StoreError) {
      try finishGroup()
      try log.separate()
      separates = false
    } catch {
      // It is tried again when there is room.
      guard error.isDiskFull else { throw error }
    }
  }

  private func compactIfAsked() {
    guard let index = compactTo else { return }
    compactTo = nil
    supply.remove(shelf.prune(olderThan: purged))
    // The log reaches back to the older of the snapshots that are kept, so that it can stand in for the newest.
    guard let oldest = shelf.oldest else { return }
    supply.retire(log.compact(to: min(index, oldest.index)))
  }

  // MARK: A full disk

  /// The parts of a snapshot take new room, and after the last one the log begins a new segment. What goes to the log
  /// goes where room was claimed before.
  private func checkRoomForSnapshot() throws(StoreError) {
    guard freeBytes < options.minimumFreeBytes || supply.isShort else { return }
    throw .diskFull(directory: directory.path, free: freeBytes, needed: options.minimumFreeBytes)
  }

  /// Reports each edge once. It is full before anything has to wait, when there is time left to step down; and there
  /// is room again only when nothing waits, the next segment is there, and somewhat more is free than must be, so
  /// that the two do not alternate.
  private func lookForRoom() {
    freeBytes = directory.freeBytes() ?? .max
    let least = options.minimumFreeBytes
    let isShort = isStalled || supply.isShort
    if !isFull, isShort || freeBytes < least {
      isFull = true
      publishStatistics()
      completion(.diskFull(free: freeBytes))
    } else if isFull, !isShort, freeBytes >= least + least / 4 {
      isFull = false
      publishStatistics()
      completion(.roomAgain(free: freeBytes))
    }
  }

  /// What was appended before is completed; the write that found no room waits, and all after it.
  private func stall() throws(StoreError) {
    do throws(StoreError) { try finishGroup() } catch {
      guard error.isDiskFull else { throw error }
    }
    isStalled = true
  }

  private var firstUnfinished: UInt64? {
    group.firstNumber ?? (taken < pending.count ? pending[taken].number : nil)
  }

  /// Nothing more is written, ever.
  private func fail(_ error: StoreError) {
    queue.end()
    statistics.update { $0.isFailed = true }
    completion(.failed(error, number: firstUnfinished ?? 0))
  }

  private func publishStatistics() {
    statistics.update { figures in
      figures.writes = writes
      figures.groups = groups
      figures.logBytes = log.segments.reduce(0) { $0 + $1.size }
      figures.segments = log.segments.count
      figures.entries = log.entriesWritten
      figures.bytesWritten = log.bytesWritten
      figures.syncs = log.syncs
      figures.syncSeconds = log.syncSeconds
      figures.slowestSyncSeconds = log.slowestSync
      figures.freeBytes = freeBytes
      figures.snapshotIndex = shelf.newest?.index ?? .zero
      figures.isDiskFull = isFull
      figures.isWaitingForRoom = isStalled
    }
  }
}
