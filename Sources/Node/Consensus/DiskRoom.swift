import Raft

/// A disk that is full, and one that has room again.
extension Node {
  mutating func diskBecameFull(_ free: UInt64) {
    note(
      .error, "the disk is full: this node takes no new work; make room below the data directory",
      ("free", "\(free)"))
    metrics.diskIsFull = true
    // The others are to give it no sessions and no leadership; the leader takes back what it has.
    sendReports()
    stepAside()
  }

  mutating func diskHasRoom(_ free: UInt64) {
    note(.notice, "there is room on the disk again: this node takes new work", ("free", "\(free)"))
    metrics.diskIsFull = false
    sendReports()
    stepAside()
  }

  var diskIsFull: Bool { metrics.diskIsFull }
}
