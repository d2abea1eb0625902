internal import Glibc

/// A directory that a backup or a restored node is written into.
package struct BackupFolder: Sendable {
  package let path: String

  /// Takes one that is new or empty. What is above it has to be there.
  ///
  /// - Parameter use: what it is to be, for the error.
  package init(empty path: String, for use: String) throws(BackupError) {
    self.path = path
    if mkdir(path, 0o700) == 0 { return }
    guard errno == EEXIST else { throw .system("\(path) cannot be made") }
    guard try Self.names(of: path).isEmpty else {
      throw BackupError(
        "\(path) is not empty. \(use) needs a directory that is new or empty: name another one.")
    }
  }

  func file(_ name: String) -> String { path + "/" + name }

  static func names(of path: String) throws(BackupError) -> [String] {
    guard let stream = opendir(path) else { throw .system("\(path) cannot be read") }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix(while: { $0 != 0 }), as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  func makeFolder(_ name: String) throws(BackupError) {
    guard mkdir(file(name), 0o700) == 0 || errno == EEXIST else {
      throw .system("\(file(name)) cannot be made")
    }
  }

  /// The names in it are on the disk when this returns.
  static func synchronize(_ path: String) throws(BackupError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("\(path) cannot be read") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .system("\(path) cannot be written") }
  }

  /// Empties it again, as far as it can.
  func clear() {
    for name in (try? Self.names(of: path)) ?? [] {
      if unlink(file(name)) == 0 { continue }
      for inner in (try? Self.names(of: file(name))) ?? [] { unlink(file(name) + "/" + inner) }
      rmdir(file(name))
    }
  }

  /// - Throws: when there are fewer bytes free than are needed.
  func requireRoom(_ bytes: UInt64) throws(BackupError) {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return }
    let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
    guard free >= bytes else {
      throw BackupError(
        "The disk of \(path) has \(free) bytes free, and \(bytes) are needed: make room, or name another one.")
    }
  }
}
