internal import Kernel
import Node
import Raft

/// A node's disk. What is durable outlives a crash; what was handed out and not synced is lost but for a part at its
/// front; a flipped bit is found by its checksum when the store is opened.
struct SimulatedDisk {
  struct StoredSnapshot {
    var meta: SnapshotMeta
    var bytes: [UInt8]
    var checksum: UInt32
  }

  private(set) var hardState = HardState()
  private(set) var entries: [Entry] = []
  private(set) var snapshot: StoredSnapshot?
  /// The one before it, which stays as well: it may be on its way to somebody.
  private var older: StoredSnapshot?
  private var partial: [UInt8] = []
  /// A record whose header no longer matches its checksum.
  private var isHeaderDamaged = false
  /// Writes that were handed out, oldest first.
  private(set) var queue: [Write] = []
  /// So many of them are in the group that is being synced; 0: the disk rests.
  private(set) var inGroup = 0
  /// The write of this process that has last put a received snapshot in the place of the log; 0: none.
  private(set) var lastReplacement: UInt64 = 0
  /// With `lyingSync`: writes that were called durable and are not.
  private var unsynced: [Write] = []

  /// It says that what it held is lost, and that the group has not taken the node back yet.
  var isMarked = false
  /// An operator has said that its node begins a cluster of these members.
  var beginning: Membership?
  /// What the node's starts have noted.
  var record: MembersRecord?
  var isFull = false
  /// Every sync takes so many times as long.
  var slowness = 1
  /// What the writer did wrong.
  var complaints: [String] = []

  var lastIndex: LogIndex { entries.last?.index ?? snapshot?.meta.index ?? .zero }

  // MARK: Writing

  mutating func submit(_ write: Write) { queue.append(write) }

  /// Begins to sync all that waits (group commit).
  /// - Returns: whether there is anything to do.
  mutating func beginGroup() -> Bool {
    guard inGroup == 0, !queue.isEmpty, !isFull else { return false }
    inGroup = queue.count
    return true
  }

  /// The group is durable, and the writes in it are given back.
  ///
  /// - Parameter refused: numbers of writes whose snapshot is found damaged: of these only the hard state is kept.
  mutating func endGroup(lying: Bool, refused: Set<UInt64>) -> [Write] {
    let done = Array(queue.prefix(inGroup))
    queue.removeFirst(inGroup)
    inGroup = 0
    if lying {
      // What a lying disk really writes, it writes a while later.
      let earlier = unsynced
      unsynced = done
      for write in earlier { apply(write) }
    } else {
      for write in done {
        if refused.contains(write.number) { refuse(write) } else { apply(write) }
      }
    }
    return done
  }

  private mutating func refuse(_ write: Write) {
    partial = []
    if let state = write.hardState { apply(state) }
  }

  /// Numbers of the writes in the group that end the reception of a snapshot.
  var snapshotsInGroup: [UInt64] { queue.prefix(inGroup).filter { $0.snapshot != nil }.map(\.number) }

  private mutating func apply(_ write: Write) {
    applyChunk(write)
    applySnapshot(write)
    apply(write.entries[...])
    if let state = write.hardState { apply(state) }
  }

  private mutating func applyChunk(_ write: Write) {
    guard let chunk = write.chunk else { return }
    if chunk.offset == 0 { partial = [] }
    if UInt64(partial.count) != chunk.offset {
      complaints.append("a chunk at \(chunk.offset) follows \(partial.count) bytes")
    }
    partial += chunk.data
  }

  private mutating func applySnapshot(_ write: Write) {
    guard let meta = write.snapshot else { return }
    if UInt64(partial.count) != meta.size { complaints.append("snapshot \(meta.index) is incomplete") }
    let sum = CRC32C.checksum(partial)
    if sum != meta.checksum { complaints.append("snapshot \(meta.index) arrives damaged") }
    older = snapshot
    snapshot = StoredSnapshot(meta: meta, bytes: partial, checksum: sum)
    partial = []
    entries = []
    lastReplacement = write.number
  }

  private mutating func apply(_ new: ArraySlice<Entry>) {
    guard let first = new.first else { return }
    if first.index > lastIndex.next {
      complaints.append("entry \(first.index) leaves a gap after \(lastIndex)")
    }
    if first.index <= hardState.commit {
      complaints.append("entry \(first.index) is replaced, and up to \(hardState.commit) is committed")
    }
    if let last = entries.last, first.index <= last.index {
      entries.removeLast(min(entries.count, last.index - first.index + 1))
    }
    entries += new
  }

  private mutating func apply(_ state: HardState) {
    if state.term < hardState.term { complaints.append("the term goes back to \(state.term)") }
    if state.term == hardState.term, let vote = hardState.vote, vote != state.vote {
      complaints.append("the vote of term \(state.term) is changed")
    }
    hardState = state
    // A hint that may lag, and must never lead.
    hardState.commit = min(state.commit, lastIndex)
  }

