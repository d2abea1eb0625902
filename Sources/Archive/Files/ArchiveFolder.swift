import Glibc

/// The directory of an archive, and how its files are called.
struct ArchiveFolder: Sendable {
  let path: String

  /// Made where it is missing, for its owner alone.
  init(_ path: String) throws(ArchiveError) {
    self.path = path
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw ArchiveError(.unusable, nil, "\(path) cannot be made: \(Self.reason(errno)).")
    }
  }

  var catalogue: String { path + "/catalogue.sqlite" }
  func file(_ month: Month) -> String { path + "/\(month).sqlite" }

  func exists(_ file: String) -> Bool { access(file, F_OK) == 0 }

  /// What it and the files beside it take, in bytes.
  func size(_ file: String) -> Int {
    Self.parts.reduce(0) { sum, part in
      var status = stat()
      return stat(file + part, &status) == 0 ? sum + Int(status.st_size) : sum
    }
  }

  /// The months that have a file, ascending, whatever is in it.
  func months() -> [Month] {
    names().compactMap { $0.hasSuffix(".sqlite") ? Month(name: $0.dropLast(7)) : nil }.sorted()
  }

  private func names() -> [String] { Self.names(in: path) }

  private static func names(in path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) {
          String(decoding: $0.prefix(while: { $0 != 0 }), as: UTF8.self)
        })
    }
    return names
  }

  /// A file, with what SQLite keeps beside it; one that is not there is no error.
  func remove(_ file: String) throws(ArchiveError) {
    for part in Self.parts {
      guard unlink(file + part) == 0 || errno == ENOENT else {
        throw ArchiveError(.disk, nil, "\(file + part) cannot be deleted: \(Self.reason(errno)).")
      }
    }
    sync()
  }

  /// So many files of one name are kept: a disk that gives something else each time is not to be filled with them.
  static let mostSetAside = 8

  /// Gives a file another name, at which nothing looks for it, so that people can. With the most that there may be, it is deleted:
  /// the first ones have what the later ones are filled with.
  /// - Returns: that name; nil: there was no file, or none is kept.
  func setAside(_ file: String) throws(ArchiveError) -> String? {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    var number = 1
    while exists(path + "/.damaged-\(number)-\(name)") { number += 1 }
    guard number <= Self.mostSetAside else {
      try remove(file)
      return nil
    }
    let target = path + "/.damaged-\(number)-\(name)"
    var moved: String?
    for part in Self.parts {
      if rename(file + part, target + part) == 0 {
        moved = target
      } else if errno != ENOENT {
        throw ArchiveError(.disk, nil, "\(file + part) cannot be renamed: \(Self.reason(errno)).")
      }
    }
    sync()
    return moved
  }

  /// Moves a file that was put into itself to another folder, and takes away what SQLite keeps beside it.
  func move(_ file: String, to target: String, of other: ArchiveFolder) throws(ArchiveError) {
    guard rename(file, target) == 0 else {
      throw ArchiveError(.disk, nil, "\(file) cannot be moved to \(target): \(Self.reason(errno)).")
    }
    for part in Self.parts.dropFirst() { unlink(file + part) }
    sync()
    other.sync()
  }

  /// What was set aside may have what is to be nowhere any more.
  func removeSetAside() throws(ArchiveError) {
    for name in names() where name.hasPrefix(".damaged-") {
      guard unlink(path + "/" + name) == 0 || errno == ENOENT else {
        throw ArchiveError(.disk, nil, "\(path)/\(name) cannot be deleted: \(Self.reason(errno)).")
      }
    }
    sync()
  }

  /// What was set aside of one month.
  func removeSetAside(_ month: Month) throws(ArchiveError) {
    for name in names() where name.hasPrefix(".damaged-") && name.contains("-\(month).sqlite") {
      guard unlink(path + "/" + name) == 0 || errno == ENOENT else {
        throw ArchiveError(.disk, nil, "\(path)/\(name) cannot be deleted: \(Self.reason(errno)).")
      }
    }
    sync()
  }

  /// Archives of this node's earlier lives, which stand beside this one and of which nobody knows whom they name.
  func removeEarlier() throws(ArchiveError) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard let own = parts.last, !own.isEmpty else { return }
    let parent = parts.count == 1 ? "." : parts.dropLast().joined(separator: "/")
    for name in Self.names(in: parent.isEmpty ? "/" : parent) where name.hasPrefix("\(own).earlier-") {
      let earlier = parent + "/" + name
      // Folders within have what was detached.
      for folder in [earlier + "/detached", earlier + "/attaching", earlier] {
        for file in Self.names(in: folder) { unlink(folder + "/" + file) }
        guard rmdir(folder) == 0 || errno == ENOENT else {
          throw ArchiveError(.disk, nil, "\(folder) cannot be deleted: \(Self.reason(errno)).")
        }
      }
    }
  }

  /// The names themselves.
  private func sync() {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    Glibc.close(descriptor)
  }

  private static let parts = ["", "-wal", "-shm"]
  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}

/// Which file it is, whatever its name.
struct FileIdentity: Hashable, Sendable {
  private let device: UInt
  private let inode: UInt

  /// nil: there is no such file.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    (device, inode) = (UInt(status.st_dev), UInt(status.st_ino))
  }
}
