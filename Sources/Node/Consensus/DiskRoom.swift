import Raft

/// A disk that is full, and one that has room again.
extension Node {
  mutating func diskBecameFull(_ free: UInt64) {
    note(
      .error, "the disk is full: this node takes no new work; make room below the data directory",
      ("free", "\(free)"))
    metrics.diskIsFull = true
    stepAsideForFullDisk()
  }

  mutating func diskHasRoom(_ free: UInt64) {
    note(.notice, "there is room on the disk again: this node takes new work", ("free", "\(free)"))
    metrics.diskIsFull = false
    raft.priority = drain.isDraining ? .low : .normal
  }

  /// Whoever cannot write should not lead: others are asked first, and one of them now.
  private mutating func stepAsideForFullDisk() {
    raft.priority = .low
    if case .begun(let target) = raft.transferLeadership(to: nil) {
      note(.notice, "leadership is handed over", ("to", name(of: target)))
    }
  }

  var diskIsFull: Bool { metrics.diskIsFull }
}
