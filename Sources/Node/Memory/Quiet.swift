import Kernel
import Raft

/// Whether nothing has been done for a while. Then is the time to let go of what is held in case more comes: the log behind a small
/// state, and memory that was freed and that the allocator keeps.
struct Quiet {
  static let after = Span.seconds(30)
  /// A log of fewer bytes is not worth a snapshot.
  static let smallLog = 4 << 20

  private var index = LogIndex.zero
  private var since: Instant?
  /// So it is, and the node has let go.
  private(set) var isSettled = false

  /// - Parameter index: up to which all is applied.
  /// - Returns: whether this is the moment to let go: once for each time of quiet.
  mutating func look(_ index: LogIndex, now: Instant) -> Bool {
    guard let since, index == self.index else {
      (self.index, self.since, isSettled) = (index, now, false)
      return false
    }
    guard !isSettled, now - since >= Self.after else { return false }
    isSettled = true
    return true
  }
}

extension Node {
  /// Twice a second.
  mutating func watchQuiet() {
    guard quiet.look(log.index, now: now) else { return }
    guard snapshots.isWorthOne(Quiet.smallLog) else { return output.givesBackMemory = true }
    snapshots.hurry()
    makeSnapshotIfDue()
  }
}
