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

  @Test("after so many entries or bytes; the next one counts from there")
  func counts() {
    let options = options(entries: 3, bytes: 100)
    var schedule = SnapshotSchedule()
    for _ in 0..<2 { schedule.wasApplied(bytes: 1) }
    #expect(!schedule.isDue(options, isSending: false))
    schedule.wasApplied(bytes: 1)
    #expect(schedule.isDue(options, isSending: false))
    schedule.begin()
    #expect(!schedule.isDue(options, isSending: false))
    schedule.isUnderWay = false
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
