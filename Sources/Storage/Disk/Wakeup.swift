import Glibc

/// Wakes one thread that waits; a wake-up that comes before the wait is kept.
///
/// Unchecked: the semaphore is made for use from any thread, and its address never changes.
final class Wakeup: @unchecked Sendable {
  private let semaphore: UnsafeMutablePointer<sem_t>

  init() {
    semaphore = .allocate(capacity: 1)
    semaphore.initialize(to: sem_t())
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func signal() { sem_post(semaphore) }

  func wait() { _ = retrying { sem_wait(semaphore) } }

  /// Waits for a wake-up or for the time to pass; spurious returns are possible.
  func wait(milliseconds: Int) {
    // sem_timedwait knows the wall clock only. A step of that clock makes one wait longer or shorter.
    var until = timespec()
    clock_gettime(CLOCK_REALTIME, &until)
    until.tv_sec += milliseconds / 1000
    until.tv_nsec += (milliseconds % 1000) * 1_000_000
    if until.tv_nsec >= 1_000_000_000 {
      until.tv_sec += 1
      until.tv_nsec -= 1_000_000_000
    }
    _ = sem_timedwait(semaphore, &until)
  }
}
