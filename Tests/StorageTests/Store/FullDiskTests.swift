import Kernel
import Raft
import Testing

@testable import Storage

@Suite("A full disk", .enabled(if: Tmpfs.isPermitted, "mounting a tmpfs is not permitted here"))
struct FullDiskTests {
  /// Appends entries one by one until one of them waits; gives the index of that one.
  private func fill(_ running: Running, from first: UInt64 = 1) -> UInt64 {
    var index = first - 1
    while !running.store.statistics.isWaitingForRoom && index < first + 2000 {
      index += 1
      let number = running.submit { $0.entries = [entry(index, count: 700)] }
      let isOver = eventually {
        running.completions.current.durable >= number || running.store.statistics.isWaitingForRoom
      }
      #expect(isOver)
    }
    return index
  }

  @Test("writes are held back in their order and go on when there is room; each edge is told once")
  func fullAndBack() throws {
    let disk = try #require(Tmpfs(bytes: 256 << 10))
    let running = try Running(disk.scratch)
    var index = fill(running)
    let held = running.completions.current.durable
    var last: UInt64 = 0
    for _ in 0..<20 {
      index += 1
      last = running.submit { $0.entries = [entry(index, count: 700)] }
    }
    #expect(running.completions.current.durable == held)
    #expect(running.completions.current.failure == nil)
    #expect(running.completions.current.edges == [.full])
    #expect(running.store.backlogBytes > 0 && running.store.statistics.isDiskFull)

    // What was promised is there, and what was not is nowhere half.
    #expect(disk.remount("size=\(2 << 20)"))
    #expect(running.completions.wait { $0.durable == last && $0.edges == [.full, .room] })
    #expect(running.store.backlogBytes == 0)
    #expect(!running.store.statistics.isDiskFull && !running.store.statistics.isWaitingForRoom)

    // And once more.
    index = fill(running, from: index + 1)
    #expect(running.completions.current.edges == [.full, .room, .full])
    #expect(disk.remount("size=\(4 << 20)"))
    #expect(running.completions.wait { $0.edges == [.full, .room, .full, .room] })
    running.store.close()
    #expect(try Running(disk.scratch).recovered.entries == (1...index).map { entry($0, count: 700) })
  }

  @Test("a store on a full disk can be closed and opened again, says so at once, and has all that was durable")
  func restart() throws {
    let disk = try #require(Tmpfs(bytes: 128 << 10))
    var running = try Running(disk.scratch)
    let index = fill(running)
    running.store.close()
    running = try Running(disk.scratch)
    #expect(running.recovered.entries == (1..<index).map { entry($0, count: 700) })
    // Nothing was submitted yet: who starts on a full disk learns it before it takes work.
    #expect(running.completions.wait { $0.edges == [.full] })
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
    "below the free space that is to be kept the edge is told, and what is submitted still finds its claimed room"
  )
  func earlyEdge() throws {
    let disk = try #require(Tmpfs(bytes: 512 << 10))
    let options = StoreOptions(segmentBytes: 8192, minimumFreeBytes: 64 << 10, retryMilliseconds: 5)
    let running = try Running(disk.scratch, options: options)
    running.append(entry(1))
    let free = try #require(disk.scratch.directory.freeBytes())
    try disk.scratch.write("ballast", [UInt8](repeating: 1, count: Int(free) - (32 << 10)))
    let state = HardState(term: Term(4), vote: NodeID(2), commit: LogIndex(1))
    running.append(entry(2))
    running.write { $0.hardState = state }
    #expect(running.completions.current.edges == [.full])
    #expect(!running.store.statistics.isWaitingForRoom)
    // The parts of a snapshot take new room, which is not given: they are refused, and do not stand before votes.
    let meta = SnapshotMeta(
      index: LogIndex(9), term: Term(4), time: 0, membership: Membership(voters: [NodeID(1)]), size: 3,
      checksum: CRC32C.checksum([1, 2, 3]))
    let part = running.submit {
      $0.chunk = SnapshotChunk(meta: meta, offset: 0, data: [1, 2, 3])
      $0.entries = [entry(3)]
    }
    let end = running.submit { $0.snapshot = meta }
    let vote = HardState(term: Term(5), vote: NodeID(3), commit: LogIndex(1))
    let last = running.submit {
      $0.hardState = vote
      $0.entries = [entry(4)]
    }
    #expect(running.completions.wait { $0.durable == last && $0.failedNumber == end })
    #expect(part < end && !running.store.statistics.isWaitingForRoom)
    try disk.scratch.directory.remove("ballast")
    #expect(running.completions.wait { $0.edges == [.full, .room] })
    running.store.close()
    let recovered = try Running(disk.scratch).recovered
    #expect(recovered.hardState == vote && recovered.entries == (1...4).map { entry($0) })
    #expect(try disk.scratch.names().allSatisfy { !$0.hasPrefix("snapshot") })
  }

  @Test("with no room at all, terms and votes are still made durable, and commit indexes leave them the room")
  func votesWhenFull() throws {
    let disk = try #require(Tmpfs(bytes: 256 << 10))
    let options = StoreOptions(segmentBytes: 16384, minimumFreeBytes: 0, retryMilliseconds: 5)
    var running = try Running(disk.scratch, options: options)
    let index = fill(running)
    running.store.close()
    // The last entry waited, and is gone with the close: the log is as full as entries make it.
    running = try Running(disk.scratch, options: options)
    #expect(running.completions.wait { $0.edges == [.full] })
    let end = LogIndex(index - 1)
    let reserve = SegmentRoom.stateReserve(of: 16384) / UInt64(LogRecord.stateBytes)
    #expect(reserve == 4)
    running.write { $0.hardState = HardState(term: Term(2), commit: .zero) }
    for commit in 1..<end.rawValue {
      running.write { $0.hardState = HardState(term: Term(2), commit: LogIndex(commit)) }
    }
    for term in 3..<2 + reserve {
      running.write { $0.hardState = HardState(term: Term(term), vote: NodeID(term), commit: end) }
    }
    #expect(!running.store.statistics.isWaitingForRoom)
    running.store.close()
    let last = HardState(term: Term(1 + reserve), vote: NodeID(1 + reserve), commit: end)
    #expect(try Running(disk.scratch, options: options).recovered.hardState == last)
  }

  @Test("the free space that is kept lets a snapshot be written, and the compaction makes room for what waits")
  func compaction() throws {
    let disk = try #require(Tmpfs(bytes: 256 << 10))
    let options = StoreOptions(segmentBytes: 8192, minimumFreeBytes: 16 << 10, retryMilliseconds: 5)
    let running = try Running(disk.scratch, options: options)
    let index = fill(running)
    #expect(running.store.statistics.segments > 10)
    for at in [index - 3, index - 2] {
      _ = try running.store.writeSnapshot(
        index: LogIndex(at), term: Term(1), time: 0, membership: Membership(voters: [NodeID(1)])
      ) { try $0([1]) }
    }
    running.store.compact(to: LogIndex(index - 2))
    #expect(running.completions.wait { $0.durable == index && $0.edges == [.full, .room] })
  }
}
