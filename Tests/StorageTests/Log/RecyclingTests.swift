import Raft
import Testing

@testable import Storage

@Suite("Compaction")
struct RecyclingTests {
  private func snapshot(_ store: DiskStore, _ index: UInt64, term: UInt64 = 1) throws -> SnapshotMeta {
    try store.writeSnapshot(
      index: LogIndex(index), term: Term(term), time: index, membership: Membership(voters: [NodeID(1)])
    ) { sink in try sink([UInt8](repeating: UInt8(truncatingIfNeeded: index), count: 300)) }
  }

  @Test("segments go once a snapshot stands for them, are used again, and the log stays whole")
  func rounds() throws {
    let scratch = Scratch()
    var index: UInt64 = 0
    for round in 1...12 as ClosedRange<UInt64> {
      let running = try Running(scratch)
      let base = running.recovered.snapshot?.index ?? .zero
      #expect(running.recovered.notes == [])
      #expect(running.recovered.entries == (base.rawValue + 1..<index + 1).map { entry($0, count: 800) })
      running.write { $0.hardState = HardState(term: Term(1), vote: NodeID(round), commit: LogIndex(index)) }
      for _ in 0..<25 {
        index += 1
        running.append(entry(index, count: 800))
        if index % 10 == 0 {
          _ = try snapshot(running.store, index)
          running.store.compact(to: LogIndex(index))
        }
      }
      #expect(running.recovered.snapshot?.index.rawValue ?? 0 <= index)
      // Twenty entries lie between the older snapshot and the end at most; four fit into a segment.
      #expect(try eventually { try scratch.segments().count <= 9 }, "round \(round)")
      running.store.close()
    }
    #expect(try scratch.names().filter { $0.hasSuffix(".snap") }.count <= 3)
    let numbers = try scratch.segments().compactMap(FileNames.segmentNumber)
    #expect(try #require(numbers.first) > 40)
  }

  @Test("a prepared segment is all zero, also when it was used before")
  func prepared() throws {
    let scratch = Scratch()
    let running = try Running(scratch)
    for index in 1...40 as ClosedRange<UInt64> {
      running.append(entry(index, count: 800))
      if index % 8 == 0 {
        _ = try snapshot(running.store, index)
        running.store.compact(to: LogIndex(index))
      }
    }
    #expect(eventually { ((try? scratch.segments().count) ?? 99) <= 6 })
    running.store.close()
    let last = try #require(scratch.segments().last)
    #expect(try scratch.read(last).allSatisfy { $0 == 0 })
  }

  @Test("nothing goes without a snapshot, and never more than the older of two allows")
  func keeps() throws {
    let scratch = Scratch()
    let running = try Running(scratch)
    for index in 1...40 as ClosedRange<UInt64> { running.append(entry(index, count: 800)) }
    let all = running.store.statistics.segments
    running.store.compact(to: LogIndex(40))
    running.append(entry(41))
    #expect(running.store.statistics.segments == all)
    _ = try snapshot(running.store, 10)
    _ = try snapshot(running.store, 30)
    running.store.compact(to: LogIndex(30))
    running.append(entry(42))
    // All that may go has gone; what is left is in use, but for the one that is prepared.
    #expect(
      try eventually {
        let used = running.store.statistics.segments
        return try used < all && scratch.segments().count == used + 1
      })
    running.store.close()
    let expected = (31...40).map { entry($0, count: 800) } + [entry(41), entry(42)]
    let again = try Running(scratch)
    #expect(again.recovered.snapshot?.index == LogIndex(30))
    #expect(again.recovered.entries == expected)
    again.store.close()
    // The newest snapshot is damaged: the older one and the log do as well.
    let name = FileNames.snapshot(index: LogIndex(30), term: Term(1))
    try scratch.flip(name, at: try scratch.read(name).count - 5)
    let older = try Running(scratch)
    #expect(older.recovered.snapshot?.index == LogIndex(10))
    #expect(older.recovered.entries == (11...30).map { entry($0, count: 800) } + expected)
    #expect(older.recovered.notes.count == 1)
    #expect(try scratch.names().contains(name + ".damaged"))
    older.store.close()
    // And with the older one gone as well, the log does not reach back far enough.
    try scratch.directory.remove(FileNames.snapshot(index: LogIndex(10), term: Term(1)))
    guard case .missing = storeError({ _ = try Running(scratch) }) else {
      return #expect(Bool(false), "a gap between snapshot and log was not noticed")
    }
  }

  @Test("a damaged newest snapshot that nothing stands in for is a clear error, and is not removed")
  func damagedSnapshot() throws {
    let scratch = Scratch()
    let running = try Running(scratch)
    for index in 1...40 as ClosedRange<UInt64> { running.append(entry(index, count: 800)) }
    _ = try snapshot(running.store, 30)
    running.store.compact(to: LogIndex(30))
    running.append(entry(41))
    #expect(try eventually { try !scratch.segments().contains(FileNames.segment(1)) })
    running.store.close()
    let name = FileNames.snapshot(index: LogIndex(30), term: Term(1))
    let original = try scratch.read(name)
    for offset in stride(from: 0, to: original.count, by: 5) {
      try scratch.flip(name, at: offset)
      let error = storeError { _ = try Running(scratch) }
      guard case .damaged(let file, _, _) = error, file.hasSuffix(name) else {
        #expect(Bool(false), "byte \(offset): \(String(describing: error))")
        continue
      }
      try scratch.write(name, original)
    }
    #expect(try Running(scratch).recovered.entries.count == 11)
  }
}
