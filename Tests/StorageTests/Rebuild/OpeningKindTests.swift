import Raft
import Testing

@testable import Storage

@Suite("Fresh, rejoining, restored")
struct OpeningKindTests {
  private func kind(_ scratch: Scratch) throws -> StoreOpening {
    let running = try Running(scratch)
    defer { running.store.close() }
    return running.recovered.opening
  }

  @Test("a store is fresh until anything was recorded in it")
  func fresh() throws {
    let scratch = Scratch()
    #expect(try kind(scratch) == .fresh)
    #expect(try kind(scratch) == .fresh)
    let running = try Running(scratch)
    running.write { $0.hardState = HardState(term: Term(1), vote: NodeID(2)) }
    running.store.close()
    #expect(try kind(scratch) == .restored)
  }

  @Test("a store that holds nothing but a snapshot is not fresh")
  func snapshotAlone() throws {
    let scratch = Scratch()
    let running = try Running(scratch)
    _ = try running.store.writeSnapshot(
      index: LogIndex(5), term: Term(1), time: 0, membership: StoreCopies.membership
    ) { try $0([1]) }
    running.store.close()
    #expect(try kind(scratch) == .restored)
  }

  @Test("a node that learns that its group is in use stays rejoining until its peers have taken it back")
  func rejoining() throws {
    let scratch = Scratch()
    var running = try Running(scratch)
    #expect(running.recovered.opening == .fresh)
    try running.store.beginRejoining()
    try running.store.beginRejoining()
    running.append(entry(1), entry(2))
    running.store.close()
    running = try Running(scratch)
    #expect(running.recovered.opening == .rejoining && running.recovered.entries == [entry(1), entry(2)])
    try running.store.endRejoining()
    try running.store.endRejoining()
    running.store.close()
    #expect(try kind(scratch) == .restored)
    #expect(try !scratch.names().contains(FileNames.rejoin))
  }

  @Test("cut short anywhere, setting the marker leaves a store that is fresh or rejoining, and whole")
  func cutShortWhileSetting() throws {
    let donor = Scratch()
    try RejoinMarker.set(in: donor.directory, identity: identity)
    let bytes = try donor.read(FileNames.rejoin)
    for written in 0...bytes.count {
      let scratch = Scratch(inMemory: true)
      _ = try kind(scratch)
      // A process died before the rename: only its temporary name is there, with any part of it.
      try scratch.write(FileNames.rejoin + ".tmp", Array(bytes[..<written]))
      #expect(try kind(scratch) == .fresh, "\(written) bytes")
      #expect(try !scratch.names().contains(FileNames.rejoin + ".tmp"))
      try RejoinMarker.set(in: scratch.directory, identity: identity)
      #expect(try kind(scratch) == .rejoining)
    }
  }

  @Test("a marker that cannot be made durable is no marker, and the store ends")
  func failedSync() throws {
    for kind in [FailingDisk.Kind.whole, .directory] {
      let scratch = Scratch()
      let disk = FailingDisk()
      let running = try Running(scratch, syncing: disk.syncing)
      #expect(disk.hasPrepared(1))
      disk.fail(kind)
      #expect(storeError { try running.store.beginRejoining() }?.isFailedSync == true)
      #expect(running.completions.wait { $0.failure?.isFailedSync == true })
      disk.fail(nil)
      #expect(storeError { try running.store.endRejoining() } == .closed)
    }
  }

  @Test("a killed node that was rejoining is rejoining still")
  func killed() async throws {
    let scratch = Scratch()
    let path = scratch.path
    await #expect(processExitsWith: .signal(9)) { [path = path as String] in
      let (store, recovered) = try DiskStore.open(directory: path, identity: identity, options: small)
      guard recovered.opening == .fresh else { return }
      try store.beginRejoining()
      killOwnProcess()
    }
    #expect(try kind(scratch) == .rejoining)
    await #expect(processExitsWith: .signal(9)) { [path = path as String] in
      let (store, recovered) = try DiskStore.open(directory: path, identity: identity, options: small)
      guard recovered.opening == .rejoining else { return }
      try store.endRejoining()
      killOwnProcess()
    }
    // Nothing was recorded in between, so it is as new.
    #expect(try kind(scratch) == .fresh)
  }
}
