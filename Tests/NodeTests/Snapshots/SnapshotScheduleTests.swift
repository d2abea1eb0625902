import Desk
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

  private func job(_ index: UInt64) -> SnapshotJob {
    SnapshotJob(
      state: ReplicatedState(), index: LogIndex(index), term: Term(1), time: 1,
      membership: Membership(voters: [NodeID(1)]))
  }

  @Test("after so many entries or bytes; the next one counts from there")
  func counts() {
    let configuration = configuration(entries: 3, bytes: 100)
    var schedule = SnapshotSchedule()
    for _ in 0..<2 { schedule.wasApplied(bytes: 1) }
    #expect(!schedule.isDue(configuration, isSending: false))
    schedule.wasApplied(bytes: 1)
    #expect(schedule.isDue(configuration, isSending: false))
    schedule.hold(job(3), tail: 7)
    #expect(schedule.tail == 7)
    for _ in 0..<3 { schedule.wasApplied(bytes: 1) }
    #expect(!schedule.isDue(configuration, isSending: false), "one at a time")
    let early = schedule.take(durable: LogIndex(2))
    #expect(early?.index == nil, "not all of it is on this node's disk")
    let whole = schedule.take(durable: LogIndex(3))
    #expect(whole?.index == LogIndex(3))
    #expect(!schedule.isDue(configuration, isSending: false))
    let second = schedule.take(durable: LogIndex(9))
    #expect(second?.index == nil)
    schedule.ended()
    #expect(schedule.isDue(configuration, isSending: false))
    schedule.hold(job(6), tail: 0)
    schedule.wasReplaced(at: LogIndex(8), size: 0)
    let replaced = schedule.take(durable: LogIndex(9))
    #expect(replaced?.index == nil && schedule.lastIndex == LogIndex(8))
    #expect(!schedule.isDue(configuration, isSending: false))
    schedule.wasApplied(bytes: 100)
    #expect(schedule.isDue(configuration, isSending: false))
  }

  @Test(
    "a large state is written only when the log has grown by as much; whoever wants one does not wait for that")
  func large() {
    let configuration = configuration(entries: 10, bytes: 100)
    var schedule = SnapshotSchedule()
    let size = 3 * SnapshotSchedule.smallSize
    schedule.has(LogIndex(5), size: size)
    for _ in 0..<10 { schedule.wasApplied(bytes: size / 10 - 1) }
    #expect(!schedule.isDue(configuration, isSending: false))
    schedule.wasApplied(bytes: 20)
    #expect(schedule.isDue(configuration, isSending: false))
    schedule.hold(job(16), tail: 0)
    let taken = schedule.take(durable: LogIndex(16))
    #expect(taken != nil)
    schedule.ended()
    schedule.has(LogIndex(16), size: SnapshotSchedule.smallSize)
    for _ in 0..<9 { schedule.wasApplied(bytes: 1) }
    #expect(!schedule.isDue(configuration, isSending: false))
    schedule.wasApplied(bytes: 1)
    #expect(schedule.isDue(configuration, isSending: false), "a small one costs little")
    schedule.wasReplaced(at: LogIndex(30), size: size)
    schedule.wasApplied(bytes: 1)
    #expect(!schedule.isDue(configuration, isSending: false))
    schedule.want(LogIndex(31))
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
