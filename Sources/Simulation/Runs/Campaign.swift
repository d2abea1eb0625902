import Synchronization

/// Many seeds on many cores. Each seed stands on its own, so the order in which they run changes nothing.
package struct Campaign: Sendable {
  package var first: UInt64
  package var count: Int
  package var jobs: Int
  package var mistake: Mistake?
  /// Ends after so many seeds with violations.
  package var maxFailures = 5

  package init(first: UInt64, count: Int, jobs: Int, mistake: Mistake? = nil) {
    self.first = first
    self.count = count
    self.jobs = jobs
    self.mistake = mistake
  }

  package struct Outcome: Sendable {
    package var seeds = 0
    package var tally = Tally()
    /// Sorted by seed.
    package var failures: [SeedResult] = []
  }

  package func run() async -> Outcome {
    let progress = Progress()
    let campaign = self
    var outcome = await withTaskGroup(of: Outcome.self) { group in
      for _ in 0..<max(jobs, 1) {
        group.addTask {
          campaign.work(progress)
        }
      }
      var all = Outcome()
      for await part in group {
        all.seeds += part.seeds
        all.tally.add(part.tally)
        all.failures += part.failures
      }
      return all
    }
    outcome.failures.sort { $0.seed < $1.seed }
    return outcome
  }

  private func work(_ progress: Progress) -> Outcome {
    var part = Outcome()
    while progress.failed.load(ordering: .relaxed) < maxFailures {
      let number = progress.next.add(1, ordering: .relaxed).oldValue
      guard number < count else { break }
      let result = SeedRun.run(seed: first &+ UInt64(number), mistake: mistake)
      part.seeds += 1
      part.tally.add(result.tally)
      if !result.violations.isEmpty {
        part.failures.append(result)
        progress.failed.add(1, ordering: .relaxed)
      }
    }
    return part
  }

  /// How far all workers together are.
  private final class Progress: Sendable {
    let next = Atomic<Int>(0)
    let failed = Atomic<Int>(0)
  }
}
