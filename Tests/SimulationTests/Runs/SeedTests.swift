import Raft
import Simulation
import Testing

/// A few seeds, without optimization: `scripts/simulate` runs thousands in the same time.
@Suite struct SeedTests {
  @Test("whatever goes wrong, nothing that the cluster promises is broken", arguments: 0..<3)
  func promises(block: UInt64) {
    for seed in block * 8 + 1...block * 8 + 8 {
      let result = SeedRun.run(seed: seed)
      #expect(
        result.violations.isEmpty,
        "seed \(seed): \(result.violations); replay: scripts/simulate --seeds 1 --from \(seed) --trace")
    }
  }

  @Test("seeds are long enough to have something to lose")
  func interesting() {
    var tally = Tally()
    for seed in UInt64(25)...40 { tally.add(SeedRun.run(seed: seed).tally) }
    #expect(tally.elections > 24)
    #expect(tally.snapshotsMade > 24)
    #expect(tally.snapshotsInstalled > 0)
    #expect(tally.snapshotsRefused > 0)
    #expect(tally.operationsDone > 600)
    #expect(tally.agentsBack > 10)
    #expect(tally.chatsReleased > 10)
    #expect(tally.handovers > 0)
    #expect(tally.performed > 0)
    #expect(tally.faults.count > 20)
    #expect(tally.marks.contains(.logCut))
    #expect(tally.datagramsDelivered > 1_000)
    #expect(tally.datagramsLost > 100)
    #expect(tally.hintsHeard > 300)
    #expect(tally.deaths > 10)
    #expect(tally.returns > 0)
    #expect(tally.longestSettling > 0)
  }

  @Test("the same seed is the same story, another seed is another")
  func deterministic() {
    let stories = (0..<2).map { _ in Story() }
    let results = stories.map { SeedRun.run(seed: 5, story: $0) }
    #expect(results[0].digest == results[1].digest)
    #expect(stories[0].all == stories[1].all)
    #expect(stories[0].all.count > 1_000)
    #expect(SeedRun.run(seed: 5).digest == results[0].digest)
    #expect(SeedRun.run(seed: 6).digest != results[0].digest)
  }

  @Test("a campaign comes to the same on one core and on several")
  func jobs() async {
    let one = await Campaign(first: 1, count: 2, jobs: 1).run()
    let several = await Campaign(first: 1, count: 2, jobs: 2).run()
    #expect(one.tally.events == several.tally.events)
    #expect(one.tally.simulatedMicroseconds == several.tally.simulatedMicroseconds)
    #expect(one.seeds == 2)
    #expect(several.seeds == 2)
  }
}
