import Kernel
import Raft
import Testing

@testable import Storage

@Suite("Snapshots")
struct SnapshotTests {
  private let membership = Membership(
    voters: [NodeID(1), NodeID(2)], outgoing: [NodeID(3)], learners: [NodeID(4), NodeID(5)],
    joining: [NodeID(4)],
    addresses: [.init(id: NodeID(4), text: "10.0.0.4:9101")])
  private let state = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

  private func received(_ index: UInt64, term: UInt64 = 2) -> SnapshotMeta {
    SnapshotMeta(
      index: LogIndex(index), term: Term(term), time: 5, membership: membership, size: UInt64(state.count),
      checksum: CRC32C.checksum(state))
  }

  private func sendChunks(_ meta: SnapshotMeta, to running: Running, of state: [UInt8]) {
    for offset in stride(from: 0, to: state.count, by: 3000) {
      let data = Array(state[offset..<min(offset + 3000, state.count)])
      running.write { $0.chunk = SnapshotChunk(meta: meta, offset: UInt64(offset), data: data) }
    }
  }

  @Test("a snapshot comes back whole and in parts, now and after a restart")
  func roundTrip() throws {
    let scratch = Scratch()
    var running = try Running(scratch)
    for index in 1...3 as ClosedRange<UInt64> { running.append(entry(index)) }
    let meta = try running.store.writeSnapshot(
      index: LogIndex(2), term: Term(1), time: 77, membership: membership
    ) { sink in
      for start in stride(from: 0, to: state.count, by: 1234) {
        try sink(Array(state[start..<min(start + 1234, state.count)]))
      }
    }
    #expect(meta.size == 10_000 && meta.checksum == CRC32C.checksum(state))
    for _ in 0..<2 {
      #expect(try running.store.readSnapshot(meta) == state)
      var gathered: [UInt8] = []
      while let part = try running.store.readChunk(meta, offset: UInt64(gathered.count), length: 999),
        !part.isEmpty
      {
        gathered += part
      }
      #expect(gathered == state)
      #expect(running.store.statistics.snapshotIndex == LogIndex(2))
      running.store.close()
      running = try Running(scratch)
      #expect(running.recovered.snapshot == meta)
      #expect(running.recovered.entries == [entry(3)])
    }
    var gone = meta
    gone.term = Term(9)
    #expect(try running.store.readChunk(gone, offset: 0, length: 10) == nil)
  }

  @Test("a snapshot whose making fails leaves nothing behind")
  func failedMaking() throws {
    struct Failure: Error {}
    let scratch = Scratch()
    let running = try Running(scratch)
    let error = storeError {
      _ = try running.store.writeSnapshot(index: LogIndex(1), term: Term(1), time: 0, membership: membership) {
        sink in
        try sink([1, 2, 3])
        throw Failure()
      }
    }
    guard case .snapshotNotProduced(1, _) = error else {
      return #expect(Bool(false), "\(String(describing: error))")
    }
    #expect(try scratch.names().allSatisfy { !$0.hasPrefix("snapshot") })
  }

  @Test("a received snapshot takes the place of the log")
  func install() throws {
    let scratch = Scratch()
    var running = try Running(scratch)
    running.write { $0.entries = (1...30).map { entry($0, count: 700) } }
    let meta = received(20)
    sendChunks(meta, to: running, of: state)
    running.write { write in
      write.snapshot = meta
      write.hardState = HardState(term: Term(2), vote: nil, commit: LogIndex(20))
      write.entries = [entry(21, term: 2)]
    }
    running.append(entry(22, term: 2))
    #expect(try running.store.readSnapshot(meta) == state)
    running.store.compact(to: LogIndex(20))
    running.append(entry(23, term: 2))
    // The one that the log was begun anew in, and perhaps the one after it.
    #expect(eventually { running.store.statistics.segments <= 2 })
    running.store.close()
    running = try Running(scratch)
    #expect(running.recovered.snapshot == meta)
    #expect(running.recovered.entries == (21...23).map { entry($0, term: 2) })
    #expect(running.recovered.hardState == HardState(term: Term(2), commit: LogIndex(20)))
    #expect(running.recovered.notes == [])
  }

  @Test("a received snapshot may begin a log that has nothing")
  func installIntoEmpty() throws {
    let scratch = Scratch()
    let running = try Running(scratch)
    let meta = received(500)
    sendChunks(meta, to: running, of: state)
    running.write { $0.snapshot = meta }
    running.append(entry(501, term: 3))
    running.store.close()
    #expect(try Running(scratch).recovered.entries == [entry(501, term: 3)])
  }

