package import Raft

/// Makes the store of a node that begins with a state of elsewhere: the first of a new cluster, from a backup of another one.
package enum StoreSeed {
  /// Writes a store with a snapshot and an empty log behind it. Its node starts as one that has been there before, and votes.
  /// All members of the new cluster have to begin with the same one. It appears as a whole or not at all: after a crash the
  /// directory has no store.
  ///
  /// - Parameters:
  ///   - directory: made where it is missing; no store is in it.
  ///   - meta: size and checksum are found out.
  ///   - state: the bytes of the snapshot.
  /// - Throws: `inUse`; `option` when there is a store already; `io`.
  package static func write(
    _ state: [UInt8], _ meta: SnapshotMeta, directory path: String, identity: StoreIdentity
  ) throws(StoreError) {
    try identity.check()
    let directory = Directory(path: path)
    try directory.create()
    let lock = try DirectoryLock(directory)
    defer { _ = lock }
    if let file = try directory.names().first(where: { FileNames.isOurs($0) && $0 != FileNames.lock }) {
      throw .option(key: "the data directory", value: path, allowed: "one without a store, and it has \(file)")
    }
    // Without the snapshot it is an empty store, whose node joins.
    try Manifest(newestSegment: 0).write(in: directory, identity: identity)
    let shelf = SnapshotShelf(directory: directory, identity: identity, metas: [])
    _ = try shelf.write(meta) { sink in try sink(state) }
  }
}
