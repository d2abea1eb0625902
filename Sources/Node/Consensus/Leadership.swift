import Kernel
import Raft

/// Who leads, as far as this node knows, and since when nobody does.
struct Leadership {
  /// nil: a leader is known.
  private(set) var lostAt: Instant?
  private(set) var last: NodeID?
  /// How often a leader was found.
  private(set) var changes: UInt64 = 0

  init(lostAt: Instant) { self.lostAt = lostAt }

  /// - Returns: it is news.
  mutating func found(_ leader: NodeID) -> Bool {
    let isNews = lostAt != nil || last != leader
    if isNews { changes += 1 }
    last = leader
    lostAt = nil
    return isNews
  }

  /// - Returns: it is news.
  mutating func lost(at now: Instant) -> Bool {
    guard lostAt == nil else { return false }
    lostAt = now
    return true
  }

  /// Whether there has been no leader for longer than that.
  func isLost(for milliseconds: Int, now: Instant) -> Bool {
    lostAt.map { now - $0 > .milliseconds(milliseconds) } ?? false
  }
}
