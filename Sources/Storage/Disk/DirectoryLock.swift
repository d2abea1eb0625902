import Glibc

/// Holds a directory for this store, against all others in this process and in any other one, until it is let go.
/// The system lets go of it when the process dies.
final class DirectoryLock: Sendable {
  private let file: File

  init(_ directory: Directory) throws(StoreError) {
    file = try File(directory.file(FileNames.lock), .open)
    try Self.lock(file, LOCK_EX, directory)
  }

  /// Keeps a store from being opened while it is only looked at. Changes nothing: without the file, no store has ever
  /// been in the directory, and nothing is held.
  init?(lookingAt directory: Directory) throws(StoreError) {
    do throws(StoreError) { file = try File(directory.file(FileNames.lock), .read) } catch {
      if error.isNotFound { return nil }
      throw error
    }
    try Self.lock(file, LOCK_SH, directory)
  }

  private static func lock(_ file: File, _ kind: Int32, _ directory: Directory) throws(StoreError) {
    guard retrying({ flock(file.descriptor, kind | LOCK_NB) }) == 0 else {
      if errno == EWOULDBLOCK { throw .inUse(directory: directory.path) }
      throw .io(operation: "lock", file: file.path, code: errno)
    }
  }

  // Closing alone is not enough: a process that is being started holds a copy of the descriptor until it runs its
  // own program.
  deinit { _ = flock(file.descriptor, LOCK_UN) }
}
