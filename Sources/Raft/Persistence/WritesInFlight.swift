/// The writes that were handed out and are not durable yet, oldest first, and what is durable.
///
/// A write that ends late must not vouch for entries that have been replaced meanwhile by others with the same
/// indexes. So each write remembers how far it makes the log durable, and truncating the log lowers that mark
/// in all of them.
struct WritesInFlight: Sendable {
  struct Item: Sendable {
    let number: UInt64
    let hardState: HardState?
    /// The log is durable up to here once this write is; nil when it has no entries.
    var through: LogIndex?
    /// The received snapshot that this write puts in the place of the log.
    let installs: SnapshotMeta?
    /// Go out once this write is durable, besides those that the shell holds for it.
    var messages: [Message] = []
  }

  private var queue = Fifo<Item>()
  private(set) var lastNumber: UInt64 = 0
  /// Entries up to here are on this node's disk, and they are the ones of its log.
  private(set) var durableIndex: LogIndex
  /// Term, vote and commit index that are on disk.
  private(set) var durableState: HardState

  /// A deliberate mistake.
  var lateWritesCount = false

  init(durableIndex: LogIndex, durableState: HardState) {
    self.durableIndex = durableIndex
    self.durableState = durableState
  }

  var isEmpty: Bool { queue.isEmpty }

  /// Takes the next number.
  mutating func begin(hardState: HardState?, through: LogIndex?, installs: SnapshotMeta?) -> UInt64 {
    lastNumber += 1
    queue.append(Item(number: lastNumber, hardState: hardState, through: through, installs: installs))
    return lastNumber
  }

  /// Holds messages until the newest write is durable; there must be one.
  mutating func hold(_ messages: [Message]) {
    queue.updateLast { $0.messages.append(contentsOf: messages) }
  }

  /// The log was cut: entries above `index` are no longer what any earlier write has written.
  mutating func cut(after index: LogIndex) {
    durableIndex = min(durableIndex, index)
    if lateWritesCount { return }
    queue.updateEach { item in
      if let through = item.through { item.through = min(through, index) }
    }
  }

  /// A received snapshot has taken the place of the log, and no write under way has entries.
  ///
  /// - Parameter keepingLog: a deliberate mistake.
  mutating func wasReplaced(by index: LogIndex, keepingLog: Bool) {
    durableIndex = keepingLog ? max(durableIndex, index) : index
  }

  /// The oldest write, if its number is at most `number`: it is durable now.
  mutating func end(upTo number: UInt64) -> Item? {
    guard let first = queue.first, first.number <= number, let item = queue.removeFirst() else { return nil }
    if let through = item.through { durableIndex = max(durableIndex, through) }
    if let hardState = item.hardState { durableState = hardState }
    return item
  }
}
