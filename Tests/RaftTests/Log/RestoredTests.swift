import Raft
import Testing

@Suite struct RestoredTests {
  private func meta(_ index: UInt64, _ term: UInt64) -> SnapshotMeta {
    SnapshotMeta(
      index: LogIndex(index), term: Term(term), time: 3, membership: Membership(voters: [one]), size: 0,
      checksum: 0)
  }

  private func refusal(_ restored: Restored) -> String? {
    do {
      _ = try Single(restored: restored)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test("a gap between snapshot and log is refused, and named")
  func gapAfterTheSnapshot() {
    let state = HardState(term: Term(2))
    let gap = refusal(Restored(hardState: state, snapshot: meta(5, 1), entries: entries(1, from: 7)))
    #expect(gap?.contains("entries 6 to 6 are missing") == true)
    #expect(refusal(Restored(hardState: state, entries: entries(1, from: 2))) != nil)
    #expect(refusal(Restored(hardState: state, snapshot: meta(5, 1), entries: entries(1, from: 6))) == nil)
  }

  @Test("a hole in the log, terms that go down, and a lost end are refused")
  func brokenLogs() {
    let state = HardState(term: Term(3))
    #expect(refusal(Restored(hardState: state, entries: entries(1) + entries(1, from: 3))) != nil)
    #expect(refusal(Restored(hardState: state, entries: entries(2, 1))) != nil)
    #expect(refusal(Restored(hardState: state, entries: entries(0, 1))) != nil)
    #expect(
      refusal(Restored(hardState: HardState(term: Term(3), commit: LogIndex(3)), entries: entries(1, 1))) != nil
    )
    #expect(refusal(Restored(hardState: HardState(term: Term(1)), entries: entries(1, 2))) != nil)
  }

  @Test("a log that overlaps the snapshot keeps its tail for slow followers")
  func overlapIsKept() throws {
    let node = try Single(
      restored: Restored(
        hardState: HardState(term: Term(1)), snapshot: meta(4, 1), entries: entries(1, 1, 1, 1, from: 2)))
    #expect(node.raft.firstIndex == LogIndex(3))
    #expect(node.raft.lastIndex == LogIndex(5))
    #expect(node.raft.commitIndex == LogIndex(4))
    let whole = try Single(
      restored: Restored(
        hardState: HardState(term: Term(1)), snapshot: meta(2, 1), entries: entries(1, 1, 1)))
    #expect(whole.raft.firstIndex == LogIndex(1))
  }

  @Test("a log that the snapshot has replaced does not come back")
  func replacedLogs() throws {
    for old in [entries(1, 1), entries(1, 1, 1, 1, 1, 1)] {
      let node = try Single(
        restored: Restored(hardState: HardState(term: Term(2)), snapshot: meta(4, 2), entries: old))
      #expect(node.raft.lastIndex == LogIndex(4))
      #expect(node.raft.firstIndex == LogIndex(5))
      #expect(node.raft.membership == Membership(voters: [one]))
    }
  }

  @Test("a configuration that cannot work is refused, with what is allowed")
  func impossibleConfigurations() {
    for configure in [
      { $0.id = NodeID(0) }, { $0.membership = Membership(voters: []) },
      { $0.membership = Membership(voters: [one, one]) }, { $0.heartbeatTicks = 10 },
      { $0.maxInflightMessages = 0 },
    ] as [(inout RaftConfiguration) -> Void] {
      #expect(throws: RaftError.self) { try Single(configure: configure) }
    }
  }
}
