package import Archive
package import Desk
internal import Kernel
package import Raft
package import Storage

/// Makes the data of a node of a new cluster from a backup of another one. Each of its nodes is made so, of the same backup.
package struct Restoration: Sendable {
  /// What is to be different in the new cluster from what was backed up: called with the state, and with the archive as it was
  /// at that state, before anything of it counts. Returns whether it has changed the state. Has to do the same for each node.
  package typealias Change = (inout ReplicatedState, ArchiveWriter?) throws -> Bool

  package struct Outcome: Hashable, Sendable {
    package var index: UInt64
    package var sessions: Int
    /// Rows of the archive that belong to what came after the snapshot.
    package var rowsCut: Int
  }

  package let source: String
  package let manifest: BackupManifest

  /// Reads all of the backup, and compares it with its checksums.
  ///
  /// - Throws: `BackupError`, `StoreError`.
  package init(
    from source: String, progress: @escaping (BackupMaking.Progress) -> Void = { _ in }
  ) throws {
    self.source = source
    manifest = try BackupCheck.check(source, progress: progress)
  }

  /// The node's store is written last, and appears as a whole or not at all: what fails or is cut off before leaves a directory
  /// that is to be emptied.
  ///
  /// - Parameters:
  ///   - directory: the data of the new node, new or empty.
  ///   - identity: the name of the new cluster is another one: no node of the old one is to be taken for one of it.
  ///   - membership: all members of the new cluster vote.
  /// - Throws: `BackupError`, `StoreError`, `ArchiveError`, `SnapshotError`; what `change` throws.
  package func restore(
    into directory: String, as identity: StoreIdentity, _ membership: Membership,
    changing change: Change? = nil,
    progress: @escaping (BackupMaking.Progress) -> Void = { _ in }
  ) throws -> Outcome {
    guard identity.cluster != manifest.cluster else {
      throw BackupError(
        "The backup is of a cluster that is called \(manifest.cluster), as the new one is. Give the new one another name "
          + "(`cluster` in the configuration of each node), so that no node of the old one can be taken for one of it."
      )
    }
    let snapshot = try BackupCheck.snapshot(of: manifest, in: source)
    let bytes = try snapshot.read()
    var state = try ReplicatedState(snapshot: bytes)
    let folder = try BackupFolder(empty: directory, for: "A restored node")
    try folder.requireRoom(manifest.bytes)
    var archive: ArchiveWriter?
    defer { archive?.close() }
    var rowsCut = 0
    if manifest.hasArchive {
      let copy = try copyArchive(to: folder, progress)
      archive = copy
      rowsCut = try copy.cut(after: manifest.snapshotIndex) { state.leftChunks(of: $0) }
    }
    let hasChanged = try change?(&state, archive) ?? false
    archive?.close()
    archive = nil
    var meta = snapshot.meta
    meta.membership = membership
    meta.membership.identity = try manifest.group(called: identity.cluster)
    try StoreSeed.write(
      hasChanged ? state.encodedSnapshot() : bytes, meta, directory: directory, identity: identity)
    let counts = state.sessionCounts
    let sessions = counts.active + counts.queued + counts.closed
    return Outcome(index: manifest.snapshotIndex, sessions: sessions, rowsCut: rowsCut)
  }

  private func copyArchive(
    to folder: BackupFolder, _ progress: @escaping (BackupMaking.Progress) -> Void
  ) throws -> ArchiveWriter {
    try folder.makeFolder("archive")
    for file in manifest.files where file.name.hasPrefix("archive/") {
      let copied = try BackupFileFacts.copy(source + "/" + file.name, to: folder.file(file.name), as: file.name)
      {
        progress(BackupMaking.Progress(file: file.name, part: min(1, Double($0) / Double(max(1, file.bytes)))))
      }
      // It was checked before; a disk may give something else now.
      guard copied == file else {
        throw BackupError("\(source)/\(file.name) could not be read as it was written. Use another backup.")
      }
    }
    try BackupFolder.synchronize(folder.file("archive"))
    let archive = try ArchiveWriter(folder.file("archive"))
    if let finding = archive.findings.first {
      archive.close()
      throw BackupError("The archive of the backup is damaged: \(finding.description) Use another backup.")
    }
    return archive
  }
}