  /// An own snapshot is durable; what it holds may leave the log when the node says so.
  mutating func take(_ own: OwnSnapshot) {
    guard own.meta.index > snapshot?.meta.index ?? .zero else { return }
    older = snapshot
    snapshot = StoredSnapshot(meta: own.meta, bytes: own.bytes, checksum: CRC32C.checksum(own.bytes))
  }

  /// Entries up to `index` may go, as far as the snapshot holds them.
  mutating func compact(to index: LogIndex) {
    let end = min(index, snapshot?.meta.index ?? .zero)
    entries.removeAll { $0.index <= end }
  }

  // MARK: Crashing

  /// The process ends. Of the writes under way the first ones may have reached the
  /// disk, and of the next one the records at its front.
  mutating func crash(_ dice: inout Dice) {
    unsynced = []
    let whole = dice.below(queue.count + 1)
    for write in queue.prefix(whole) { apply(write) }
    if whole < queue.count, dice.chance(permille: 500) { tear(queue[whole], &dice) }
    queue = []
    inGroup = 0
    partial = []
    lastReplacement = 0
  }

  /// The records of a write lie in this order: its chunk, its snapshot, its entries, its hard state.
  private mutating func tear(_ write: Write, _ dice: inout Dice) {
    applyChunk(write)
    guard dice.chance(permille: 700) else { return }
    if write.snapshot != nil { applySnapshot(write) }
    apply(write.entries.prefix(dice.below(write.entries.count + 1)))
  }

  /// A bit of what is durable flips.
  /// - Returns: false when there is nothing to damage.
  mutating func flipBit(_ dice: inout Dice) -> Bool {
    if let stored = snapshot, !stored.bytes.isEmpty, dice.chance(permille: 300) || entries.isEmpty {
      let place = dice.below(stored.bytes.count)
      snapshot?.bytes[place] ^= 1 << UInt8(dice.below(8))
      return true
    }
    guard !entries.isEmpty else { return false }
    let place = dice.below(entries.count)
    if entries[place].data.isEmpty {
      isHeaderDamaged = true
    } else {
      entries[place].data[dice.below(entries[place].data.count)] ^= 1 << UInt8(dice.below(8))
    }
    return true
  }

  /// All is lost: the node is rebuilt from its peers.
  ///
  /// - Parameter marked: by somebody who knew that it would be; else it looks like one that was never used.
  mutating func wipe(marked: Bool) {
    self = SimulatedDisk()
    isMarked = marked
  }

  /// As somebody finds it who copies its files: what is durable.
  var copied: SimulatedDisk {
    var copy = self
    copy.queue = []
    copy.inGroup = 0
    copy.partial = []
    copy.lastReplacement = 0
    copy.unsynced = []
    return copy
  }

  // MARK: Opening

  /// What is found at a start; nil when it is damaged.
  mutating func open(takingDamageForTornTail: Bool = false) -> Restored? {
    partial = []
    if let snapshot, CRC32C.checksum(snapshot.bytes) != snapshot.checksum { return nil }
    if isHeaderDamaged { return nil }
    if let damaged = entries.firstIndex(where: { CRC32C.checksum($0.data) != $0.checksum && !$0.data.isEmpty })
    {
      guard takingDamageForTornTail else { return nil }
      entries.removeSubrange(damaged...)
      hardState.commit = min(hardState.commit, lastIndex)
    }
    // A torn write may have left entries of a term that its hard state would have told.
    let term = max(entries.last?.term ?? .zero, snapshot?.meta.term ?? .zero)
    if term > hardState.term { hardState = HardState(term: term, vote: nil, commit: hardState.commit) }
    return Restored(hardState: hardState, snapshot: snapshot?.meta, entries: entries)
  }

  /// What a start goes by.
  func findings(_ restored: Restored) -> DiskFindings {
    let isEmpty =
      restored.hardState == HardState() && restored.entries.isEmpty && restored.snapshot == nil
      && record?.pinned == nil
    let opening: DiskFindings.Opening = isMarked ? .rejoining : isEmpty ? .fresh : .restored
    return DiskFindings(
      opening: opening, hardState: restored.hardState, snapshot: restored.snapshot,
      entries: restored.entries, beginning: opening == .fresh ? beginning : nil, record: record)
  }

  mutating func forgetVote() { hardState.vote = nil }

  /// The bytes of a snapshot; nil when it is gone.
  func read(_ chunk: ChunkRead) -> [UInt8]? {
    guard let stored = [snapshot, older].compactMap({ $0 }).first(where: { $0.meta == chunk.meta }) else {
      return nil
    }
    let start = Int(chunk.offset)
    guard start + chunk.length <= stored.bytes.count else { return nil }
    return Array(stored.bytes[start..<start + chunk.length])
  }

  /// Whether the entry is durable here, in the log or in the snapshot.
  func holds(_ index: LogIndex, _ term: Term) -> Bool {
    if let snapshot, snapshot.meta.index >= index { return true }
    guard let first = entries.first, index >= first.index, index <= lastIndex else { return false }
    return entries[index - first.index].term == term
  }
}
