import Raft
import Testing

@testable import Storage

/// Entries that no usual segment holds: another node may have larger segments, or a client may have said much.
@Suite("Entries that are larger than a segment")
struct LargeEntryTests {
  @Test("they get segments of their own, between others, and are there after a restart")
  func between() throws {
    let scratch = Scratch()
    var expected: [Entry] = []
    for round in 0..<3 {
      let running = try Running(scratch)
      #expect(running.recovered.entries == expected)
      #expect(running.recovered.notes == [])
      for count in [100, 8000, 100, 100_000, 3856, 3857, 50] {
        let next = entry(UInt64(expected.count + 1), term: UInt64(round + 1), count: count)
        running.append(next)
        expected.append(next)
      }
      running.store.close()
    }
    #expect(try Running(scratch).recovered.entries == expected)
  }

  @Test("one write may hold several, with small ones between")
  func oneWrite() throws {
    let scratch = Scratch()
    let running = try Running(scratch)
    let entries = (1...12).map { entry($0, count: $0 % 3 == 0 ? 20_000 : 1_000) }
    running.write { write in
      write.entries = entries
      write.hardState = HardState(term: Term(1), commit: LogIndex(12))
    }
    running.store.close()
    let recovered = try Running(scratch).recovered
    #expect(recovered.entries == entries)
    #expect(recovered.hardState.commit == LogIndex(12))
  }

  @Test(
    "entries of any size, at random, are all there after each restart", arguments: 1...8 as ClosedRange<UInt64>)
  func random(seed: UInt64) throws {
    let scratch = Scratch(inMemory: true)
    var generator = Seeded(state: seed)
    var expected: [Entry] = []
    for _ in 0..<4 {
      let running = try Running(scratch)
      #expect(running.recovered.entries == expected)
      for _ in 0..<12 {
        let counts = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
          Int.random(in: 0..<1 << Int.random(in: 0..<17, using: &generator), using: &generator)
        }
        let first = UInt64(expected.count + 1)
        let entries = counts.enumerated().map { entry(first + UInt64($0.offset), count: $0.element) }
        running.write { $0.entries = entries }
        expected += entries
      }
      running.store.close()
    }
    #expect(try Running(scratch).recovered.entries == expected)
  }

  @Test("their segments go with a snapshot as others do, and are not kept for the next time")
  func compaction() throws {
    let scratch = Scratch()
    let running = try Running(scratch)
    for index in 1...30 as ClosedRange<UInt64> {
      running.append(entry(index, count: index % 2 == 0 ? 30_000 : 500))
      guard index % 10 == 0 else { continue }
      _ = try running.store.writeSnapshot(
        index: LogIndex(index), term: Term(1), time: index, membership: Membership(voters: [NodeID(1)])
      ) { sink in try sink([1]) }
      running.store.compact(to: LogIndex(index))
    }
    #expect(eventually { ((try? scratch.segments().count) ?? 99) <= 24 })
    running.store.close()
    let again = try Running(scratch)
    #expect(again.recovered.snapshot?.index == LogIndex(30))
    again.append(entry(31, count: 30_000))
    again.store.close()
    #expect(try Running(scratch).recovered.entries.last == entry(31, count: 30_000))
  }

  @Test("with a full disk such an entry waits, a vote does not, and all go on when there is room")
  func fullDisk() throws {
    let scratch = Scratch()
    let faults = DiskFaults()
    var options = small
    options.minimumFreeBytes = 1
    options.faults = faults
    let running = try Running(scratch, options: options)
    running.append(entry(1))
    faults.set(syncDelay: 0, isFull: true)
    let waiting = running.submit { $0.entries = [entry(2, count: 40_000)] }
    #expect(running.completions.wait { $0.edges.contains(.full) })
    #expect(running.completions.current.failure == nil)
    #expect(running.completions.current.durable < waiting)
    faults.set(syncDelay: 0, isFull: false)
    #expect(running.completions.wait { $0.durable >= waiting })
    running.store.close()
    #expect(try Running(scratch).recovered.entries == [entry(1), entry(2, count: 40_000)])
  }

  @Test("the size of a segment for a record is the usual one whenever that is enough")
  func sizes() throws {
    #expect(SegmentRoom.segmentBytes(holding: 3912, usual: 8192) == 8192)
    let larger = try #require(SegmentRoom.segmentBytes(holding: 3920, usual: 8192))
    #expect(larger > 8192)
    #expect(larger % 4096 == 0)
    for record in stride(from: 8, to: 40 << 20, by: 999_992) {
      let size = try #require(SegmentRoom.segmentBytes(holding: record, usual: 1 << 20))
      #expect(SegmentRoom.entryStart + UInt64(record) <= SegmentRoom.entryEnd(of: size))
    }
    #expect(SegmentRoom.segmentBytes(holding: 1 << 30, usual: 1 << 20) == nil)
  }
}
