import Protocol
import Raft
import Testing

@testable import Node

@Suite("When a snapshot is due")
struct SnapshotScheduleTests {
  private func configuration(entries: Int, bytes: Int) -> NodeConfiguration {
    let node = MemberAddress(id: 1, name: "node1", peerAddress: "", clientURL: "")
    var configuration = NodeConfiguration(cluster: "test", thisNode: node, members: [node], seed: 1)
    configuration.snapshotEntries = entries
    configuration.snapshotBytes = bytes
    return configuration
  }

  @Test("after so many entries or bytes; the next one counts from there")
  func counts() {
    let configuration = configuration(entries: 3, bytes: 100)
    var schedule = SnapshotSchedule()
    for _ in 0..<2 { schedule.wasApplied(bytes: 1) }
    #expect(!schedule.isDue(configuration, isSending: false))
    schedule.wasApplied(bytes: 1)
    #expect(schedule.isDue(configuration, isSending: false))
    schedule.begin(tail: 7)
    #expect(schedule.tail == 7)
    #expect(!schedule.isDue(configuration, isSending: false))
    schedule.ended()
    schedule.wasApplied(bytes: 100)
    #expect(schedule.isDue(configuration, isSending: false))
  }

  @Test("while the last one is being sent the next one waits, but not for ever")
  func sending() {
    let configuration = configuration(entries: 3, bytes: 100)
    var schedule = SnapshotSchedule()
    for _ in 0..<(3 * RaftNode.snapshotDeferral - 1) { schedule.wasApplied(bytes: 1) }
    #expect(schedule.isDue(configuration, isSending: false))
    #expect(!schedule.isDue(configuration, isSending: true))
    schedule.wasApplied(bytes: 1)
    #expect(schedule.isDue(configuration, isSending: true))
  }
}
