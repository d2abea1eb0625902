import Glibc

/// The directory of a store: names in it, and making changes of names durable.
struct Directory: Sendable {
  let path: String

  func file(_ name: String) -> String { path + "/" + name }

  /// Makes the directory and the ones above it, each durable in its parent.
  func create() throws(StoreError) {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      let parent = made.isEmpty ? "/" : made
      made += "/" + part
      if mkdir(made, 0o750) == 0 {
        try Directory(path: parent).synchronize()
      } else if errno != EEXIST {
        let code = errno
        var status = stat()
        // A parent that may not be written, or lies on a read-only mount, is fine when it is there.
        guard stat(made, &status) == 0 else { throw .io(operation: "mkdir", file: made, code: code) }
      }
    }
  }

  /// Creations, renames and removals before this call survive a loss of power after it.
  func synchronize() throws(StoreError) {
    let descriptor = retrying { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw .io(operation: "open", file: path, code: errno) }
    defer { _ = Glibc.close(descriptor) }
    guard retrying({ fsync(descriptor) }) == 0 else { throw .io(operation: "fsync", file: path, code: errno) }
  }

  /// All names, sorted.
  func names() throws(StoreError) -> [String] {
    guard let stream = opendir(path) else { throw .io(operation: "list", file: path, code: errno) }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw .io(operation: "list", file: path, code: errno) }
    return names.sorted()
  }

  func rename(_ old: String, to new: String) throws(StoreError) {
    guard Glibc.rename(file(old), file(new)) == 0 else {
      throw .io(operation: "rename", file: file(old), code: errno)
    }
  }

  /// It is no error when the file is not there.
  func remove(_ name: String) throws(StoreError) {
    guard unlink(file(name)) == 0 || errno == ENOENT else {
      throw .io(operation: "remove", file: file(name), code: errno)
    }
  }

  /// Bytes that this process may still take; nil when the system does not say.
  func freeBytes() -> UInt64? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize)
  }
}
