import Glibc
import Kernel
import Raft
import Synchronization
import Testing

@testable import Storage

/// After a failed sync nobody knows what the disk holds, and a second one would say nothing about it.
@Suite("A failed sync")
struct FailedSyncTests {
  private let membership = Membership(voters: [NodeID(1)])

  @Test(
    "a failed sync ends the store: nothing is tried again, and nothing is called durable",
    arguments: [EIO, ENOSPC])
  func ofTheLog(code: Int32) throws {
    let scratch = Scratch()
    let disk = FailingDisk(code: code)
    let running = try Running(scratch, syncing: disk.syncing)
    running.append(entry(1))
    disk.fail(.data)
    let failed = running.submit { $0.entries = [entry(2)] }
    #expect(running.completions.wait { $0.failure != nil })
    #expect(running.completions.current.failedNumber == failed)
    #expect(running.completions.current.edges == [], "a lack of room at a sync is no full disk")
    disk.fail(nil)
    let syncs = disk.dataSyncs.load(ordering: .relaxed)
    running.submit { $0.entries = [entry(2), entry(3)] }
    running.submit { $0.hardState = HardState(term: Term(9)) }
    running.store.close()
    #expect(disk.dataSyncs.load(ordering: .relaxed) == syncs)
    #expect(disk.failures.load(ordering: .relaxed) == 1)
    #expect(running.completions.current.durable == failed - 1)
    #expect(running.store.backlogBytes == 0)
    #expect(running.store.statistics.isFailed)
    let again = try Running(scratch)
    #expect(again.recovered.entries.first == entry(1))
    #expect(again.recovered.entries.count <= 2)
  }

  @Test("a failed sync of a segment that is prepared ends the store before the segment is needed")
  func ofAPreparedSegment() throws {
    for kind in [FailingDisk.Kind.whole, .directory] {
      let scratch = Scratch()
      let disk = FailingDisk()
      let running = try Running(scratch, syncing: disk.syncing)
      for index in 1...3 as ClosedRange<UInt64> { running.append(entry(index, count: 900)) }
      // The next segment is there; the one after it is asked for when that one is begun.
      #expect(disk.hasPrepared(2))
      disk.fail(kind)
      for index in 4...6 as ClosedRange<UInt64> { running.submit { $0.entries = [entry(index, count: 900)] } }
      #expect(running.completions.wait { $0.failure != nil }, "\(kind)")
      #expect(running.completions.current.failure?.isFailedSync == true, "\(kind)")
      running.store.close()
      #expect(disk.failures.load(ordering: .relaxed) == 1, "\(kind): it was tried again")
      let promised = running.completions.current.durable
      #expect(try Running(scratch).recovered.entries.count >= Int(promised), "\(kind)")
    }
  }

  @Test("a failed sync of an own snapshot ends the store, and the log still stands")
  func ofASnapshot() throws {
    for kind in [FailingDisk.Kind.whole, .directory] {
      let scratch = Scratch()
      let disk = FailingDisk()
      let running = try Running(scratch, syncing: disk.syncing)
      running.append(entry(1))
      running.append(entry(2))
      #expect(disk.hasPrepared(2))
      disk.fail(kind)
      func make() throws {
        _ = try running.store.writeSnapshot(index: LogIndex(1), term: Term(1), time: 0, membership: membership)
        {
          try $0([1, 2, 3])
        }
      }
      #expect(storeError(make)?.isFailedSync == true)
      #expect(running.completions.wait { $0.failure?.isFailedSync == true }, "\(kind)")
      disk.fail(nil)
      #expect(storeError(make) == .closed, "\(kind): nothing is written any more")
      running.store.close()
      #expect(disk.failures.load(ordering: .relaxed) == 1)
      #expect(try scratch.names().allSatisfy { !$0.hasSuffix(".tmp") })
      let again = try Running(scratch)
      #expect((again.recovered.snapshot?.index.rawValue ?? 0) + UInt64(again.recovered.entries.count) == 2)
    }
  }

