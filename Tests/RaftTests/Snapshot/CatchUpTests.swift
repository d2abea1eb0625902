import Raft
import Testing

@Suite struct CatchUpTests {
  private func behind() -> Cluster {
    var cluster = Cluster(3)
    cluster.elect(one)
    cluster.crash(three)
    for value in 0..<20 as Range<UInt8> {
      cluster.propose(one, value)
      cluster.settle()
    }
    cluster.makeSnapshot(one)
    #expect(cluster[one].raft?.firstIndex == cluster[one].raft?.lastIndex.next)
    return cluster
  }

  @Test("a member that was away catches up by a snapshot, though the log was dropped to its end")
  func catchesUpAfterAFullPurge() {
    var cluster = behind()
    cluster.start(three)
    cluster.tickAll(30)
    #expect(cluster[three].installs == 1)
    #expect(cluster[three].machine == cluster[one].machine)
    cluster.propose(one, 99)
    cluster.settle()
    #expect(cluster[three].commands == [99])
    #expect(cluster.violations.isEmpty)
    // What was installed is still there after a restart.
    cluster.crash(three)
    cluster.start(three)
    cluster.tickAll(10)
    #expect(cluster[three].machine == cluster[one].machine)
  }

  @Test("a member that dies in the middle of a snapshot, and again, gets it in the end")
  func deathsInTheMiddle() {
    var cluster = behind()
    cluster.start(three)
    for steps in 1...8 {
      for _ in 0..<steps * 3 {
        cluster.tickOneStep()
      }
      cluster.crash(three)
      cluster.start(three)
    }
    cluster.tickAll(80)
    #expect(cluster[three].machine == cluster[one].machine)
    #expect(cluster[one].raft?.progress(of: three)?.state == .replicate)
    #expect(cluster.violations.isEmpty)
  }

  @Test("a new leader takes over a transfer that its predecessor did not end")
  func newLeaderTakesOver() {
    var cluster = behind()
    cluster.makeSnapshot(two)
    cluster.start(three)
    for _ in 0..<12 { cluster.tickOneStep() }
    cluster.crash(one)
    for _ in 0..<60 {
      cluster.tick(two)
      cluster.tick(three)
    }
    #expect(cluster[two].raft?.role == .leader)
    #expect(cluster[three].machine == cluster[two].machine)
    #expect(cluster.violations.isEmpty)
  }
}

extension Cluster {
  /// A tick of the first member, and one message for each, so that something stays under way.
  mutating func tickOneStep() {
    _ = change(one) { $0.tick() }
    for _ in 0..<2 where !network.isEmpty { deliver(network.removeFirst()) }
    answerChunkRead(one)
  }
}
