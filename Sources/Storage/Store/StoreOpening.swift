import Raft

extension DiskStore {
  /// Opens the store in `directory`, which is made when it is not there, and recovers what it holds. Nothing else can
  /// open it until it is closed.
  ///
  /// - Throws: `inUse`; `otherOwner` or `formatVersion` for files that are not ours to read; `damaged` or `missing`
  ///   when something that was durable is lost, other than a last write that a crash cut short; `io`.
  package static func open(
    directory: String, identity: StoreIdentity, options: StoreOptions = StoreOptions()
  ) throws(StoreError) -> (DiskStore, RecoveredState) {
    try open(directory: directory, identity: identity, options: options, syncing: .disk)
  }

  static func open(
    directory path: String, identity: StoreIdentity, options: StoreOptions, syncing: Syncing
  ) throws(StoreError) -> (DiskStore, RecoveredState) {
    try options.check()
    guard (1...255).contains(identity.cluster.utf8.count) else {
      throw .option(key: "cluster", value: "\"\(identity.cluster)\"", allowed: "a name of 1 to 255 bytes")
    }
    let directory = Directory(path: path)
    try directory.create()
    let lock = try DirectoryLock(directory)
    var names = try directory.names()
    for name in names where FileNames.isTemporary(name) { try directory.remove(name) }
    names.removeAll(where: FileNames.isTemporary)

    let newest = try newestSegment(directory, names, identity)
    let (metas, damaged) = try SnapshotShelf.recover(directory, names: names, identity: identity)
    let snapshot = metas.first
    let newer = damaged.filter { file in snapshot.map { isNewer(file.name, than: $0) } ?? true }
    var recovery = LogRecovery(directory: directory, identity: identity)
    let (log, entries) = try recovery.recover(
      names.compactMap(FileNames.segmentNumber).sorted(), newest: newest, snapshot: snapshot,
      passedOver: newer.first.map { directory.file($0.name) })

    var notes = recovery.notes
    for (name, error) in damaged {
      notes.append("\(error); it is set aside as \(name).damaged, and the log stands in for it")
      try directory.rename(name, to: name + ".damaged")
    }
    let store = try DiskStore(
      directory: directory, identity: identity, options: options, syncing: syncing, lock: lock, recovered: log,
      snapshots: metas)
    let state = RecoveredState(hardState: log.hardState, snapshot: snapshot, entries: entries, notes: notes)
    return (store, state)
  }

  private static func newestSegment(_ directory: Directory, _ names: [String], _ identity: StoreIdentity)
    throws(StoreError) -> UInt64
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
    try Manifest(newestSegment: 0).write(in: directory, identity: identity)
    return 0
  }

  private static func isNewer(_ name: String, than meta: SnapshotMeta) -> Bool {
    guard let position = FileNames.snapshotPosition(name) else { return false }
    return (position.index, position.term) > (meta.index, meta.term)
  }
}
