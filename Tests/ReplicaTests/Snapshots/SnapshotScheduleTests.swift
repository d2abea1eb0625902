import Desk
import Peering
import Protocol
import Raft
import Testing

@testable import Replica

@Suite("When a snapshot is due")
struct SnapshotScheduleTests {
  private func options(entries: Int, bytes: Int) -> ReplicaOptions {
    let node = MemberAddress(id: 1, name: "node1", peerAddress: "", clientURL: "")
    var options = ReplicaOptions(
      cluster: "test", thisNode: node, members: [node],
      peering: PeeringConfiguration(
        cluster: "test", thisNode: NodeID(1), listenHost: "127.0.0.1", listenPort: 0, peers: []),
      dataDirectory: "", seed: 1)
    options.snapshotEntries = entries
    options.snapshotBytes = bytes
    return options
  }

  private func candidate(_ index: UInt64) -> SnapshotCandidate {
    SnapshotCandidate(
      index: LogIndex(index), term: Term(1), time: 1, membership: Membership(voters: [NodeID(1)]), tail: 0,
      state: DeskState())
  }

  @Test("after so many entries or bytes; the next one counts from there")
  func counts() {
    let options = options(entries: 3, bytes: 100)
    var schedule = SnapshotSchedule()
    for _ in 0..<2 { schedule.wasApplied(bytes: 1) }
    #expect(!schedule.isDue(options, isSending: false))
    schedule.wasApplied(bytes: 1)
    #expect(schedule.isDue(options, isSending: false))
    schedule.hold(candidate(3))
    for _ in 0..<3 { schedule.wasApplied(bytes: 1) }
    #expect(!schedule.isDue(options, isSending: false), "one at a time")
    #expect(schedule.take(durable: LogIndex(2)) == nil, "not all of it is on this node's disk")
    #expect(schedule.take(durable: LogIndex(3))?.index == LogIndex(3))
    #expect(!schedule.isDue(options, isSending: false) && schedule.take(durable: LogIndex(9)) == nil)
    schedule.isUnderWay = false
    #expect(schedule.isDue(options, isSending: false))
    schedule.hold(candidate(6))
    schedule.wasReplaced(at: LogIndex(8))
    #expect(schedule.take(durable: LogIndex(9)) == nil && schedule.lastIndex == LogIndex(8))
    #expect(!schedule.isDue(options, isSending: false))
    schedule.wasApplied(bytes: 100)
    #expect(schedule.isDue(options, isSending: false))
  }

  @Test("while the last one is being sent the next one waits, but not for ever")
  func sending() {
    let options = options(entries: 3, bytes: 100)
    var schedule = SnapshotSchedule()
    for _ in 0..<(3 * RaftNode.snapshotDeferral - 1) { schedule.wasApplied(bytes: 1) }
    #expect(schedule.isDue(options, isSending: false))
    #expect(!schedule.isDue(options, isSending: true))
    schedule.wasApplied(bytes: 1)
    #expect(schedule.isDue(options, isSending: true))
  }
}
