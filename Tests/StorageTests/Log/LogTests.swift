import Raft
import Testing

@testable import Storage

@Suite("The log")
struct LogTests {
  @Test("what was durable is there after a restart, at every point of a history")
  func restartAnywhere() throws {
    let scratch = Scratch()
    var expected: [Entry] = []
    var state = HardState()
    for round in 1...40 as ClosedRange<UInt64> {
      let running = try Running(scratch)
      #expect(running.recovered.entries == expected)
      #expect(running.recovered.hardState == state)
      #expect(running.recovered.notes == [])
      let more = entry(round, term: 1 + round / 7, count: Int(round * 37 % 900))
      expected.append(more)
      state = HardState(term: more.term, vote: NodeID(round % 3 + 1), commit: LogIndex(round - 1))
      running.write { write in
        write.entries = [more]
        write.hardState = state
      }
      running.store.close()
    }
    #expect(try scratch.segments().count > 3)
  }

  @Test("an entry at an index that is there replaces it and all after it")
  func truncation() throws {
    let scratch = Scratch()
    var running = try Running(scratch)
    running.write { $0.entries = (1...10).map { entry($0) } }
    running.append(entry(6, term: 2), entry(7, term: 2))
    running.append(entry(7, term: 3))
    running.store.close()
    running = try Running(scratch)
    let expected = (1...5).map { entry($0) } + [entry(6, term: 2), entry(7, term: 3)]
    #expect(running.recovered.entries == expected)
    running.append(entry(8, term: 3))
    running.append(entry(1, term: 4))
    running.store.close()
    #expect(try Running(scratch).recovered.entries == [entry(1, term: 4)])
  }

  @Test("entries that replace others across segments are found after a restart")
  func truncationAcrossSegments() throws {
    let scratch = Scratch()
    let running = try Running(scratch)
    for index in 1...30 as ClosedRange<UInt64> { running.append(entry(index, count: 700)) }
    #expect(running.store.statistics.segments > 3)
    running.append(entry(4, term: 2, count: 700))
    running.store.close()
    let expected = (1...3).map { entry($0, count: 700) } + [entry(4, term: 2, count: 700)]
    #expect(try Running(scratch).recovered.entries == expected)
  }

  @Test("one write may be larger than a segment")
  func largeWrites() throws {
    let scratch = Scratch()
    var running = try Running(scratch)
    let entries = (1...60).map { entry($0, count: 1000) }
    running.write { write in
      write.entries = entries
      write.hardState = HardState(term: Term(1), commit: LogIndex(60))
    }
    running.append(entry(61, count: 3800))
    running.store.close()
    running = try Running(scratch)
    #expect(running.recovered.entries == entries + [entry(61, count: 3800)])
    #expect(running.recovered.hardState.commit == LogIndex(60))
  }

  @Test("a write that would leave a hole is refused, and ends the store")
  func holes() throws {
    let scratch = Scratch()
    let running = try Running(scratch)
    running.append(entry(1))
    running.submit { $0.entries = [entry(3)] }
    #expect(running.completions.wait { $0.failure != nil })
    guard case .writeOutOfOrder = running.completions.current.failure else {
      return #expect(Bool(false), "\(running.completions.current)")
    }
    running.submit { $0.entries = [entry(2)] }
    running.store.close()
    #expect(try Running(scratch).recovered.entries == [entry(1)])
  }

  @Test("a commit index that runs ahead of the log is written as far as the log goes")
  func commitIsAHint() throws {
    let scratch = Scratch()
    let running = try Running(scratch)
    running.write { write in
      write.entries = [entry(1)]
      write.hardState = HardState(term: Term(1), commit: LogIndex(9))
    }
    running.store.close()
    #expect(try Running(scratch).recovered.hardState.commit == LogIndex(1))
  }

  @Test("writes that wait together become durable together, in one sync")
  func groupCommit() throws {
    let scratch = Scratch()
    let running = try Running(
      scratch, options: StoreOptions(segmentBytes: 1 << 20, minimumFreeBytes: 0), start: false)
    for index in 1...500 as ClosedRange<UInt64> { running.submit { $0.entries = [entry(index)] } }
    #expect(running.store.backlogBytes == 500 * (20 + 32 + 64))
    running.start()
    #expect(running.completions.wait { $0.durable == 500 })
    #expect(running.completions.current.groups == [500])
    // One before the log begins, where the segment does, would be a second one.
    #expect(running.store.statistics.syncs <= 2)
    #expect(running.store.backlogBytes == 0)
    running.store.close()
    #expect(try Running(scratch).recovered.entries.count == 500)
  }

  @Test("a write that needs no sync is completed without one")
  func lazyWrites() throws {
    let scratch = Scratch()
    let running = try Running(scratch)
    running.append(entry(1))
    let syncs = running.store.statistics.syncs
    running.write { write in
      write.hardState = HardState(term: Term(1), commit: LogIndex(1))
      write.mustSync = false
    }
    #expect(running.store.statistics.syncs == syncs)
    running.store.close()
    #expect(try Running(scratch).recovered.hardState.commit == LogIndex(1))
  }

  @Test("an entry whose data was damaged before it came is found when it is read")
  func checksumTravels() throws {
    let scratch = Scratch()
    let running = try Running(scratch)
    var wrong = entry(1)
    wrong.data[3] ^= 1
    running.append(wrong)
    running.append(entry(2))
    running.store.close()
    guard case .damaged(_, let offset, _) = storeError({ _ = try Running(scratch) }) else {
      return #expect(Bool(false), "the damage was not found")
    }
    #expect(offset == UInt64(SegmentHeader.bytes + LogRecord.stateBytes))
  }
}