  @Test("no room at the sync of a snapshot is a refused snapshot and no failed sync: the file is taken away")
  func noRoomForASnapshot() throws {
    let scratch = Scratch()
    let disk = FailingDisk(code: ENOSPC)
    let running = try Running(scratch, syncing: disk.syncing)
    running.append(entry(1))
    #expect(disk.hasPrepared(2))
    disk.fail(.whole)
    let error = storeError {
      _ = try running.store.writeSnapshot(index: LogIndex(1), term: Term(1), time: 0, membership: membership) {
        try $0([1, 2, 3])
      }
    }
    #expect(error?.isDiskFull == true && error?.isFailedSync == false)
    // A received one: its parts have to come again, as the first ones may not be on the disk.
    let meta = SnapshotMeta(
      index: LogIndex(9), term: Term(1), time: 0, membership: membership, size: 3,
      checksum: CRC32C.checksum([1, 2, 3]))
    running.write { $0.chunk = SnapshotChunk(meta: meta, offset: 0, data: [1, 2, 3]) }
    running.submit { $0.snapshot = meta }
    #expect(running.completions.wait { $0.failure != nil })
    guard case .snapshotDamaged = running.completions.current.failure else {
      return #expect(Bool(false), "\(running.completions.current)")
    }
    disk.fail(nil)
    #expect(try scratch.names().allSatisfy { !$0.hasPrefix("snapshot") })
    running.submit { $0.chunk = SnapshotChunk(meta: meta, offset: 0, data: [1, 2, 3]) }
    let last = running.submit { $0.snapshot = meta }
    #expect(running.completions.wait { $0.durable == last })
  }

  @Test("a failed sync while the store is opened keeps it shut, and what was there is still there")
  func whileOpening() throws {
    let scratch = Scratch()
    let running = try Running(scratch)
    running.append(entry(1))
    running.store.close()
    let disk = FailingDisk()
    disk.fail(.data)
    #expect(storeError { _ = try Running(scratch, syncing: disk.syncing) }?.isFailedSync == true)
    #expect(disk.failures.load(ordering: .relaxed) == 1)
    #expect(try Running(scratch).recovered.entries == [entry(1)])
  }

  @Test("the message of a failed sync says why the node stops and what to do, with the directory")
  func message() {
    let text = "\(StoreError.io(operation: "fdatasync", file: "/data/n1/log-1.seg", code: EIO))"
    for part in ["/data/n1/log-1.seg", "does not try again", "`switchboard rebuild --data /data/n1`"] {
      #expect(text.contains(part), "\(text)")
    }
    let ofDirectory = "\(StoreError.io(operation: "fsync", file: "/data/n1/", code: EIO))"
    #expect(ofDirectory.contains("`switchboard rebuild --data /data/n1`"), "\(ofDirectory)")
  }
}

@Suite("Names that survive a loss of power")
struct DurableNameTests {
  @Test("whatever is called durable lies in files whose names are durable")
  func names() throws {
    let scratch = Scratch()
    let disk = WatchedDisk()
    let running = try Running(scratch, syncing: disk.syncing)
    for index in 1...30 as ClosedRange<UInt64> {
      running.append(entry(index, count: 900))
      let used = UInt64(running.store.statistics.segments)
      let durable = disk.durableNames(scratch.path)
      for number in 1...max(used, 1) {
        #expect(durable.contains(FileNames.segment(number)), "segment \(number) at index \(index)")
      }
      #expect(durable.contains(FileNames.manifest))
    }
    let meta = try running.store.writeSnapshot(
      index: LogIndex(20), term: Term(1), time: 0, membership: Membership(voters: [NodeID(1)])
    ) { try $0([1, 2, 3]) }
    let name = FileNames.snapshot(index: meta.index, term: meta.term)
    #expect(disk.durableNames(scratch.path).contains(name))
    let received = SnapshotMeta(
      index: LogIndex(50), term: Term(1), time: 0, membership: meta.membership, size: 0, checksum: 0)
    running.write { $0.snapshot = received }
    #expect(disk.durableNames(scratch.path).contains(FileNames.snapshot(index: LogIndex(50), term: Term(1))))
    try running.store.beginRejoining()
    #expect(disk.durableNames(scratch.path).contains(FileNames.rejoin))
    try running.store.endRejoining()
    #expect(!disk.durableNames(scratch.path).contains(FileNames.rejoin))
  }

  @Test("a directory that is made is durable in the one above, and that one too")
  func directories() throws {
    let scratch = Scratch()
    let disk = WatchedDisk()
    _ = try DiskStore.open(
      directory: scratch.path + "/a/b", identity: identity, options: small, syncing: disk.syncing)
    #expect(disk.durableNames(scratch.path) == ["a"])
    #expect(disk.durableNames(scratch.path + "/a") == ["b"])
  }
}
