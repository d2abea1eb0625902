package import Raft
import Synchronization

/// The durable half of a Raft member: a write-ahead log and snapshots in one directory.
///
/// Writes are handed over from one thread and never block it. The store's own thread takes all that is queued, and
/// makes it durable with one sync. Snapshots are written and read on the caller's thread.
package final class DiskStore: Sendable {
  /// What has become of writes. Given on the store's thread, in the order of the numbers.
  package enum Completion: Sendable {
    /// All writes up to this one are durable; given once per group. 0 seconds when none of them asked for a sync.
    case durable(number: UInt64, syncSeconds: Double)
    /// This write could not be carried out, and with three exceptions nothing is written any more, ever: a failed
    /// sync is not tried again, as nobody knows what the disk holds after it.
    ///
    /// The exceptions are `snapshotDamaged`, `unreadable` and `chunkOutOfOrder`: a received snapshot is refused (also for
    /// lack of room: it must not stand before a vote), its parts are gone, and log and snapshots are as they were, but for
    /// the hard state and the entries of the same write, which are durable.
    /// Nothing is to count on a snapshot before it is durable: entries that follow a refused one end the store with
    /// `writeOutOfOrder`.
    case failed(StoreError, number: UInt64)
    /// The disk has become full: less is free than is to be kept, or the next segment could not be made. Once,
    /// before the next `roomAgain`; as a rule before anything has to wait, so that the node can step down in
    /// time. `durable` may still follow, and says nothing about room.
    ///
    /// Once the segments that are there have no room either, the first write that needs some waits, and all
    /// after it, in their order; they are tried again with each submission and every `retryMilliseconds`.
    /// A term and a vote that wait behind no entries are made durable also then: the end of each segment is kept
    /// for them, 64 KiB of one of 64 MiB or a 64th of a smaller one, which is room for 1170 changes (two in the
    /// smallest segment); a mere commit index, which may lag, is not written there. So a node whose shell
    /// gives Raft no more entries to store after `diskFull` can go on voting.
    case diskFull(free: UInt64)
    /// There is room again, and nothing waits any more. Once for each `diskFull`.
    case roomAgain(free: UInt64)
  }

  let directory: Directory
  let identity: StoreIdentity
  private let options: StoreOptions
  private let syncing: Syncing
  private let queue = WriteQueue()
  private let shelf: SnapshotShelf
  private let supply: SegmentSupply
  private let board: StatisticsBoard
  private let recovered: RecoveredLog
  private let tail: File?
  private let held: Mutex<Held>

  /// What `close` gives back.
  private struct Held {
    var lock: DirectoryLock?
    var supply: StoreThread?
    var writer: StoreThread?
  }

  init(
    directory: Directory, identity: StoreIdentity, options: StoreOptions, syncing: Syncing, lock: DirectoryLock,
    recovered: RecoveredLog, snapshots: [SnapshotMeta]
  ) throws(StoreError) {
    self.directory = directory
    self.identity = identity
    self.options = options
    self.syncing = syncing
    self.recovered = recovered
    SpareDescriptors.refill()
    shelf = SnapshotShelf(directory: directory, identity: identity, metas: snapshots)
    tail = try LogWriter.openTail(recovered, in: directory, syncing)
    var prepared: SegmentSupply.Prepared?
    if let blank = recovered.blank {
      let file = try File(directory.file(FileNames.segment(blank.number)), .update)
      prepared = SegmentSupply.Prepared(number: blank.number, size: blank.size, file: file)
    }
    supply = SegmentSupply(
      directory: directory, identity: identity, options: options, queue: queue, prepared: prepared)
    var figures = StoreStatistics()
    figures.segments = recovered.segments.count
    figures.logBytes = recovered.segments.reduce(0) { $0 + $1.size }
    figures.freeBytes = directory.freeBytes() ?? 0
    figures.snapshotIndex = shelf.newest?.index ?? .zero
    board = StatisticsBoard(figures)
    held = Mutex(Held(lock: lock, supply: try supply.start()))
    supply.prepare(recovered.nextNumber)
  }

  deinit { close() }

  /// Begins to carry out what was and will be submitted. Once; later calls do nothing.
  /// - Parameter completion: called on the store's thread, which writes nothing while it runs.
  package func start(completion: @escaping @Sendable (Completion) -> Void) {
    held.withLock { held in
      guard held.writer == nil, held.lock != nil else { return }
      do throws(StoreError) {
        held.writer = try StoreThread(name: "log-writer") {
          [directory, identity, options, syncing, queue, shelf, supply, board, recovered, tail] in
          StoreWriter(
            directory: directory, options: options, queue: queue, shelf: shelf, supply: supply,
            statistics: board,
            log: LogWriter(
              identity: identity, supply: supply, syncing: syncing, recovered: recovered, file: tail),
            receiver: SnapshotReceiver(
              directory: directory, identity: identity, shelf: shelf, readability: options.readability),
            completion: completion
          ).run()
        }
      } catch {
        completion(.failed(error, number: 0))
      }
    }
  }

  /// Queues writes, in the order of their numbers, always from the same thread. Never waits for the disk. After a
  /// failure they are dropped.
  package func submit(_ writes: [Write]) {
    guard !writes.isEmpty else { return }
    _ = queue.put(writes)
  }

  /// Bytes submitted and not yet completed. The queue has no limit of its own: who submits holds back in time.
  package var backlogBytes: Int { queue.backlogBytes }

  package var statistics: StoreStatistics {
    var figures = board.current
    figures.snapshotIndex = shelf.newest?.index ?? .zero
    return figures
  }

  /// Lets go of log segments that hold only entries at or below `index`, and of all snapshots but the newest two. The
  /// log is kept back to the older of these, whatever `index` says, so that it can stand in for a damaged newest
  /// one; and without a snapshot all of it. In the background.
  package func compact(to index: LogIndex) { queue.compact(to: index) }

  /// What is at or below `index` is to be in no file: what is submitted from now on goes into another segment than what is durable
  /// already, so that `compact(to:)` takes all of that away; and once the newest snapshot is not older than `index`, those that are go. To be
  /// called when the log is durable up to `index`. In the background; with a full disk, when there is room.
  package func purge(_ index: LogIndex) { queue.purge(index) }

  /// Writes a snapshot of this node's own state, on the caller's thread. It appears whole and durable, or not at all.
  ///
  /// - Parameter pieces: gives the state to `sink`, piece by piece; what it throws is passed on as
  ///   `snapshotNotProduced`.
  /// - Throws: `closed` once the store has failed or was closed. After a failed sync of the file or its directory the
  ///   store fails too, and reports it through `start`'s completion.
  package func writeSnapshot(
    index: LogIndex, term: Term, time: UInt64, membership: Membership,
    pieces: (_ sink: ([UInt8]) throws -> Void) throws -> Void
  ) throws(StoreError) -> SnapshotMeta {
    guard !isOver else { throw .closed }
    let meta = SnapshotMeta(
      index: index, term: term, time: time, membership: membership, size: 0, checksum: 0)
    return try endingOnFailedSync { () throws(StoreError) in try shelf.write(meta, pieces) }
  }

  /// The whole state of a snapshot, checked against its size and checksum.
  package func readSnapshot(_ meta: SnapshotMeta) throws(StoreError) -> [UInt8] {
    guard let snapshot = try shelf.open(meta) else {
      throw .missing(
        file: directory.file(FileNames.snapshot(index: meta.index, term: meta.term)),
        what: "there is no such snapshot any more")
    }
    return try snapshot.read()
  }

  /// Up to `length` bytes of a snapshot from `offset` on, fewer at its end; nil when it is gone. Not checked by
  /// itself: the receiver checks the whole.
  package func readChunk(_ meta: SnapshotMeta, offset: UInt64, length: Int) throws(StoreError) -> [UInt8]? {
    try shelf.open(meta)?.read(at: offset, count: length)
  }

  /// Closed, or failed: nothing is written any more.
  var isOver: Bool { queue.isOver }

  /// A sync that failed on the caller's thread ends the store as one on its own thread does.
  func endingOnFailedSync<Value>(_ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
    do throws(StoreError) { return try body() } catch {
      if error.isFailedSync { queue.fail(error) }
      throw error
    }
  }

  /// Carries out what was submitted, ends the threads and lets go of the directory. Not from `completion`.
  package func close() {
    let held = self.held.withLock { held in
      defer { held = Held() }
      return held
    }
    guard held.lock != nil else { return }
    queue.close()
    held.writer?.join()
    queue.end()
    supply.close()
    held.supply?.join()
  }
}
