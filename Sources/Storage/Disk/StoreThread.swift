import Glibc

/// A thread of the store. Calls to the disk block, which no event loop and no task may.
///
/// Unchecked: the handle is written once, before anything else can see the object.
final class StoreThread: @unchecked Sendable {
  private var handle = pthread_t()

  private final class Start {
    let name: String
    let body: @Sendable () -> Void
    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  /// `name` is shown by the system's tools; 15 bytes at most.
  init(name: String, body: @escaping @Sendable () -> Void) throws(StoreError) {
    let start = Unmanaged.passRetained(Start(name: name, body: body))
    let code = pthread_create(
      &handle, nil,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        if let label = try? File("/proc/thread-self/comm", .update) {
          try? label.write([UInt8](start.name.utf8), at: 0)
        }
        start.body()
        return nil
      }, start.toOpaque())
    guard code == 0 else {
      start.release()
      throw .io(operation: "start of a thread", file: name, code: code)
    }
  }

  /// Waits for its end; from the thread itself, it lets go of it instead.
  func join() {
    if pthread_equal(handle, pthread_self()) != 0 {
      pthread_detach(handle)
    } else {
      pthread_join(handle, nil)
    }
  }
}

/// Seconds on a clock that never steps, for measuring.
func monotonicSeconds() -> Double {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}
