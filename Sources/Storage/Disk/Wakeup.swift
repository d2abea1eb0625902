import Glibc

/// Wakes one thread that waits; a wake-up that comes before the wait is kept, and several are one.
///
/// Unchecked: what it has is made for use from any thread, and its addresses never change.
final class Wakeup: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  /// Under the mutex.
  private var isDue = false

  init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    condition = .allocate(capacity: 1)
    condition.initialize(to: pthread_cond_t())
    // On the wall clock, which the semaphores of POSIX know alone, a step of it would make a wait longer.
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  func signal() {
    pthread_mutex_lock(mutex)
    isDue = true
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  func wait() {
    pthread_mutex_lock(mutex)
    while !isDue { pthread_cond_wait(condition, mutex) }
    isDue = false
    pthread_mutex_unlock(mutex)
  }

  /// Waits for a wake-up or for the time to pass; spurious returns are possible.
  func wait(milliseconds: Int) {
    var until = timespec()
    clock_gettime(CLOCK_MONOTONIC, &until)
    until.tv_sec += milliseconds / 1000
    until.tv_nsec += (milliseconds % 1000) * 1_000_000
    if until.tv_nsec >= 1_000_000_000 {
      until.tv_sec += 1
      until.tv_nsec -= 1_000_000_000
    }
    pthread_mutex_lock(mutex)
    if !isDue { _ = pthread_cond_timedwait(condition, mutex, &until) }
    isDue = false
    pthread_mutex_unlock(mutex)
  }
}
