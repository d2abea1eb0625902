import Glibc
import Raft
import Testing

@testable import Storage

/// What is wrong and keeps nothing from being recovered: the store opens, says what it found, and deletes nothing.
@Suite("Faults that a store lives with")
struct ToleratedTests {
  @Test("files and folders that no store has made are neither read nor taken away, however they are called")
  func foreign() throws {
    let scratch = try StoreCopies.whole()
    let names = [
      "notes.txt", "backup.tmp", "upload.part", "log-3.seg", "log-+0000000000000000003.seg",
      "log-00000000000000000003.seg.bak", "snapshot.txt", "log-x.seg", "store.old", ".hidden",
    ]
    for name in names { try scratch.write(name, [UInt8](name.utf8)) }
    mkdir(scratch.directory.file("lost+found"), 0o700)
    #expect(try StoreInspection.inspect(directory: scratch.path).foreign == (names + ["lost+found"]).sorted())
    let running = try Running(scratch)
    #expect(running.recovered.entries == StoreCopies.entries)
    running.store.close()
    for name in names { #expect(try scratch.read(name) == [UInt8](name.utf8), "\(name)") }
    let outcome = try StoreRebuild.empty(directory: scratch.path, discarding: true)
    #expect(outcome.foreign == (names + ["lost+found"]).sorted() && outcome.keptIn == nil)
    for name in names { #expect(try scratch.read(name) == [UInt8](name.utf8), "\(name)") }
  }

  @Test("what a crash has left under temporary names is cleared away, once all else was found good")
  func temporary() throws {
    let scratch = try StoreCopies.whole()
    let names = [
      "segment.tmp", "recycled.tmp", "store.tmp", "rejoin.tmp", StoreCopies.snapshot(9) + ".tmp",
      StoreCopies.snapshot(9) + ".part",
    ]
    for name in names { try scratch.write(name, [1, 2, 3]) }
    let running = try Running(scratch)
    #expect(running.recovered.entries == StoreCopies.entries && running.recovered.notes == [])
    running.store.close()
    // One of them may be in use again by now.
    #expect(try Set(scratch.names()).isDisjoint(with: names.filter { $0 != "segment.tmp" }))
  }

  @Test(
    "a damaged newest snapshot is kept aside, and an older one and the log stand in for it",
    arguments: ["empty", "header", "state", "short"])
  func olderSnapshot(_ damage: String) throws {
    let scratch = try StoreCopies.compacted()
    let newest = StoreCopies.snapshot(16)
    switch damage {
    case "empty": try scratch.write(newest, [])
    case "header": try scratch.flip(newest, at: 40)
    case "state": try scratch.flip(newest, at: 400)
    default: try scratch.write(newest, Array(scratch.read(newest).dropLast(9)))
    }
    // One was set aside before: it is kept as well.
    try scratch.write(newest + ".damaged", [4, 2])
    let before = try scratch.contents()
    let inspection = try StoreInspection.inspect(directory: scratch.path)
    #expect(inspection.refusal == nil && inspection.opening == .restored && inspection.damage.count == 1)
    #expect(inspection.snapshots.map(\.isWhole) == [true, false])
    #expect(inspection.setAside == [newest + ".damaged"])
    let running = try Running(scratch)
    #expect(running.recovered.snapshot?.index == LogIndex(12))
    #expect(running.recovered.entries == Array(StoreCopies.entries.suffix(6)))
    #expect(running.recovered.notes.count == 1 && running.recovered.notes[0].contains(newest))
    running.store.close()
    let after = try scratch.contents()
    #expect(after[newest + ".damaged-2"] == before[newest] && after[newest + ".damaged"] == [4, 2])
    for (name, bytes) in before where name != newest { #expect(after[name] == bytes, "\(name)") }
  }

  @Test("snapshots that are gone are no loss when the log reaches back to its first entry")
  func noSnapshot() throws {
    let scratch = try StoreCopies.whole()
    let running = try Running(scratch)
    _ = try running.store.writeSnapshot(
      index: LogIndex(9), term: Term(1), time: 0, membership: StoreCopies.membership
    ) { try $0([1]) }
    running.store.close()
    try scratch.flip(StoreCopies.snapshot(9), at: 10)
    #expect(try Running(scratch).recovered.entries == StoreCopies.entries)
    try scratch.directory.remove(StoreCopies.snapshot(9) + ".damaged")
    #expect(try Running(scratch).recovered.entries == StoreCopies.entries)
  }

  @Test("any flipped bit of a marker leaves the node rejoining, or is found")
  func damagedMarker() throws {
    let scratch = try StoreCopies.whole()
    try RejoinMarker.set(in: scratch.directory, identity: identity)
    let original = try scratch.read(FileNames.rejoin)
    for offset in original.indices {
      try scratch.flip(FileNames.rejoin, at: offset)
      let inspection = try StoreInspection.inspect(directory: scratch.path)
      #expect(inspection.opening == .rejoining && inspection.notes.count == 1, "byte \(offset)")
      try scratch.write(FileNames.rejoin, original)
    }
    try scratch.write(FileNames.rejoin, [])
    let running = try Running(scratch)
    #expect(running.recovered.opening == .rejoining && running.recovered.notes.count == 1)
    #expect(running.recovered.entries == StoreCopies.entries)
  }

  @Test("any flipped bit in the length of a record is damage, in the last record as in a middle one")
  func flippedLength() throws {
    let scratch = try StoreCopies.whole()
    for (number, place) in [(3, 1), (3, 2), (6, 1), (6, 3), (6, 6)] as [(UInt64, Int)] {
      let name = FileNames.segment(number)
      let original = try scratch.read(name)
      let records = try scratch.records(number)
      let offset = place < records.count ? records[place].offset : records[records.count - 1].offset
      for bit in 0..<32 {
        try scratch.flip(name, at: offset + bit / 8, bit: bit % 8)
        let error = storeError { _ = try recoverLog(scratch) }
        guard case .damaged(_, let at, _) = error, at == UInt64(offset) else {
          #expect(Bool(false), "record \(place) of \(number), bit \(bit): \(String(describing: error))")
          continue
        }
        try scratch.write(name, original)
      }
    }
  }

  @Test("a last record that was never written, whose place is zero to the end, is the end of the log")
  func preallocated() throws {
    let scratch = try StoreCopies.whole()
    let name = FileNames.segment(6)
    // The last segment in use, with no other behind it: as after the crash of the write that first used it.
    try scratch.directory.remove(FileNames.segment(7))
    try Manifest(newestSegment: 6).write(in: scratch.directory, identity: identity)
    let records = try scratch.records(6)
    let size = try scratch.read(name).count
    try scratch.blank(name, records[5].offset..<size)
    let running = try Running(scratch)
    #expect(running.recovered.entries == Array(StoreCopies.entries.prefix(17)) && running.recovered.notes == [])
    running.store.close()
  }
}

@Suite("A directory that cannot be used")
struct UnusableDirectoryTests {
  @Test(
    "a file system that is mounted read-only is named, with what to do",
    .enabled(if: Tmpfs.isPermitted, "mounting a tmpfs is not permitted here"))
  func readOnly() throws {
    let disk = try #require(Tmpfs(bytes: 1 << 20))
    // Let go of, so that no file is open for writing.
    do { try Running(disk.scratch).append(entry(1)) }
    #expect(disk.remount("ro"))
    let error = try #require(storeError { _ = try Running(disk.scratch) })
    guard case .io(_, _, EROFS) = error else { return #expect(Bool(false), "\(error)") }
    #expect("\(error)".contains(disk.scratch.path) && "\(error)".contains("mount it for writing"), "\(error)")
    // It can be looked at all the same.
    #expect(try StoreInspection.inspect(directory: disk.scratch.path).last == LogIndex(1))
    #expect(disk.remount("rw"))
    #expect(try Running(disk.scratch).recovered.entries == [entry(1)])
  }

  @Test("a directory that this user may not write is named, with what to do")
  func notPermitted() async throws {
    let scratch = Scratch()
    let running = try Running(scratch)
    running.append(entry(1))
    running.store.close()
    chmod(scratch.path, 0o555)
    for name in try scratch.names() { chmod(scratch.directory.file(name), 0o444) }
    let path = scratch.path
    await #expect(processExitsWith: .exitCode(13)) { [path = path as String] in
      // Nobody, unless the tests themselves run without privileges.
      if geteuid() == 0 { guard setuid(65534) == 0 else { exit(1) } }
      let error = storeError { _ = try DiskStore.open(directory: path, identity: identity, options: small) }
      guard case .io(_, _, EACCES) = error, let error else { exit(2) }
      let text = "\(error)"
      exit(text.contains(path) && text.contains("Give the user that runs switchboard the right") ? 13 : 3)
    }
    chmod(scratch.path, 0o755)
  }

  @Test("a file in the place of the directory is named")
  func file() throws {
    let scratch = Scratch()
    try scratch.write("data", [1])
    let error = storeError {
      _ = try DiskStore.open(directory: scratch.path + "/data", identity: identity, options: small)
    }
    guard case .io(_, _, ENOTDIR) = error else { return #expect(Bool(false), "\(String(describing: error))") }
  }
}
