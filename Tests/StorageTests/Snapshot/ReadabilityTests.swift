import Kernel
import Raft
import Testing

@testable import Storage

/// What the owner of the store cannot read takes the place of nothing.
@Suite("Data that the owner of a store cannot read")
struct ReadabilityTests {
  private static let why = "it is of level 9"
  private static let state = [UInt8]((0..<5_000).map { UInt8(truncatingIfNeeded: $0) })
  private static let meta = SnapshotMeta(
    index: LogIndex(20), term: Term(2), time: 5, membership: Membership(voters: [NodeID(1)]),
    size: UInt64(state.count), checksum: CRC32C.checksum(state))

  private func options(
    snapshot: @escaping @Sendable ([UInt8]) -> String? = { _ in nil },
    entry: @escaping @Sendable (Entry) -> String? = { _ in nil }
  ) -> StoreOptions {
    var options = small
    options.readability = Readability(snapshot: snapshot, entry: entry)
    return options
  }

  @Test("a received snapshot is refused by its first bytes: log, votes and snapshots stay, and its parts go")
  func received() throws {
    let scratch = Scratch()
    let running = try Running(
      scratch, options: options { $0 == Array(Self.state.prefix(Readability.prefix)) ? Self.why : nil })
    running.write { $0.entries = (1...5).map { entry($0) } }
    for offset in stride(from: 0, to: Self.state.count, by: 100) {
      let part = Array(Self.state[offset..<offset + 100])
      running.write { $0.chunk = SnapshotChunk(meta: Self.meta, offset: UInt64(offset), data: part) }
    }
    running.submit { write in
      write.snapshot = Self.meta
      write.hardState = HardState(term: Term(2), vote: NodeID(1), commit: LogIndex(5))
    }
    #expect(running.completions.wait { $0.failure != nil })
    guard case .unreadable(let directory, let what)? = running.completions.current.failure else {
      return #expect(Bool(false), "\(running.completions.current)")
    }
    #expect(directory == scratch.path && what.contains("snapshot 20") && what.contains(Self.why))
    #expect(try scratch.names().allSatisfy { !$0.hasPrefix("snapshot") })
    running.store.close()
    let again = try Running(scratch)
    #expect(again.recovered.entries == (1...5).map { entry($0) } && again.recovered.snapshot == nil)
    #expect(again.recovered.hardState.term == Term(2) && again.recovered.hardState.vote == NodeID(1))
    again.store.close()
  }

  @Test("a store that holds such an entry or snapshot stays shut, says why, and nothing in it changes")
  func opening() throws {
    let scratch = Scratch()
    let running = try Running(scratch)
    running.write { $0.entries = (1...5).map { entry($0) } }
    _ = try running.store.writeSnapshot(
      index: LogIndex(3), term: Term(1), time: 0, membership: Membership(voters: [NodeID(1)])
    ) { try $0([7, 7, 7]) }
    running.store.close()
    // What a crash leaves would be cleared away.
    try scratch.write("store.tmp", [1, 2, 3])
    let before = try scratch.contents()
    for (options, place) in [
      (options(snapshot: { $0 == [7, 7, 7] ? Self.why : nil }), "snapshot 3"),
      (options(entry: { $0.index == LogIndex(5) ? Self.why : nil }), "entry 5"),
    ] {
      let error = storeError { _ = try Running(scratch, options: options) }
      let text = try #require(error.map { "\($0)" }, "it was opened")
      #expect(text.contains(scratch.path) && text.contains(place) && text.contains(Self.why), "\(text)")
      #expect(try scratch.contents() == before)
    }
    let open = try Running(scratch, options: options())
    #expect(open.recovered.entries == [entry(4), entry(5)])
    open.store.close()
  }
}
