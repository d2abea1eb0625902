import Glibc
import Synchronization

/// What a test makes of the disk of a running store: each sync takes longer, or no room is left. Both come from beneath
/// the store, which goes the ways that it goes for a real disk.
package final class DiskFaults: Sendable {
  private let delay = Atomic<Int>(0)
  private let full = Atomic<Bool>(false)

  package init() {}

  /// - Parameters:
  ///   - syncDelay: milliseconds by which each sync is late; 0: none.
  ///   - isFull: whether the file system says that nothing is free. What was claimed before can be written.
  package func set(syncDelay: Int, isFull: Bool) {
    delay.store(max(0, syncDelay), ordering: .relaxed)
    full.store(isFull, ordering: .relaxed)
  }

  var isFull: Bool { full.load(ordering: .relaxed) }

  /// On the thread that is about to sync.
  func delaySync() {
    let milliseconds = delay.load(ordering: .relaxed)
    guard milliseconds > 0 else { return }
    var rest = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
    var left = timespec()
    while nanosleep(&rest, &left) == -1, errno == EINTR { rest = left }
  }
}

extension Syncing {
  func delayed(by faults: DiskFaults) -> Syncing {
    Syncing(
      data: { [data] (file) throws(StoreError) in
        faults.delaySync()
        try data(file)
      },
      whole: { [whole] (file) throws(StoreError) in
        faults.delaySync()
        try whole(file)
      },
      directory: { [directory] (path) throws(StoreError) in
        faults.delaySync()
        try directory(path)
      })
  }
}
