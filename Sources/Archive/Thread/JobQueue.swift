import Glibc

/// Jobs on their way to one thread, bounded by what they weigh together.
///
/// Jobs that cost less together than one by one can be gathered for a while: then the thread is woken when they weigh enough, when
/// the first of them has waited long enough, or when one comes that weighs nothing, which is never held back.
///
/// Unchecked: all of it is under the mutex, whose address never changes.
final class JobQueue<Job: Sendable>: @unchecked Sendable {
  struct Gathering: Sendable {
    /// What weighs so much together is given at once.
    var enough: Int
    /// The longest that a job is held back.
    var milliseconds: Int
  }

  private let most: Int
  private let gathering: Gathering?
  /// When the jobs that are held back are given, by the monotonic clock; nil: none is.
  private var due: timespec?
  /// Of the jobs that were not given yet.
  private var gathered = 0
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var jobs: [Job] = []
  /// Of what was put and is not done.
  private var weight = 0
  private var isClosed = false

  /// - Parameter most: weight of all that was put and is not done.
  init(most: Int, gathering: Gathering? = nil) {
    (self.most, self.gathering) = (most, gathering)
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    condition = .allocate(capacity: 1)
    condition.initialize(to: pthread_cond_t())
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

  /// A job that is alone is taken whatever it weighs.
  /// - Returns: false: too much waits, or nothing is taken any more.
  func put(_ job: Job, weight added: Int) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    guard !isClosed, weight == 0 || weight + added <= most else { return false }
    hold(added)
    jobs.append(job)
    weight += added
    // Whoever waits for a time need not be told of more of the same.
    if jobs.count == 1 || due == nil { pthread_cond_signal(condition) }
    return true
  }

  /// Says until when jobs are held back, one of that weight being the last of them.
  private func hold(_ added: Int) {
    gathered += added
    guard let gathering, added > 0, gathered < gathering.enough else { return due = nil }
    // One that is not held back takes those with it that came before.
    guard jobs.isEmpty else { return }
    var time = now
    time.tv_sec += gathering.milliseconds / 1_000
    time.tv_nsec += gathering.milliseconds % 1_000 * 1_000_000
    if time.tv_nsec >= 1_000_000_000 {
      (time.tv_sec, time.tv_nsec) = (time.tv_sec + 1, time.tv_nsec - 1_000_000_000)
    }
    due = time
  }

  private var now: timespec {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time
  }

  private var isHeldBack: Bool {
    guard let due else { return false }
    let now = now
    return (now.tv_sec, now.tv_nsec) < (due.tv_sec, due.tv_nsec)
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

  /// All that waits, in order; waits for one, and as long as they are held back. nil: it is closed, and nothing is left.
  /// - Parameter waits: false: where nothing waits that may be given, nothing is given at once.
  func take(waits: Bool = true) -> [Job]? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while !isClosed, jobs.isEmpty || isHeldBack {
      if !waits { return [] }
      if var due {
        pthread_cond_timedwait(condition, mutex, &due)
      } else {
        pthread_cond_wait(condition, mutex)
      }
    }
    if jobs.isEmpty { return nil }
    defer { (jobs, due, gathered) = ([], nil, 0) }
    return jobs
  }
}
