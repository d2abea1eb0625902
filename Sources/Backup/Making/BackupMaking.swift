internal import Archive
internal import Desk
internal import Glibc
internal import Kernel
internal import Raft
package import Storage

/// Copies what a node has on its disk while the node serves: a snapshot of its state and its archive. All is consistent in
/// itself; what the archive has beyond the snapshot is cut off when the backup is restored.
package struct BackupMaking: Sendable {
  /// A file is copied, or read again for its checksum.
  package struct Progress: Sendable {
    package var file: String
    /// Between 0 and 1.
    package var part: Double
  }

  package let directory: String
  /// Whose data it is.
  package let owner: StoreIdentity
  private let folder: BackupFolder

  /// Looks at both directories, and makes the second one.
  ///
  /// - Parameters:
  ///   - directory: the data of a node.
  ///   - output: new or empty.
  /// - Throws: `BackupError`, `StoreError`.
  package init(of directory: String, to output: String) throws {
    guard access(directory, F_OK) == 0, let owner = try StoreInspection.owner(of: directory) else {
      throw BackupError(
        "\(directory) has no data of a node: give the data directory of the node that is to be backed up.")
    }
    (self.directory, self.owner) = (directory, owner)
    folder = try BackupFolder(empty: output, for: "A backup")
  }

  /// - Parameters:
  ///   - index: of a snapshot that the node has made for this, as it says.
  ///   - node: its name.
  ///   - time: in milliseconds since 1970.
  ///   - takesIncomplete: also of an archive that misses something.
  /// - Throws: `BackupError`, `StoreError`, `ArchiveError`. Then there is no manifest, and what was written is deleted.
  package func make(
    with index: UInt64, node: String, release: String, time: UInt64, takesIncomplete: Bool = false,
    progress: @escaping (Progress) -> Void = { _ in }
  ) throws -> BackupManifest {
    do {
      let (meta, level, snapshot) = try copySnapshot(atLeast: index, progress)
      var files = [snapshot]
      let found = try copyArchive(meta.index, level, takesIncomplete, into: &files, progress)
      let manifest = BackupManifest(
        cluster: owner.cluster, node: node, nodeID: owner.node, release: release, level: level.rawValue,
        snapshotIndex: meta.index, madeAt: time, missingEntries: found.missing,
        detachedMonths: found.detached, files: files)
      try write(manifest)
      return manifest
    } catch {
      folder.clear()
      throw error
    }
  }

  private func copySnapshot(
    atLeast index: UInt64, _ progress: (Progress) -> Void
  ) throws -> (meta: (index: UInt64, size: UInt64), level: Level, facts: BackupFileFacts) {
    guard let path = try StoreInspection.newestSnapshot(in: directory) else {
      throw BackupError("There is no snapshot in \(directory): ask the node whose data it is (--url).")
    }
    let snapshot = try LooseSnapshot(path)
    guard snapshot.meta.index.rawValue >= index else {
      throw BackupError(
        "The node that was asked has a snapshot at entry \(index), and the newest in \(directory) is at "
          + "\(snapshot.meta.index): ask the node whose data it is (--url).")
    }
    try folder.requireRoom(snapshot.meta.size)
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let size = Double(max(1, snapshot.meta.size))
    let facts = try BackupFileFacts.copy(path, to: folder.file(name), as: name) {
      progress(Progress(file: name, part: min(1, Double($0) / size)))
    }
    let copy = try LooseSnapshot(folder.file(name))
    try copy.verify()
    let level = try SnapshotLabel.check(copy.start(SnapshotLabel.longest)).level
    return ((copy.meta.index.rawValue, copy.meta.size), level, facts)
  }

  /// - Returns: how many entries of the log its archive misses, and which months are elsewhere.
  private func copyArchive(
    _ index: UInt64, _ level: Level, _ takesIncomplete: Bool, into files: inout [BackupFileFacts],
    _ progress: @escaping (Progress) -> Void
  ) throws -> (missing: UInt64, detached: [String]) {
    let source = directory + "/archive"
    guard access(source + "/catalogue.sqlite", F_OK) == 0 else {
      guard level < .sixth else {
        throw BackupError(
          "There is no archive in \(directory), and what is over is there alone: back up another node.")
      }
      return (0, [])
    }
    try folder.requireRoom(ArchiveCopy.bytes(of: source))
    let copy = try ArchiveCopy(of: source, to: folder.file("archive")) { found in
      if let month = found.detached.first(where: { $0.value > index })?.key {
        throw BackupError("\(month) was detached from the archive while the backup was made. Make another one.")
      }
      guard level >= .sixth, !takesIncomplete else { return }
      guard found.completeIndex >= index, !found.needsWhole, found.gaps.isEmpty else {
        throw BackupError(
          "The archive in \(directory) is not complete; `switchboard archive status` says what it misses. Back up another "
            + "node, or wait until it is filled, or take what there is with --incomplete.")
      }
    } progress: { file, part in
      progress(Progress(file: file, part: part))
    }
    for file in copy.files {
      let name = "archive/" + file
      files.append(try BackupFileFacts(name, of: folder.file(name)))
    }
    try BackupFolder.synchronize(folder.file("archive"))
    return (copy.found.gaps.entries, copy.found.detached.keys.sorted().map(\.description))
  }

  private func write(_ manifest: BackupManifest) throws {
    try BackupFolder.synchronize(folder.path)
    let path = folder.file(BackupManifest.fileName)
    let file = try BackupFile(making: path + ".tmp")
    try file.write(try manifest.encoded())
    try file.synchronize()
    guard rename(path + ".tmp", path) == 0 else { throw BackupError.system("\(path) cannot be made") }
    try BackupFolder.synchronize(folder.path)
  }
}
