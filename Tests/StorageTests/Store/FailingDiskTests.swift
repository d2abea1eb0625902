import Glibc
import Raft
import Synchronization
import Testing

@testable import Storage

/// A disk whose syncs fail while it is told so.
private final class FailingDisk: Sendable {
  let fails = Atomic(false)
  let syncs = Atomic(0)

  var syncing: Syncing {
    Syncing { (file) throws(StoreError) in
      self.syncs.add(1, ordering: .relaxed)
      if self.fails.load(ordering: .relaxed) {
        throw .io(operation: "fdatasync", file: file.path, code: EIO)
      }
    }
  }
}

/// A small file system in memory.
private final class Tmpfs: Sendable {
  let scratch = Scratch()
  private let isMounted: Bool

  static let isPermitted = Tmpfs(bytes: 1 << 20) != nil

  init?(bytes: Int) {
    isMounted = Self.run(["mount", "-t", "tmpfs", "-o", "size=\(bytes)", "tmpfs", scratch.path])
    if !isMounted { return nil }
  }

  deinit { if isMounted { _ = Self.run(["umount", scratch.path]) } }

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

@Suite("A failing disk")
struct FailingDiskTests {
  @Test("a failed sync ends the store: nothing is tried again, and nothing is called durable")
  func failedSync() throws {
    let scratch = Scratch()
    let disk = FailingDisk()
    let running = try Running(scratch, syncing: disk.syncing)
    running.append(entry(1))
    disk.fails.store(true, ordering: .relaxed)
    let failed = running.submit { $0.entries = [entry(2)] }
    #expect(running.completions.wait { $0.failure != nil })
    #expect(running.completions.current.failedNumber == failed)
    disk.fails.store(false, ordering: .relaxed)
    let syncs = disk.syncs.load(ordering: .relaxed)
    running.submit { $0.entries = [entry(2), entry(3)] }
    running.submit { $0.hardState = HardState(term: Term(9)) }
    running.store.close()
    #expect(disk.syncs.load(ordering: .relaxed) == syncs)
    #expect(running.completions.current.durable == failed - 1)
    #expect(running.store.backlogBytes == 0)
    #expect(running.store.statistics.isFailed)
    let again = try Running(scratch)
    #expect(again.recovered.entries.first == entry(1))
    #expect(again.recovered.entries.count <= 2)
  }

  @Test(
    "a full disk holds writes back in their order, and goes on when there is room",
    .enabled(if: Tmpfs.isPermitted, "mounting a tmpfs is not permitted here"))
  func fullDisk() throws {
    let disk = try #require(Tmpfs(bytes: 256 << 10))
    let running = try Running(disk.scratch)
    var index: UInt64 = 0
    var last: UInt64 = 0
    while running.completions.current.full.isEmpty && index < 2000 {
      index += 1
      last = running.submit { $0.entries = [entry(index, count: 700)] }
      #expect(running.completions.wait { $0.durable == last || !$0.full.isEmpty })
    }
    let full = try #require(running.completions.current.full.first)
    #expect(running.store.statistics.isDiskFull || running.completions.current.durable == last)
    for _ in 0..<20 {
      index += 1
      last = running.submit { $0.entries = [entry(index, count: 700)] }
    }
    let held = running.completions.current.durable
    #expect(held < last && held == full - 1)
    #expect(running.completions.current.failure == nil)
    #expect(running.store.backlogBytes > 0)

    // What was promised is there, and what was not is nowhere half.
    #expect(mountAgain(disk, bytes: 2 << 20))
    #expect(running.completions.wait { $0.durable == last })
    #expect(running.completions.current.full == [full])
    #expect(running.store.backlogBytes == 0)
    #expect(eventually { !running.store.statistics.isDiskFull })
    running.store.close()
    #expect(try Running(disk.scratch).recovered.entries == (1...index).map { entry($0, count: 700) })
  }

  private func mountAgain(_ disk: Tmpfs, bytes: Int) -> Bool {
    Tmpfs.run(["mount", "-o", "remount,size=\(bytes)", disk.scratch.path])
  }

  @Test(
    "a store on a full disk can be closed and opened again, with all that was durable",
    .enabled(if: Tmpfs.isPermitted, "mounting a tmpfs is not permitted here"))
  func restartOnFullDisk() throws {
    let disk = try #require(Tmpfs(bytes: 128 << 10))
    var running = try Running(disk.scratch)
    var index: UInt64 = 0
    while running.completions.current.full.isEmpty && index < 2000 {
      index += 1
      let number = running.submit { $0.entries = [entry(index, count: 700)] }
      #expect(running.completions.wait { $0.durable == number || !$0.full.isEmpty })
    }
    running.store.close()
    running = try Running(disk.scratch)
    #expect(running.recovered.entries == (1..<index).map { entry($0, count: 700) })
    // A snapshot that does not fit is refused whole.
    let error = storeError {
      _ = try running.store.writeSnapshot(
        index: LogIndex(1), term: Term(1), time: 0, membership: Membership(voters: [NodeID(1)])
      ) { sink in try sink([UInt8](repeating: 1, count: 1 << 20)) }
    }
    #expect(error?.isDiskFull == true)
    #expect(try disk.scratch.names().allSatisfy { !$0.hasPrefix("snapshot") })
    running.store.close()
  }

  @Test(
    "below the free space that is to be kept, entries wait and votes do not",
    .enabled(if: Tmpfs.isPermitted, "mounting a tmpfs is not permitted here"))
  func reserve() throws {
    let disk = try #require(Tmpfs(bytes: 512 << 10))
    let options = StoreOptions(segmentBytes: 8192, minimumFreeBytes: 64 << 10, retryMilliseconds: 5)
    let running = try Running(disk.scratch, options: options)
    running.append(entry(1))
    let free = try #require(disk.scratch.directory.freeBytes())
    try disk.scratch.write("ballast", [UInt8](repeating: 1, count: Int(free) - (32 << 10)))
    let state = HardState(term: Term(4), vote: NodeID(2), commit: LogIndex(1))
    running.write { $0.hardState = state }
    let number = running.submit { $0.entries = [entry(2)] }
    #expect(running.completions.wait { $0.full == [number] })
    try disk.scratch.directory.remove("ballast")
    #expect(running.completions.wait { $0.durable == number })
    running.store.close()
    #expect(try Running(disk.scratch).recovered.hardState == state)
  }
}
