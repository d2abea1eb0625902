import Desk
import Kernel
import Raft

/// When the next snapshot is due.
struct SnapshotSchedule {
  private var entries = 0
  private var bytes = 0
  private(set) var isUnderWay = false
  var lastIndex = LogIndex.zero
  /// Mean size of the entries since the last snapshot; tells how many fit into the tail.
  var meanEntryBytes: Int { entries == 0 ? 64 : max(64, bytes / entries) }

  mutating func wasApplied(bytes more: Int) {
    entries += 1
    bytes += more
  }

  /// - Parameter isSending: the last one is on its way to somebody, who would have to begin anew with the next one.
  func isDue(_ configuration: NodeConfiguration, isSending: Bool) -> Bool {
    if isHurried, !isUnderWay, entries > 0 { return true }
    let times = isSending ? RaftNode.snapshotDeferral : 1
    return !isUnderWay
      && (entries >= configuration.snapshotEntries * times || bytes >= configuration.snapshotBytes * times)
  }

  /// Entries to be kept behind the snapshot that is under way.
  private(set) var tail = 0

  private var isHurried = false

  /// The next one is due as soon as it can be made.
  mutating func hurry() { isHurried = true }

  mutating func begin(tail: Int) {
    isHurried = false
    self.tail = tail
    isUnderWay = true
    entries = 0
    bytes = 0
  }

  mutating func ended() { isUnderWay = false }
}
