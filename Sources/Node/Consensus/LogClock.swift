import Kernel

/// The time that this node stamps entries with when it leads. It follows the time of day, but what is due by it must
/// neither wait nor come in a rush when that jumps: see docs/decisions/0008.
///
/// - It never goes back, and is never below the stamp of an entry that this node has applied.
/// - While it is ahead of the time of day (that clock was set back, or that of an earlier leader was ahead) it goes on
///   at 7/8 of the speed of time until the two meet. An agent's grace of 30 s is then 34 s, and not for ever.
/// - A time of day that is ahead is taken at once: a machine that was asleep must not stamp messages with yesterday.
struct LogClock {
  /// Milliseconds since 1970.
  private(set) var milliseconds: UInt64
  /// What is missing to the next millisecond while it goes at its own speed, in eighths of a nanosecond.
  private var part: Int64 = 0
  private var readAt: Instant

  init(_ milliseconds: UInt64, at now: Instant) {
    self.milliseconds = milliseconds
    readAt = now
  }

  /// - Parameter timeOfDay: in milliseconds since 1970.
  mutating func read(_ timeOfDay: UInt64, at now: Instant) -> UInt64 {
    let passed = max(0, (now - readAt).nanoseconds)
    readAt = .later(of: readAt, now)
    part += passed * 7
    milliseconds += UInt64(part / 8_000_000)
    part %= 8_000_000
    if timeOfDay >= milliseconds {
      milliseconds = timeOfDay
      part = 0
    }
    return milliseconds
  }

  /// An entry was applied that has this stamp.
  mutating func saw(_ stamp: UInt64) {
    guard stamp > milliseconds else { return }
    milliseconds = stamp
    part = 0
  }
}
