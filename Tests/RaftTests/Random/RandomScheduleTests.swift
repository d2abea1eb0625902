import Raft
import Testing

@Suite struct RandomScheduleTests {
  @Test(
    "whatever is lost, late, doubled or crashed, nothing that Raft promises is broken", arguments: 0..<12)
  func safetyAndRecovery(block: Int) {
    var installs = 0
    var committed = 0
    var changes = 0
    for seed in UInt64(block * 25)..<UInt64(block * 25 + 25) {
      var schedule = RandomSchedule(seed: seed)
      // A change of the group takes a while.
      schedule.run(steps: seed % 2 == 1 ? 2400 : 1200)
      #expect(schedule.cluster.violations.isEmpty, "seed \(seed): \(schedule.cluster.violations)")
      guard schedule.cluster.violations.isEmpty else { return }
      let recovered = schedule.recover()
      #expect(recovered, "seed \(seed): the cluster does not recover")
      #expect(schedule.cluster.violations.isEmpty, "seed \(seed): \(schedule.cluster.violations)")
      installs += schedule.cluster.members.map(\.installs).reduce(0, +)
      changes += schedule.changes
      committed += schedule.cluster.history.committed.count
    }
    // The schedules must have had something to break.
    #expect(committed > 25 * 20)
    #expect(installs > 0)
    #expect(changes > 5)
  }
}
