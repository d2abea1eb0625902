import Desk
import Kernel
import Testing

@Suite("Levels of the desk")
struct LevelTests {
  private func raised(_ state: ReplicatedState, to level: Level) -> (ReplicatedState, [Effect]) {
    var state = state
    var effects: [Effect] = []
    state.apply(
      [Submission(origin: Origin(server: Desk.one, request: 0), command: .raiseLevel(RaiseLevel(level)))],
      index: 1_000, now: 1, into: &effects)
    return (state, effects)
  }

  @Test("a cluster begins at level 1, is raised once, and never goes back")
  func raising() {
    let first = ReplicatedState()
    #expect(first.level == .first)
    let (second, effects) = raised(first, to: .second)
    #expect(second.level == .second && effects == [.levelRaised(.second)])
    let (same, none) = raised(second, to: .second)
    #expect(same.level == .second && none.isEmpty)
    #expect(raised(second, to: .first).0.level == .second)
  }

  @Test("at level 1 a snapshot has the bytes that the previous release reads; above it names its level")
  func snapshots() throws {
    let first = SnapshotTests.rich(seed: 7)
    #expect(Array(first.encodedSnapshot().prefix(6)) == Array("SWBD".utf8) + [0, 3])
    let (second, _) = raised(first, to: .second)
    let bytes = second.encodedSnapshot()
    #expect(Array(bytes.prefix(14)) == Array("SWBD".utf8) + [0, 4, 0, 2, 5] + Array("0.2.0".utf8))
    // What follows is the same state, a byte in each session for an absence that there is not, and the running digest.
    let sessions = first.sessionCounts.queued + first.sessionCounts.active + first.sessionCounts.closed
    #expect(bytes.count - 14 - sessions - 8 == first.encodedSnapshot().count - 6)
    let restored = try ReplicatedState(snapshot: bytes)
    #expect(restored.level == .second && restored.encodedSnapshot() == bytes)
    #expect(restored.checkInvariants().isEmpty)
  }

  @Test("a snapshot of a level that this build does not read is told from its first bytes, with what is needed")
  func newer() {
    let start: [UInt8] = Array("SWBD".utf8) + [0, 4, 0x12, 0x34, 5] + Array("9.8.7".utf8)
    let wanted = SnapshotError.newerLevel(Level(0x1234), release: "9.8.7")
    #expect(throws: wanted) { try SnapshotLabel.check(start) }
    #expect(throws: wanted) { try ReplicatedState(snapshot: start) }
    #expect("\(wanted)".contains("level 4660") && "\(wanted)".contains("version 9.8.7 or newer"))
    #expect(throws: SnapshotError.unsupportedVersion(5)) {
      try SnapshotLabel.check(Array("SWBD".utf8) + [0, 5])
    }
    #expect(throws: SnapshotError.notASnapshot) { try SnapshotLabel.check([1, 2, 3]) }
    #expect(throws: SnapshotError.self) { try SnapshotLabel.check(Array("SWBD".utf8) + [0, 4, 0, 1, 0]) }
    #expect(throws: SnapshotError.self) { try SnapshotLabel.check(Array("SWBD".utf8) + [0, 4, 0]) }
  }

  @Test("each level names the first release that reads it")
  func releases() {
    #expect(Level.first.release == "0.1.0" && Level.newest.release != nil)
    #expect(Level(Level.newest.rawValue + 1).release == nil && Level(0).release == nil)
    #expect(Command.raiseLevel(RaiseLevel(.second)).since == .second)
    #expect(Command.raiseLevel(RaiseLevel(Level(9))).since == Level(9))
    #expect(Command.timePasses(TimePasses(limit: 1)).since == .first)
  }
}
