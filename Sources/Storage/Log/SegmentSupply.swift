import Glibc
import Synchronization

/// Prepares segments before they are needed and takes away what is not needed any more, on a thread of its own:
/// clearing 64 MiB must not stand before a write that somebody waits for.
///
/// A prepared segment has its final name, its blocks, and zeros in all of them, so that writing to it changes
/// nothing but data: `fdatasync` then needs no entry in the file system's journal. One compacted segment is kept,
/// cleared, for the next time; it is zero before it gets a new name, so nothing stale is ever in a segment.
final class SegmentSupply: Sendable {
  struct Prepared: Sendable {
    var number: UInt64
    var size: UInt64
    var file: File
  }

  private struct Order: Equatable {
    var number: UInt64
    var size: UInt64
  }

  private struct State {
    var wanted: Order?
    var prepared: Prepared?
    var failure: StoreError?
    /// Since a segment could not be prepared for lack of room, until one could.
    var isShort = false
    var retired: [UInt64] = []
    var unneeded: [String] = []
    var isRetiringOver = false
    var isClosing = false
    /// The writer waits for the outcome of `wanted`.
    var isAwaited = false
  }

  private enum Job {
    case prepare(Order)
    case retire(UInt64)
    case remove(String)
    case end
  }

  private let directory: Directory
  private let identity: StoreIdentity
  private let options: StoreOptions
  private let queue: WriteQueue
  private let state: Mutex<State>
  private let work = Wakeup()
  private let outcome = Wakeup()
  /// Bytes cleared between two syncs: small, so that the log's own syncs are never far behind one.
  private static let pieceBytes: UInt64 = 1 << 20

  /// - Parameter queue: told when room has become short, and when a sync has failed.
  init(
    directory: Directory, identity: StoreIdentity, options: StoreOptions, queue: WriteQueue, prepared: Prepared?
  ) {
    self.queue = queue
    self.directory = directory
    self.identity = identity
    self.options = options
    state = Mutex(State(prepared: prepared))
  }

  func start() throws(StoreError) -> StoreThread {
    try StoreThread(name: "log-segments") { self.run() }
  }

  // MARK: From the writer

  /// Bytes of a segment, as a rule.
  var segmentBytes: UInt64 { options.segmentBytes }

  /// Asks for a segment that will be needed. Does nothing when it is there or on its way.
  func prepare(_ number: UInt64) { prepare(Order(number: number, size: options.segmentBytes)) }

  private func prepare(_ order: Order) {
    let isNew = state.withLock { state in
      guard !Self.serves(state.prepared, order), !Self.serves(state.wanted, order),
        state.failure?.isFailedSync != true
      else { return false }
      state.wanted = order
      state.failure = nil
      return true
    }
    if isNew { work.signal() }
  }

  private static func serves(_ prepared: Prepared?, _ order: Order) -> Bool {
    prepared.map { $0.number == order.number && $0.size >= order.size } ?? false
  }

  private static func serves(_ wanted: Order?, _ order: Order) -> Bool {
    wanted.map { $0.number == order.number && $0.size >= order.size } ?? false
  }

  /// The segment of this number; waits while it is being prepared. One that is there and too small is replaced: nothing
  /// is in it.
  /// - Throws: why it could not be prepared; it is tried anew at the next call, but for a failed sync.
  func take(_ number: UInt64, atLeast size: UInt64) throws(StoreError) -> Prepared {
    let order = Order(number: number, size: size)
    prepare(order)
    while true {
      let result = state.withLock { state -> Result<Prepared, StoreError>? in
        if Self.serves(state.prepared, order), let prepared = state.prepared {
          state.prepared = nil
          return .success(prepared)
        }
        if let failure = state.failure {
          if !failure.isFailedSync { state.failure = nil }
          return .failure(failure)
        }
        if state.isClosing { return .failure(.closed) }
        state.isAwaited = true
        return nil
      }
      if let result { return try result.get() }
      outcome.wait()
    }
  }

  /// Whether the last attempt to prepare a segment that has ended failed for lack of room.
  var isShort: Bool { state.withLock { $0.isShort } }

  /// Oldest first, so that the segments that are left have no gap between them.
  func retire(_ numbers: [UInt64]) {
    state.withLock { if !$0.isRetiringOver { $0.retired += numbers } }
    work.signal()
  }

  func remove(_ names: [String]) {
    state.withLock { $0.unneeded += names }
    work.signal()
  }

  func close() {
    state.withLock { $0.isClosing = true }
    work.signal()
    outcome.signal()
  }

  // MARK: On its own thread

