import Kernel
import Raft
import Testing

@testable import Storage

/// What a crash can leave is cut off; what it cannot leave is an error, and never a shorter log.
@Suite("Damage to the log")
struct DamageTests {
  /// Three groups: one entry; two entries and a hard state; one entry.
  private func makeLog(last: Int = 60) throws -> (Scratch, entries: [Entry], name: String, end: Int) {
    let scratch = Scratch(inMemory: true)
    let running = try Running(scratch)
    let entries = [entry(1), entry(2, count: 130), entry(3, count: 8), entry(4, count: last)]
    running.append(entries[0])
    running.write { write in
      write.entries = [entries[1], entries[2]]
      write.hardState = HardState(term: Term(1), vote: NodeID(1), commit: LogIndex(2))
    }
    running.append(entries[3])
    running.store.close()
    let name = FileNames.segment(1)
    let end = try scratch.read(name).withUnsafeBytes { TornTail.usedEnd($0) }
    return (scratch, entries, name, end)
  }

  @Test("a last record that is cut short at any byte is cut off, and all before it is there")
  func tornAtEveryByte() throws {
    let (scratch, entries, name, end) = try makeLog()
    let size = try scratch.read(name).count
    let start = end - LogRecord.bytes(data: 60)
    for cut in start..<end {
      let copy = try scratch.copy()
      try copy.blank(name, cut..<size)
      let running = try Running(copy)
      #expect(running.recovered.entries == Array(entries[..<3]), "cut at \(cut)")
      #expect(running.recovered.notes.count == (cut == start ? 0 : 1), "cut at \(cut)")
      #expect(running.recovered.hardState.vote == NodeID(1))
      // What comes next takes its place, and what was cut off never comes back.
      running.append(entry(4, term: 9, count: 3))
      running.store.close()
      let again = try Running(copy)
      #expect(again.recovered.entries == Array(entries[..<3]) + [entry(4, term: 9, count: 3)], "cut at \(cut)")
      #expect(again.recovered.notes == [])
      again.store.close()
    }
  }

  @Test("a flipped bit at any byte of a segment is found, or has hit nothing")
  func flippedBits() throws {
    let (scratch, entries, name, _) = try makeLog()
    let original = try scratch.read(name)
    var random = Seeded(state: 11)
    var found = 0
    for offset in original.indices {
      var bytes = original
      bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      try scratch.write(name, bytes)
      do {
        let (log, recovered) = try recoverLog(scratch)
        #expect(recovered == entries, "byte \(offset)")
        #expect(log.hardState.vote == NodeID(1), "byte \(offset)")
      } catch {
        found += 1
      }
    }
    // All records and headers, to the last byte.
    #expect(found >= original.withUnsafeBytes { TornTail.usedEnd($0) } - 8)
  }

  @Test("a flipped bit at any byte of the small files keeps the store shut")
  func flippedManifest() throws {
    let (scratch, _, _, _) = try makeLog()
    let original = try scratch.read(FileNames.manifest)
    for offset in original.indices {
      try scratch.flip(FileNames.manifest, at: offset)
      #expect(throws: StoreError.self, "byte \(offset)") { try Running(scratch) }
      try scratch.write(FileNames.manifest, original)
    }
  }

