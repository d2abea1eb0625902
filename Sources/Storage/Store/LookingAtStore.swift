extension RecoveredState {
  /// What a start would find in a directory, which is left as it is. Reads all of the log.
  ///
  /// - Returns: nil when there is no such directory, so that a start would make it.
  /// - Throws: `inUse` while a process has the store open; else what `DiskStore.open` throws.
  package static func look(in path: String, identity: StoreIdentity) throws(StoreError) -> RecoveredState? {
    try identity.check()
    let directory = Directory(path: path)
    let names: [String]
    do throws(StoreError) { names = try directory.names() } catch {
      if error.isNotFound { return nil }
      throw error
    }
    let lock = try DirectoryLock(lookingAt: directory)
    defer { _ = lock }
    let found = try StoreRecovery(directory: directory, names: names, identity: identity)
    return RecoveredState(
      hardState: found.log.hardState, snapshot: found.snapshots.first, entries: found.entries,
      notes: found.notes,
      opening: found.opening, beginning: found.beginning, record: found.record)
  }
}
