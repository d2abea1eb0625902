import Glibc

/// A thread of the archive: calls to the disk block, which no event loop and no task may.
///
/// Unchecked: the handle is written once, before anything else can see the object.
final class ArchiveThread: @unchecked Sendable {
  private var handle = pthread_t()

  private final class Start {
    let name: String
    let niceness: Int32
    let body: @Sendable () -> Void
    init(_ name: String, _ niceness: Int32, _ body: @escaping @Sendable () -> Void) {
      (self.name, self.niceness, self.body) = (name, niceness, body)
    }
  }

  /// - Parameters:
  ///   - name: as the system's tools show it; 15 bytes at the most.
  ///   - niceness: above 0: others go first.
  init(name: String, niceness: Int32, body: @escaping @Sendable () -> Void) throws(ArchiveError) {
    let start = Unmanaged.passRetained(Start(name, niceness, body))
    let code = pthread_create(
      &handle, nil,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        if let label = fopen("/proc/thread-self/comm", "w") {
          fputs(start.name, label)
          fclose(label)
        }
        // On Linux this is of the thread that calls, not of the process.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, start.niceness)
        start.body()
        return nil
      }, start.toOpaque())
    guard code == 0 else {
      start.release()
      throw ArchiveError(.unusable, nil, "A thread for the archive could not be started: error \(code).")
    }
  }

  /// Waits for its end.
  func join() { pthread_join(handle, nil) }
}
