/// Whether a learner keeps up with the log, found out in rounds (dissertation, section 4.2.1).
struct CatchUp: Sendable {
  /// What the leader had when the round began; nil before the first.
  private var target: LogIndex?
  private var began: UInt64 = 0
  private(set) var isDone = false

  /// - Parameter patience: ticks; a round that takes as long or longer is followed by another.
  mutating func advance(match: LogIndex, last: LogIndex, now: UInt64, patience: Int) {
    if isDone { return }
    guard let target else { return begin(last: last, now: now) }
    guard match >= target else { return }
    if now - began < UInt64(patience) { isDone = true } else { begin(last: last, now: now) }
  }

  private mutating func begin(last: LogIndex, now: UInt64) {
    target = last
    began = now
  }
}
