internal import Glibc

/// A file on its way to another place, maybe on another disk.
package enum MovedFile {
  /// - Parameter target: nothing has that name.
  /// - Throws: `BackupError`; then nothing is left there.
  package static func copy(_ source: String, to target: String) throws {
    do {
      let copied = try BackupFileFacts.copy(source, to: target, as: source) { _ in }
      guard try BackupFileFacts(source, of: target) == copied else {
        throw BackupError("\(target) does not give back what was written: look at its disk.")
      }
      try BackupFolder.synchronize(folder(of: target))
    } catch {
      if access(source, F_OK) == 0 { unlink(target) }
      throw error
    }
  }

  /// The file is gone from its first place only when it is on the disk at the second one.
  ///
  /// - Parameter target: nothing has that name.
  /// - Throws: `BackupError`; then it is where it was.
  package static func move(_ source: String, to target: String) throws {
    if link(source, target) == 0 {
      try BackupFolder.synchronize(folder(of: target))
    } else {
      // Another disk, or one without such links.
      try copy(source, to: target)
    }
    guard unlink(source) == 0 else {
      throw BackupError.system("\(source) cannot be deleted; it is in \(target) as well")
    }
    try BackupFolder.synchronize(folder(of: source))
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
