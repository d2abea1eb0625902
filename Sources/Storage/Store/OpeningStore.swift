import Raft

extension DiskStore {
  /// Opens the store in `directory`, which is made when it is not there, and recovers what it holds. Nothing else can
  /// open it until it is closed. A store that is refused is left as it was found.
  ///
  /// - Throws: `inUse`; `otherOwner`, `formatVersion` or `unknownRecord` for files that are not ours to read;
  ///   `damaged` or `missing` when something that was durable is lost, other than a last write that a crash cut
  ///   short; `io`.
  package static func open(
    directory: String, identity: StoreIdentity, options: StoreOptions = StoreOptions()
  ) throws(StoreError) -> (DiskStore, RecoveredState) {
    try open(directory: directory, identity: identity, options: options, syncing: .disk)
  }

  static func open(
    directory path: String, identity: StoreIdentity, options: StoreOptions, syncing: Syncing
  ) throws(StoreError) -> (DiskStore, RecoveredState) {
    try options.check()
    try identity.check()
    let directory = Directory(path: path, syncing: syncing, faults: options.faults)
    try directory.create()
    let lock = try DirectoryLock(directory)
    var recovery = try StoreRecovery(directory: directory, names: directory.names(), identity: identity)
    try recovery.check(options.readability)
    try recovery.repair()
    let store = try DiskStore(
      directory: directory, identity: identity, options: options, syncing: directory.syncing, lock: lock,
      recovered: recovery.log, snapshots: recovery.snapshots)
    let state = RecoveredState(
      hardState: recovery.log.hardState, snapshot: recovery.snapshots.first, entries: recovery.entries,
      notes: recovery.notes, opening: recovery.opening, beginning: recovery.beginning, record: recovery.record)
    return (store, state)
  }
}
