import Raft

/// What a start finds in a directory. Changes nothing until `repair`, so that a store that is refused, or only looked
/// at, is left as it was found.
struct StoreRecovery {
  private let directory: Directory
  private let names: [String]
  private let identity: StoreIdentity
  /// Nil for a directory that no store has used.
  private let newestSegment: UInt64?
  private let damagedSnapshots: [(name: String, error: StoreError)]
  private let torn: [TornPiece]
  /// Whole ones, newest first.
  let snapshots: [SnapshotMeta]
  let log: RecoveredLog
  let entries: [Entry]
  let opening: StoreOpening
  /// Nil unless the store is fresh.
  let beginning: Membership?
  let record: MembersRecord?
  private(set) var notes: [String]

  init(directory: Directory, names: [String], identity: StoreIdentity) throws(StoreError) {
    self.directory = directory
    self.names = names
    self.identity = identity
    try StoppedMark.check(directory, names: names, identity: identity)
    let marker = try RejoinMarker.read(in: directory, names: names, identity: identity)
    newestSegment = try Self.newestSegment(directory, names, identity)
    let (metas, damaged) = try SnapshotShelf.recover(directory, names: names, identity: identity)
    let newer = damaged.filter { file in metas.first.map { Self.isNewer(file.name, than: $0) } ?? true }
    var recovery = LogRecovery(directory: directory, identity: identity)
    (log, entries) = try recovery.recover(
      names.compactMap(FileNames.segmentNumber).sorted(), newest: newestSegment ?? 0, snapshot: metas.first,
      passedOver: newer.first.map { directory.file($0.name) })
    torn = recovery.torn
    snapshots = metas
    damagedSnapshots = damaged
    notes = recovery.notes + [marker.note].compactMap { $0 }
    let isFresh = log.segments.isEmpty && metas.isEmpty
    opening = marker.isSet ? .rejoining : isFresh ? .fresh : .restored
    record = try MembersRecord.read(in: directory, names: names, identity: identity)
    beginning =
      opening == .fresh ? try StoreBeginning.read(in: directory, names: names, identity: identity) : nil
  }

  /// - Throws: `unreadable`, for the first of snapshot and entries that the owner cannot read.
  func check(_ readability: Readability) throws(StoreError) {
    if let meta = snapshots.first {
      let name = FileNames.snapshot(index: meta.index, term: meta.term)
      let snapshot = try SnapshotFile(name, in: directory, identity: identity)
      if let why = readability.snapshot(try snapshot.read(at: 0, count: Readability.prefix)) {
        throw .unreadable(directory: directory.path, what: "as to snapshot \(meta.index), \(why)")
      }
    }
    for entry in entries {
      guard let why = readability.entry(entry) else { continue }
      throw .unreadable(directory: directory.path, what: "as to entry \(entry.index), \(why)")
    }
  }

  /// Makes the directory ready to be written to: clears what a crash has left, and sets damaged snapshots aside.
  mutating func repair() throws(StoreError) {
    if newestSegment == nil { try Manifest(newestSegment: 0).write(in: directory, identity: identity) }
    // The cluster has begun, or the node has lost it: what was said once does not count twice.
    if opening != .fresh, names.contains(FileNames.beginning) { try directory.remove(FileNames.beginning) }
    for piece in torn { try piece.clear(directory.syncing) }
    for name in names where FileNames.isTemporary(name) { try directory.remove(name) }
    for (name, error) in damagedSnapshots { notes.append(try setAside(name, error)) }
  }

  private static func newestSegment(_ directory: Directory, _ names: [String], _ identity: StoreIdentity)
    throws(StoreError) -> UInt64?
  {
    if names.contains(FileNames.manifest) {
      return try Manifest.read(in: directory, identity: identity).newestSegment
    }
    let isOurs = names.contains {
      FileNames.segmentNumber($0) != nil || FileNames.snapshotPosition($0) != nil
    }
    guard !isOurs else {
      throw .missing(
        file: directory.file(FileNames.manifest), what: "there is a log or a snapshot, and nothing says whose")
    }
    return nil
  }

  /// Keeps a damaged snapshot, under a name that none of its like has.
  private func setAside(_ name: String, _ error: StoreError) throws(StoreError) -> String {
    var other = name + FileNames.damaged
    var count = 1
    while names.contains(other) {
      count += 1
      other = name + FileNames.damaged + "-\(count)"
    }
    try directory.rename(name, to: other)
    return "\(error.finding); it is set aside as \(other), and an older snapshot or the log stands in for it"
  }

  private static func isNewer(_ name: String, than meta: SnapshotMeta) -> Bool {
    guard let position = FileNames.snapshotPosition(name) else { return false }
    return (position.index, position.term) > (meta.index, meta.term)
  }
}
