import Desk
import Kernel
import Raft

/// When the next snapshot is due.
struct SnapshotSchedule {
  private var entries = 0
  private var bytes = 0
  private(set) var isUnderWay = false
  /// A state that is to be written once all of it is on this node's own disk: what is not must not be in its snapshot, or
  /// after a crash the log would end before the snapshot begins. At most one, so that a disk that is behind costs one
  /// copy of what has changed since, as a snapshot that is being written does.
  private(set) var waiting: SnapshotJob?
  private(set) var lastIndex = LogIndex.zero
  /// Somebody waits for one of this index or a later one.
  private var wanted: LogIndex?
  /// Mean size of the entries since the last snapshot; tells how many fit into the tail.
  var meanEntryBytes: Int { entries == 0 ? 64 : max(64, bytes / entries) }

  mutating func wasApplied(bytes more: Int) {
    entries += 1
    bytes += more
  }

  /// The next one is not due before the log has grown by as much as the last one took: so a byte of the log costs at most one byte
  /// of a snapshot, however large the state is, and the log is at most as large as it. Smaller ones than this are not looked at.
  static let smallSize = 1 << 20
  /// Of the last one, in bytes.
  private var size = 0

  /// - Parameter isSending: the last one is on its way to somebody, who would have to begin anew with the next one.
  func isDue(_ configuration: NodeConfiguration, isSending: Bool) -> Bool {
    guard !isUnderWay, waiting == nil else { return false }
    if wanted != nil { return true }
    if isHurried, entries > 0 { return true }
    guard size <= Self.smallSize || bytes >= size else { return false }
    let times = isSending ? RaftNode.snapshotDeferral : 1
    return entries >= configuration.snapshotEntries * times || bytes >= configuration.snapshotBytes * times
  }

  /// The log has grown by so many bytes since the last one, and by as many as that took.
  func isWorthOne(_ bytes: Int) -> Bool { self.bytes >= max(bytes, size) }

  /// Entries to be kept behind the snapshot that waits or is under way.
  private(set) var tail = 0
  private var isHurried = false

  /// One of that index or a later one is due as soon as it can be made.
  mutating func want(_ index: LogIndex) {
    guard index > lastIndex else { return }
    wanted = max(wanted ?? .zero, index)
  }

  /// There is one, and it is on the disk.
  /// - Parameter size: of its state, in bytes.
  mutating func has(_ index: LogIndex, size: Int) {
    (lastIndex, self.size) = (index, size)
    if let wanted, wanted <= index { self.wanted = nil }
  }

  /// The next one is due as soon as it can be made.
  mutating func hurry() { isHurried = true }

  /// It is due. The next one counts from here.
  mutating func hold(_ job: SnapshotJob, tail: Int) {
    waiting = job
    self.tail = tail
    isHurried = false
    entries = 0
    bytes = 0
  }

  /// The state to write now, if there is one.
  ///
  /// - Parameter durable: entries up to here are on this node's own disk, and what they brought to its archive.
  mutating func take(durable: LogIndex) -> SnapshotJob? {
    guard !isUnderWay, let job = waiting, job.index <= durable else { return nil }
    waiting = nil
    isUnderWay = true
    return job
  }

  /// A snapshot of the leader has taken the place of the state.
  mutating func wasReplaced(at index: LogIndex, size: Int) {
    has(index, size: size)
    waiting = nil
    entries = 0
    bytes = 0
  }

  mutating func ended() { isUnderWay = false }

  /// It could not be written: the next one comes when it is due by itself.
  mutating func failed() {
    isUnderWay = false
    wanted = nil
  }
}