  @Test("any part of the sectors of a last write may be missing: what was durable before is there")
  func lostSectors() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = Seeded(state: seed)
    for round in 0..<150 {
      let scratch = Scratch(inMemory: true)
      let running = try Running(scratch, options: StoreOptions(segmentBytes: 32 << 10, minimumFreeBytes: 0))
      let isFirst = round % 5 == 0
      if !isFirst { running.append(entry(1, count: Int.random(in: 0...700, using: &random))) }
      let first: UInt64 = isFirst ? 1 : 2
      running.write { write in
        write.entries = (first...first + 7).map { entry($0, count: Int.random(in: 0...1200, using: &random)) }
        write.hardState = HardState(term: Term(3), commit: LogIndex(first))
      }
      running.store.close()
      let name = FileNames.segment(1)
      let bytes = try scratch.read(name)
      let end = bytes.withUnsafeBytes { TornTail.usedEnd($0) }
      // The start of the second group shares its sector with the first, and that part was durable.
      let start = isFirst ? 0 : SegmentHeader.bytes + LogRecord.stateBytes + firstRecordBytes(bytes)
      var torn = bytes
      for sector in (start / 512)...(end / 512) where Bool.random(using: &random) {
        for place in max(start, sector * 512)..<min(torn.count, (sector + 1) * 512) { torn[place] = 0 }
      }
      try scratch.write(name, torn)
      if isFirst {
        // The next segment is prepared only once the first write of this one is durable.
        try scratch.directory.remove(FileNames.segment(2))
        try Manifest(newestSegment: 1).write(in: scratch.directory, identity: identity)
      }
      let after = try Running(scratch)
      let found = after.recovered.entries
      #expect(found.count >= Int(first) - 1, "seed \(seed), round \(round)")
      #expect(
        found.enumerated().allSatisfy { $1.index == LogIndex(UInt64($0) + 1) }, "seed \(seed), round \(round)")
      after.append(entry(UInt64(found.count) + 1, term: 8))
      after.store.close()
      #expect(try Running(scratch).recovered.entries == found + [entry(UInt64(found.count) + 1, term: 8)])
    }
  }

  private func firstRecordBytes(_ segment: [UInt8]) -> Int {
    segment.withUnsafeBytes { bytes in
      let codec = RecordCodec(identity: identity, segment: 1)
      return codec.header(bytes, at: SegmentHeader.bytes + LogRecord.stateBytes)?.bytes ?? 0
    }
  }

  @Test("unwritten sectors before records that came after a sync are damage")
  func lostDurableSectors() throws {
    let (scratch, _, name, _) = try makeLog(last: 700)
    let start = SegmentHeader.bytes + LogRecord.stateBytes
    try scratch.blank(name, start..<start + LogRecord.bytes(data: 20))
    guard case .damaged(let file, let offset, _) = storeError({ _ = try Running(scratch) }) else {
      return #expect(Bool(false), "a lost record was not noticed")
    }
    #expect(file.hasSuffix(name))
    #expect(offset == UInt64(start))
  }

  @Test("damage is told with file, offset and what to do")
  func message() throws {
    let (scratch, _, name, _) = try makeLog()
    try scratch.flip(name, at: 4200)
    let text = storeError { _ = try Running(scratch) }.map { "\($0)" } ?? ""
    #expect(
      text.contains(name) && text.contains("offset 4152") && text.contains("switchboard rebuild"), "\(text)")
  }

  /// Five segments or more.
  private func makeLong() throws -> (Scratch, [Entry]) {
    let scratch = Scratch()
    let running = try Running(scratch)
    let entries = (1...20).map { entry($0, count: 900) }
    for entry in entries { running.append(entry) }
    running.store.close()
    return (scratch, entries)
  }

  @Test("a segment that is missing is noticed, whichever it is")
  func missingSegment() throws {
    let (scratch, _) = try makeLong()
    let names = try scratch.segments()
    #expect(names.count >= 5)
    for name in names {
      let copy = try scratch.copy()
      try copy.directory.remove(name)
      guard case .missing = storeError({ _ = try Running(copy) }) else {
        #expect(Bool(false), "\(name) was not missed")
        continue
      }
    }
  }

  @Test("a bad end of a segment that others follow is damage, however it looks")
  func endOfAnEarlierSegment() throws {
    let (scratch, _) = try makeLong()
    let name = FileNames.segment(2)
    let bytes = try scratch.read(name)
    let end = bytes.withUnsafeBytes { TornTail.usedEnd($0) }
    for cut in [end - 1, end - 700, end - LogRecord.bytes(data: 900)] {
      let copy = try scratch.copy()
      try copy.blank(name, cut..<bytes.count)
      guard case .damaged = storeError({ _ = try Running(copy) }) else {
        #expect(Bool(false), "cut at \(cut) was not noticed")
        continue
      }
    }
  }

  @Test("a lost end of a segment is noticed although no entry was in it")
  func lostHardState() throws {
    let scratch = Scratch(inMemory: true)
    let running = try Running(scratch)
    for index in 1...4 as ClosedRange<UInt64> { running.append(entry(index, count: 900)) }
    running.write { $0.hardState = HardState(term: Term(2), vote: NodeID(1)) }
    for index in 5...6 as ClosedRange<UInt64> { running.append(entry(index, count: 900)) }
    running.store.close()
    let name = FileNames.segment(1)
    let end = try scratch.read(name).withUnsafeBytes { TornTail.usedEnd($0) }
    try scratch.blank(name, end - LogRecord.stateBytes..<end)
    guard case .damaged(let file, _, _) = storeError({ _ = try Running(scratch) }) else {
      return #expect(Bool(false), "the lost record was not noticed")
    }
    #expect(file.hasSuffix(FileNames.segment(2)))
  }

  @Test("exchanged, copied and shortened segments are refused")
  func exchanged() throws {
    let (scratch, _) = try makeLong()
    let second = try scratch.read(FileNames.segment(2))
    let third = try scratch.read(FileNames.segment(3))
    var copy = try scratch.copy()
    try copy.write(FileNames.segment(2), third)
    #expect(throws: StoreError.self) { try Running(copy) }
    copy = try scratch.copy()
    try copy.write(try #require(scratch.segments().last), second)
    #expect(throws: StoreError.self) { try Running(copy) }
    copy = try scratch.copy()
    try copy.write(FileNames.segment(3), Array(third.dropLast(4096)))
    #expect(throws: StoreError.self) { try Running(copy) }
  }

  @Test("records of an earlier use of a segment are never taken for new ones")
  func staleRecords() throws {
    let (scratch, entries) = try makeLong()
    // As if the last segment in use had been recycled from the first without being cleared: same records behind it.
    let last = try #require(try scratch.segments().dropLast().last)
    var bytes = try scratch.read(last)
    let old = try scratch.read(FileNames.segment(1))
    let end = bytes.withUnsafeBytes { TornTail.usedEnd($0) }
    bytes.replaceSubrange(end..., with: old[end...])
    try scratch.write(last, bytes)
    let recovered = try? recoverLog(scratch).1
    #expect(recovered == nil || recovered == entries)
  }

  @Test("the files of another node, another cluster or a later release are refused with their own words")
  func otherOwner() throws {
    let (scratch, _, _, _) = try makeLog()
    for other in [StoreIdentity(cluster: "test", node: 2), StoreIdentity(cluster: "else", node: 1)] {
      let error = storeError { _ = try Running(scratch, identity: other) }
      guard case .otherOwner(_, identity, other) = error else {
        #expect(Bool(false), "\(String(describing: error))")
        continue
      }
    }
    // Only the log is another's.
    let foreign = Scratch()
    let running = try Running(foreign, identity: StoreIdentity(cluster: "test", node: 2))
    running.append(entry(1))
    running.store.close()
    try scratch.write(FileNames.segment(1), foreign.read(FileNames.segment(1)))
    guard case .otherOwner = storeError({ _ = try Running(scratch) }) else {
      return #expect(Bool(false), "a foreign segment was not noticed")
    }
  }

  @Test("a later format version is told apart from damage")
  func laterVersion() throws {
    let (scratch, _, name, _) = try makeLog()
    var bytes = try scratch.read(name)
    bytes[8] = 2
    let length = Int(bytes[12]) + Int(bytes[13]) << 8
    let crc = CRC32C.checksum(bytes[20..<length], continuing: CRC32C.checksum(bytes[..<16]))
    for place in 0..<4 { bytes[16 + place] = UInt8(truncatingIfNeeded: crc >> UInt32(8 * place)) }
    try scratch.write(name, bytes)
    guard case .formatVersion(_, 2, 1) = storeError({ _ = try Running(scratch) }) else {
      return #expect(Bool(false), "the version was not looked at")
    }
  }

  @Test("a log whose index file or whole contents are gone is not an empty one")
  func lostFiles() throws {
    let (scratch, _, _, _) = try makeLog()
    var copy = try scratch.copy()
    try copy.directory.remove(FileNames.manifest)
    guard case .missing = storeError({ _ = try Running(copy) }) else {
      return #expect(Bool(false), "a missing index file was not noticed")
    }
    copy = try scratch.copy()
    for name in try copy.segments() { try copy.directory.remove(name) }
    guard case .missing = storeError({ _ = try Running(copy) }) else {
      return #expect(Bool(false), "a missing log was not noticed")
    }
  }
}
