import Raft
import Synchronization

/// Writes on their way from the replica's thread to the store's. At most one wake-up per batch that finds the queue
/// empty; the store's thread takes all there is at once.
final class WriteQueue: Sendable {
  struct Batch {
    var writes: [Write] = []
    /// Set when the log may be compacted up to here.
    var compactTo: LogIndex?
    /// What was submitted before this batch is to be in other segments than what is in it; see `DiskStore.purge`.
    var purge: LogIndex?
    var isClosing = false
    /// A sync failed elsewhere: nothing more is to be written.
    var failure: StoreError?
  }

  private struct State {
    var batch = Batch()
    var isEmpty = true
    var isOver = false
  }

  private let state = Mutex(State())
  /// Bytes that were submitted and are neither durable nor refused.
  private let bytes = Atomic<Int>(0)
  private let wakeup = Wakeup()

  var backlogBytes: Int { bytes.load(ordering: .relaxed) }

  /// Gives false when nothing is taken any more.
  func put(_ writes: [Write]) -> Bool {
    var size = 0
    for write in writes { size += Self.size(of: write) }
    return put(size) { $0.writes += writes }
  }

  func compact(to index: LogIndex) {
    _ = put(0) { $0.compactTo = max($0.compactTo ?? .zero, index) }
  }

  func purge(_ index: LogIndex) {
    _ = put(0) { $0.purge = max($0.purge ?? .zero, index) }
  }

  func close() {
    _ = put(0) { $0.isClosing = true }
  }

  /// Ends the store's thread with this error.
  func fail(_ error: StoreError) {
    _ = put(0) { $0.failure = $0.failure ?? error }
  }

  /// Lets the store's thread look around.
  func nudge() {
    _ = put(0) { _ in }
  }

  /// Whether nothing is taken any more.
  var isOver: Bool { state.withLock { $0.isOver } }

  private func put(_ size: Int, _ change: (inout Batch) -> Void) -> Bool {
    let (isTaken, isFirst) = state.withLock { state in
      guard !state.isOver else { return (false, false) }
      change(&state.batch)
      bytes.add(size, ordering: .relaxed)
      defer { state.isEmpty = false }
      return (true, state.isEmpty)
    }
    if isFirst { wakeup.signal() }
    return isTaken
  }

  // MARK: On the store's thread

  /// What has come since the last call, perhaps nothing.
  func take() -> Batch {
    state.withLock { state in
      var batch = Batch()
      swap(&batch, &state.batch)
      state.isEmpty = true
      return batch
    }
  }

  func wait(milliseconds: Int?) {
    if let milliseconds { wakeup.wait(milliseconds: milliseconds) } else { wakeup.wait() }
  }

  func done(_ size: Int) { bytes.subtract(size, ordering: .relaxed) }

  /// Nothing is taken from now on, and what waits is let go.
  func end() {
    state.withLock { state in
      state.isOver = true
      state.batch = Batch()
    }
    bytes.store(0, ordering: .relaxed)
  }

  /// What a write counts for in the backlog.
  static func size(of write: Write) -> Int {
    var size = 64 + (write.chunk?.data.count ?? 0)
    for entry in write.entries { size += entry.size }
    return size
  }
}
