package import Raft

/// A snapshot file that is in no store: a copy of one, as a backup has it. Its name is what the store gave it.
package struct LooseSnapshot: Sendable {
  private let snapshot: SnapshotFile
  /// Whose store it was copied from.
  package let owner: StoreIdentity

  /// Reads the header alone.
  ///
  /// - Throws: `damaged`, `snapshotDamaged`, `formatVersion`; `noIdentity` when the header does not say whose it is; `io`.
  package init(_ path: String) throws(StoreError) {
    let (folder, name) = StoreError.split(path)
    let directory = Directory(path: folder.isEmpty ? "." : folder)
    guard let owner = StoreOwner.find(in: directory, names: [name])?.identity else {
      throw .noIdentity(directory: path)
    }
    self.owner = owner
    snapshot = try SnapshotFile(name, in: directory, identity: owner)
  }

  package var meta: SnapshotMeta { snapshot.meta }

  /// The first bytes of the state, unchecked.
  package func start(_ count: Int) throws(StoreError) -> [UInt8] { try snapshot.read(at: 0, count: count) }

  /// Compares the state with its checksum without holding it.
  package func verify() throws(StoreError) { try snapshot.verify() }

  /// The whole state, checked against its checksum.
  package func read() throws(StoreError) -> [UInt8] { try snapshot.read() }
}

extension StoreInspection {
  /// Whose store is in a directory, which a node may have open; nil: no file says it.
  package static func owner(of directory: String) throws(StoreError) -> StoreIdentity? {
    let directory = Directory(path: directory)
    return StoreOwner.find(in: directory, names: try directory.names())?.identity
  }

  /// The newest snapshot of a store that a node may have open; nil: there is none.
  ///
  /// - Returns: its path. It stays for as long as no two newer ones are made; whoever has opened it keeps it.
  /// - Throws: `io`.
  package static func newestSnapshot(in directory: String) throws(StoreError) -> String? {
    let directory = Directory(path: directory)
    // Names sort as the positions do.
    return try directory.names().last { FileNames.snapshotPosition($0) != nil }.map(directory.file)
  }
}
