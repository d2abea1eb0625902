import Glibc

/// Jobs on their way to one thread, bounded by what they weigh together.
///
/// Unchecked: all of it is under the mutex, whose address never changes.
final class JobQueue<Job: Sendable>: @unchecked Sendable {
  private let most: Int
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var jobs: [Job] = []
  /// Of what was put and is not done.
  private var weight = 0
  private var isClosed = false

  /// - Parameter most: weight of all that was put and is not done.
  init(most: Int) {
    self.most = most
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    condition = .allocate(capacity: 1)
    condition.initialize(to: pthread_cond_t())
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// A job that is alone is taken whatever it weighs.
  /// - Returns: false: too much waits, or nothing is taken any more.
  func put(_ job: Job, weight added: Int) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    guard !isClosed, weight == 0 || weight + added <= most else { return false }
    jobs.append(job)
    weight += added
    pthread_cond_signal(condition)
    return true
  }

  func done(_ weight: Int) {
    pthread_mutex_lock(mutex)
    self.weight -= weight
    pthread_mutex_unlock(mutex)
  }

  /// What waits is still taken.
  func close() {
    pthread_mutex_lock(mutex)
    isClosed = true
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Nothing new is taken; whoever has long work under way ends it.
  var isEnding: Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return isClosed
  }

  /// All that waits, in order; waits for one. nil: it is closed, and nothing is left.
  /// - Parameter waits: false: where nothing waits, nothing is given at once.
  func take(waits: Bool = true) -> [Job]? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while jobs.isEmpty {
      if isClosed { return nil }
      if !waits { return [] }
      pthread_cond_wait(condition, mutex)
    }
    defer { jobs = [] }
    return jobs
  }
}
