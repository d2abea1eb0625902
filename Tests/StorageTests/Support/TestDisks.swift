import Glibc
import Synchronization

@testable import Storage

/// A disk whose syncs of one kind fail while it is told so. All others are real.
final class FailingDisk: Sendable {
  enum Kind: Int { case data, whole, directory }

  private let failing = Atomic(-1)
  private let code: Int32
  /// Syncs of a log segment, failed ones counted.
  let dataSyncs = Atomic(0)
  let failures = Atomic(0)
  private let directorySyncs = Atomic(0)

  init(code: Int32 = EIO) { self.code = code }

  func fail(_ kind: Kind?) { failing.store(kind?.rawValue ?? -1, ordering: .sequentiallyConsistent) }

  var syncing: Syncing {
    Syncing(
      data: { (file) throws(StoreError) in
        self.dataSyncs.add(1, ordering: .relaxed)
        try self.check(.data, "fdatasync", file.path)
        try Syncing.disk.data(file)
      },
      whole: { (file) throws(StoreError) in
        try self.check(.whole, "fsync", file.path)
        try Syncing.disk.whole(file)
      },
      directory: { (path) throws(StoreError) in
        try self.check(.directory, "fsync", path + "/")
        try Syncing.disk.directory(path)
        self.directorySyncs.add(1, ordering: .sequentiallyConsistent)
      })
  }

  /// Waits until a new store has prepared so many segments and is quiet: each is two syncs of the directory, one for
  /// its name and one for that of the file `store`, which is also made once at the start.
  func hasPrepared(_ segments: Int) -> Bool {
    eventually { directorySyncs.load(ordering: .sequentiallyConsistent) == 1 + 2 * segments }
  }

  private func check(_ kind: Kind, _ operation: String, _ path: String) throws(StoreError) {
    guard failing.load(ordering: .sequentiallyConsistent) == kind.rawValue else { return }
    failures.add(1, ordering: .relaxed)
    throw .io(operation: operation, file: path, code: code)
  }
}

/// A disk that knows which names would be there after a loss of power: those of the last sync of their directory.
final class WatchedDisk: Sendable {
  private let durable = Mutex<[String: Set<String>]>([:])

  var syncing: Syncing {
    Syncing(
      data: Syncing.disk.data, whole: Syncing.disk.whole,
      directory: { (path) throws(StoreError) in
        // One at a time, so that a listing never takes the place of a later one.
        try self.look(at: path)
      })
  }

  private func look(at path: String) throws(StoreError) {
    let result = durable.withLock { durable -> Result<Void, StoreError> in
      do throws(StoreError) {
        let names = try Directory(path: path).names()
        try Syncing.disk.directory(path)
        durable[path] = Set(names)
        return .success(())
      } catch { return .failure(error) }
    }
    try result.get()
  }

  func durableNames(_ path: String) -> Set<String> { durable.withLock { $0[path] ?? [] } }
}

/// A small file system in memory.
final class Tmpfs: Sendable {
  let scratch = Scratch()
  private let isMounted: Bool

  static let isPermitted = Tmpfs(bytes: 1 << 20) != nil

  init?(bytes: Int) {
    isMounted = Self.run(["mount", "-t", "tmpfs", "-o", "size=\(bytes)", "tmpfs", scratch.path])
    if !isMounted { return nil }
  }

  deinit { if isMounted { _ = Self.run(["umount", scratch.path]) } }

  func remount(_ option: String) -> Bool { Self.run(["mount", "-o", "remount,\(option)", scratch.path]) }

  static func run(_ arguments: [String]) -> Bool {
    var process = pid_t()
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var quiet = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&quiet)
    posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0)
    defer { posix_spawn_file_actions_destroy(&quiet) }
    guard posix_spawnp(&process, arguments[0], &quiet, nil, &words, environ) == 0 else { return false }
    var status: Int32 = 0
    guard waitpid(process, &status, 0) == process else { return false }
    return status == 0
  }
}