  @Test("a part that does not follow is refused, and a transfer can begin anew")
  func partsOutOfOrder() throws {
    let scratch = Scratch()
    let running = try Running(scratch)
    let meta = received(20)
    running.append(entry(1))
    let first = Array(state[..<3000])
    running.write { $0.chunk = SnapshotChunk(meta: meta, offset: 0, data: first) }
    let number = running.submit { $0.chunk = SnapshotChunk(meta: meta, offset: 3001, data: first) }
    #expect(running.completions.wait { $0.failure != nil })
    #expect(running.completions.current.failure == .chunkOutOfOrder(index: 20, offset: 3001, present: 3000))
    #expect(running.completions.current.failedNumber == number)
    // A repeated part is fine.
    for offset in [0, 0, 3000, 3000, 6000, 9000] {
      let data = Array(state[offset..<min(offset + 3000, state.count)])
      running.submit { $0.chunk = SnapshotChunk(meta: meta, offset: UInt64(offset), data: data) }
    }
    let last = running.submit { $0.snapshot = meta }
    #expect(running.completions.wait { $0.durable == last })
    #expect(try running.store.readSnapshot(meta) == state)
  }

  @Test("what was submitted before a refused part is completed before it, and what comes after it goes on")
  func refusalInAGroup() throws {
    let scratch = Scratch()
    let running = try Running(scratch, start: false)
    running.submit { $0.entries = [entry(1)] }
    running.submit { $0.entries = [entry(2)] }
    running.submit { $0.chunk = SnapshotChunk(meta: received(20), offset: 5, data: [1]) }
    let last = running.submit { $0.entries = [entry(3)] }
    running.start()
    #expect(running.completions.wait { $0.durable == last })
    #expect(running.completions.current.failedNumber == 3)
    #expect(running.completions.current.durableWhenFailed == 2)
    running.store.close()
    #expect(try Running(scratch).recovered.entries == [entry(1), entry(2), entry(3)])
  }

  @Test("a received snapshot that is damaged is refused: log and votes stay, and the transfer can begin anew")
  func damagedTransfer() throws {
    let scratch = Scratch()
    var running = try Running(scratch)
    running.append(entry(1), entry(2))
    let meta = received(20)
    var wrong = state
    wrong[5000] ^= 4
    sendChunks(meta, to: running, of: wrong)
    let number = running.submit { write in
      write.snapshot = meta
      write.hardState = HardState(term: Term(7), vote: NodeID(3), commit: LogIndex(20))
    }
    #expect(running.completions.wait { $0.failure != nil })
    guard case .snapshotDamaged = running.completions.current.failure else {
      return #expect(Bool(false), "\(running.completions.current)")
    }
    #expect(running.completions.current.failedNumber == number)
    #expect(try running.store.readChunk(meta, offset: 0, length: 10) == nil)
    running.store.close()
    running = try Running(scratch)
    #expect(running.recovered.snapshot == nil)
    #expect(running.recovered.entries == [entry(1), entry(2)])
    #expect(running.recovered.hardState == HardState(term: Term(7), vote: NodeID(3), commit: LogIndex(2)))
    sendChunks(meta, to: running, of: state)
    running.write { $0.snapshot = meta }
    running.store.close()
    #expect(try Running(scratch).recovered.snapshot == meta)
  }

  @Test("a crash between a received snapshot and the log that follows it loses neither")
  func crashWhileInstalling() throws {
    // (entries of the log, those that are left) when the snapshot is at index 20, term 2.
    let cases: [(log: [Entry], left: [Entry])] = [
      ((1...5).map { entry($0) }, []),
      ((1...25).map { entry($0) }, []),
      ((1...19).map { entry($0) } + (20...22).map { entry($0, term: 2) }, (21...22).map { entry($0, term: 2) }),
    ]
    for (log, left) in cases {
      let donor = Scratch()
      let sender = try Running(donor)
      let meta = received(20)
      sendChunks(meta, to: sender, of: state)
      sender.write { $0.snapshot = meta }
      sender.store.close()

      let scratch = Scratch()
      var running = try Running(scratch)
      running.write { $0.entries = log }
      running.store.close()
      let name = FileNames.snapshot(index: LogIndex(20), term: Term(2))
      try scratch.write(name, donor.read(name))
      try scratch.write("snapshot-left-behind.part", [1, 2, 3])

      running = try Running(scratch)
      #expect(running.recovered.snapshot == meta)
      #expect(running.recovered.entries == left)
      #expect(running.recovered.hardState.term >= Term(2))
      #expect(try !scratch.names().contains("snapshot-left-behind.part"))
      let next = entry(left.last.map { $0.index.rawValue + 1 } ?? 21, term: 3)
      running.append(next)
      running.store.close()
      #expect(try Running(scratch).recovered.entries == left + [next])
    }
  }
}
