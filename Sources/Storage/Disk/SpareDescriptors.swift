import Glibc
import Synchronization

/// File descriptors that a process holds back for its stores: when others have taken all that the system gives, one of
/// these is let go of, and the file that was to be opened gets its place. They are taken back as soon as the system
/// gives some again.
///
/// Shared by all threads that open files, hence the lock; it is held for calls that never block.
enum SpareDescriptors {
  /// Files of one store that are opened between two of its writes: a segment, the manifest, a directory, a snapshot;
  /// and as many again for a snapshot that is read or received meanwhile.
  static let wanted = 8

  private static let held = Mutex<[Int32]>([])

  /// Takes back what is missing, as far as the system gives it.
  static func refill() {
    held.withLock { held in
      while held.count < wanted {
        let descriptor = Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        held.append(descriptor)
      }
    }
  }

  /// - Returns: whether a descriptor is free now that was not before.
  static func lend() -> Bool {
    guard let descriptor = held.withLock({ $0.popLast() }) else { return false }
    _ = Glibc.close(descriptor)
    return true
  }

  static var count: Int { held.withLock { $0.count } }
}

/// A call that needs a file descriptor. What the system lacks for the moment is no failure of the disk: a spare one is
/// used, then it is waited for a little.
///
/// - Returns: what the call gave; on failure `isFailure` holds and `errno` says why.
func opening<Opened>(_ call: () -> Opened, isFailure: (Opened) -> Bool) -> Opened {
  var waits = 0
  while true {
    let result = call()
    guard isFailure(result) else {
      if waits > 0 || SpareDescriptors.count < SpareDescriptors.wanted { SpareDescriptors.refill() }
      return result
    }
    let code = errno
    if code == EINTR { continue }
    guard StoreError.meansShortage(code) else { return result }
    if SpareDescriptors.lend() { continue }
    // A fifth of a second in all: behind it the caller has ways to try again that hold nobody up.
    guard waits < 20 else {
      errno = code
      return result
    }
    waits += 1
    usleep(10_000)
  }
}