  private func run() {
    var spare: UInt64?
    while true {
      switch next() {
      case nil: work.wait()
      case .prepare(let order):
        finish(order, Result { () throws(StoreError) in try make(order, from: &spare) })
      case .retire(let number):
        do throws(StoreError) { try retire(number, into: &spare) } catch { stopRetiring(error) }
      // What cannot be taken away now does no harm but for its room.
      case .remove(let name): try? directory.remove(name)
      case .end: return
      }
    }
  }

  private func next() -> Job? {
    state.withLock { state in
      if let wanted = state.wanted, !state.isClosing { return .prepare(wanted) }
      if !state.unneeded.isEmpty { return .remove(state.unneeded.removeFirst()) }
      if state.isClosing { return .end }
      // What is left of these when the store is closed stays in the log, and goes after a later compaction.
      if !state.retired.isEmpty { return .retire(state.retired.removeFirst()) }
      return nil
    }
  }

  /// Going on with later segments after one could not be taken away would leave a gap in the log.
  private func stopRetiring(_ error: StoreError) {
    state.withLock { state in
      state.isRetiringOver = true
      state.retired = []
    }
    if error.isFailedSync { queue.fail(error) }
  }

  private func finish(_ order: Order, _ result: Result<Prepared, StoreError>) {
    let (isAwaited, isNewlyShort) = state.withLock { state in
      let wasShort = state.isShort
      // A larger one may have been asked for meanwhile: it comes next, in the place of this one.
      if state.wanted == order { state.wanted = nil }
      switch result {
      case .success(let prepared):
        state.prepared = prepared
        state.isShort = false
      case .failure(let error):
        state.failure = error
        state.isShort = error.isDiskFull
      }
      defer { state.isAwaited = false }
      return (state.isAwaited, state.isShort && !wasShort)
    }
    if isAwaited { outcome.signal() }
    if case .failure(let error) = result, error.isFailedSync { queue.fail(error) }
    if isNewlyShort { queue.nudge() }
  }

  /// - Parameter spare: size of the cleared segment that is kept, if there is one.
  private func make(_ order: Order, from spare: inout UInt64?) throws(StoreError) -> Prepared {
    if let size = spare, size >= order.size {
      spare = nil
      return try publish(order.number, FileNames.recycled, size)
    }
    let needed = order.size + options.minimumFreeBytes
    if let free = directory.freeBytes(), free < needed {
      throw .diskFull(directory: directory.path, free: free, needed: needed)
    }
    do throws(StoreError) {
      let file = try File(directory.file(FileNames.preparing), .create)
      try file.allocate(order.size)
      try clear(file, order.size)
      return try publish(order.number, FileNames.preparing, order.size)
    } catch {
      try? directory.remove(FileNames.preparing)
      throw error
    }
  }

  private func publish(_ number: UInt64, _ temporary: String, _ size: UInt64) throws(StoreError) -> Prepared {
    let name = FileNames.segment(number)
    try directory.rename(temporary, to: name)
    try directory.synchronize()
    try Manifest(newestSegment: number).write(in: directory, identity: identity)
    return Prepared(number: number, size: size, file: try File(directory.file(name), .update))
  }

  private func retire(_ number: UInt64, into spare: inout UInt64?) throws(StoreError) {
    let name = FileNames.segment(number)
    let isRoomy = directory.freeBytes().map { $0 >= options.segmentBytes + options.minimumFreeBytes } ?? true
    guard spare == nil, isRoomy else {
      try directory.remove(name)
      return try directory.synchronize()
    }
    try directory.rename(name, to: FileNames.recycled)
    // Before it is cleared: a power loss must not bring a half-cleared file back under its old name.
    try directory.synchronize()
    let file = try File(directory.file(FileNames.recycled), .update)
    let size = try file.size()
    guard size == options.segmentBytes else { return try directory.remove(FileNames.recycled) }
    do throws(StoreError) { try clear(file, size) } catch {
      try? directory.remove(FileNames.recycled)
      throw error
    }
    spare = size
  }

  private func clear(_ file: File, _ size: UInt64) throws(StoreError) {
    let zeros = [UInt8](repeating: 0, count: Int(min(size, Self.pieceBytes)))
    var offset: UInt64 = 0
    while offset < size {
      let count = min(UInt64(zeros.count), size - offset)
      try withBytes(of: zeros) { (buffer) throws(StoreError) in
        try file.write(UnsafeRawBufferPointer(rebasing: buffer[0..<Int(count)]), at: offset)
      }
      try directory.synchronize(file)
      offset += count
      if state.withLock({ $0.isClosing }) { throw .closed }
    }
    try directory.synchronize(file)
  }
}
