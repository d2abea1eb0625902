import Raft

/// How far the state machine has come, and what is committed and waits for it.
struct AppliedLog {
  private(set) var index: LogIndex
  /// `Entry.time` of the last applied entry, be it a command or not: the desk's clock moves with commands alone.
  private(set) var time: UInt64
  /// A received snapshot that is being read, which is to take the place of the state; nothing is applied before.
  private(set) var loading: SnapshotMeta?
  private var waiting: [[Entry]] = []
  /// Entries of the first of these that are applied already.
  private var done = 0

  init(index: LogIndex, time: UInt64) {
    self.index = index
    self.time = time
  }

  /// The mistake `appliesWhileLoading`.
  var ignoresLoading = false

  /// Something can be applied.
  var hasMore: Bool { loading == nil && !waiting.isEmpty }

  /// - Parameter entries: committed, in order. They share their memory with the log that they are in.
  mutating func enqueue(_ entries: [Entry]) {
    if !entries.isEmpty { waiting.append(entries) }
  }

  /// The snapshot covers all that waits.
  mutating func load(_ meta: SnapshotMeta) {
    loading = meta
    waiting = []
    done = 0
  }

  mutating func loaded(_ meta: SnapshotMeta) {
    loading = nil
    index = meta.index
    time = meta.time
  }

  mutating func next() -> Entry? {
    guard loading == nil || ignoresLoading, let first = waiting.first else { return nil }
    let entry = first[done]
    done += 1
    if done == first.count {
      waiting.removeFirst()
      done = 0
    }
    return entry
  }

  mutating func applied(_ entry: Entry) {
    index = entry.index
    time = entry.time
  }
}

/// What one turn may apply: some milliseconds of work. What is left waits for the next turn, so that a node that catches
/// up goes on answering its peers.
struct ApplyBudget {
  private var commands = 4_096
  private var bytes = 2 << 20

  var isSpent: Bool { commands <= 0 || bytes <= 0 }

  mutating func spend(commands: Int, bytes: Int) {
    self.commands -= max(1, commands)
    self.bytes -= bytes
  }
}
