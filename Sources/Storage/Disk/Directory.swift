import Glibc

/// The directory of a store: names in it, and making changes of names durable.
struct Directory: Sendable {
  let path: String
  let syncing: Syncing
  let faults: DiskFaults?

  init(path: String, syncing: Syncing = .disk, faults: DiskFaults? = nil) {
    self.path = path
    self.syncing = faults.map { syncing.delayed(by: $0) } ?? syncing
    self.faults = faults
  }

  func file(_ name: String) -> String { path + "/" + name }

  /// Makes the directory and the ones above it, each durable in its parent.
  func create() throws(StoreError) {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      let parent = made.isEmpty ? "/" : made
      made += "/" + part
      if mkdir(made, 0o750) == 0 {
        try syncing.directory(parent)
      } else if errno != EEXIST {
        let code = errno
        var status = stat()
        // A parent that may not be written, or lies on a read-only mount, is fine when it is there.
        guard stat(made, &status) == 0 else { throw .io(operation: "mkdir", file: made, code: code) }
      }
    }
  }

  /// The path without links and relative parts; it must be there.
  func resolved() throws(StoreError) -> String {
    guard let real = realpath(path, nil) else { throw .io(operation: "open", file: path, code: errno) }
    defer { free(real) }
    return String(cString: real)
  }

  /// Creations, renames and removals before this call survive a loss of power after it.
  func synchronize() throws(StoreError) { try syncing.directory(path) }

  /// All of a file that nothing counts on yet, as its name is a temporary one. When this throws, the file is to be
  /// taken away; a lack of room is then no failed sync, as nothing durable has been lost by it.
  func synchronize(_ file: File) throws(StoreError) {
    do throws(StoreError) { try syncing.whole(file) } catch {
      guard case .io(_, let path, let code) = error, StoreError.meansNoRoom(code) else { throw error }
      throw .io(operation: "write", file: path, code: code)
    }
  }

  static func synchronize(_ path: String) throws(StoreError) {
    let descriptor = opening(
      { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }, isFailure: { $0 < 0 })
    guard descriptor >= 0 else { throw .io(operation: "open", file: path, code: errno) }
    defer { _ = Glibc.close(descriptor) }
    guard retrying({ fsync(descriptor) }) == 0 else {
      throw .io(operation: "fsync", file: path + "/", code: errno)
    }
  }

  /// All names, sorted.
  func names() throws(StoreError) -> [String] {
    guard let stream = opening({ opendir(path) }, isFailure: { $0 == nil }) else {
      throw .io(operation: "list", file: path, code: errno)
    }
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

  /// Moves a file to another directory of the same file system, where nothing has the name.
  func move(_ name: String, to other: Directory) throws(StoreError) {
    guard Glibc.rename(file(name), other.file(name)) == 0 else {
      throw .io(operation: "move to \(other.path)", file: file(name), code: errno)
    }
  }

  /// Makes a directory in this one, durable; false when something has the name already.
  func makeDirectory(_ name: String) throws(StoreError) -> Bool {
    guard mkdir(file(name), 0o750) == 0 else {
      if errno == EEXIST { return false }
      throw .io(operation: "mkdir", file: file(name), code: errno)
    }
    try synchronize()
    return true
  }

  /// Which device holds it; files move between directories of one device only.
  func device() throws(StoreError) -> UInt64 {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .io(operation: "stat", file: path, code: errno) }
    return UInt64(status.st_dev)
  }

  /// Bytes that this process may still take; nil when the system does not say.
  func freeBytes() -> UInt64? {
    if let faults, faults.isFull { return 0 }
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize)
  }
}
