internal import Archive
internal import Desk
internal import Glibc
internal import Raft
internal import Storage

/// Compares a backup with its manifest.
package enum BackupCheck {
  /// Reads all of it.
  ///
  /// - Parameters:
  ///   - rows: also each row of the archive is read and compared with its own checksum, which was made when it was written.
  ///   - progress: is told which file is read, and how much of it.
  /// - Returns: what it is.
  /// - Throws: `BackupError`, with the first thing that is not as it was written; `StoreError`, `ArchiveError`.
  package static func check(
    _ directory: String, rows: Bool = false, progress: @escaping (BackupMaking.Progress) -> Void = { _ in }
  ) throws -> BackupManifest {
    let manifest = try BackupManifest(in: directory)
    for file in manifest.files {
      let path = directory + "/" + file.name
      guard access(path, F_OK) == 0 else {
        throw BackupError("\(path) is missing: the backup is damaged. Use another one.")
      }
      let found = try BackupFileFacts(file.name, of: path) { bytes in
        progress(
          BackupMaking.Progress(file: file.name, part: min(1, Double(bytes) / Double(max(1, file.bytes)))))
      }
      guard found == file else {
        throw BackupError(
          found.bytes == file.bytes
            ? "\(path) is not what was written: the backup is damaged. Use another one."
            : "\(path) has \(found.bytes) bytes, and \(file.bytes) were written: the backup is damaged. Use another one."
        )
      }
    }
    _ = try snapshot(of: manifest, in: directory)
    if rows, manifest.hasArchive { try checkRows(directory + "/archive") }
    return manifest
  }

  static func snapshot(of manifest: BackupManifest, in directory: String) throws -> LooseSnapshot {
    guard let file = manifest.files.first, !file.name.hasPrefix("archive/") else {
      throw BackupError("\(directory) has no snapshot: the backup is damaged. Use another one.")
    }
    let snapshot = try LooseSnapshot(directory + "/" + file.name)
    guard snapshot.meta.index.rawValue == manifest.snapshotIndex,
      snapshot.owner == StoreIdentity(cluster: manifest.cluster, node: manifest.nodeID)
    else {
      throw BackupError(
        "\(file.name) is another one than the manifest says: the backup is damaged. Use another one.")
    }
    return snapshot
  }

  private static func checkRows(_ directory: String) throws {
    let reader = try ArchiveReader(directory)
    defer { reader.close() }
    for month in try reader.figures().months where month.state != .dropped { _ = try reader.check(month.month) }
  }
}
