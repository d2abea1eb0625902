/// What one seed came to.
package struct SeedResult: Sendable {
  package let seed: UInt64
  /// Empty: all went well.
  package let violations: [String]
  package let tally: Tally
  /// Equal for equal runs, in every process.
  package let digest: UInt64
}

/// Runs the cluster of one seed.
package enum SeedRun {
  /// - Parameters:
  ///   - mistake: built into the cluster, to see that it is found.
  ///   - story: takes down what happens; costs much time.
  package static func run(seed: UInt64, mistake: Mistake? = nil, story: Story? = nil) -> SeedResult {
    let world = World(seed: seed, mistake: mistake, story: story)
    world.run()
    var tally = world.tally
    tally.simulatedMicroseconds = world.now
    tally.events = world.events
    for node in world.nodes { world.keepMarks(node) }
    tally.marks = world.marks
    tally.agentsBack = world.checks.agents.returns
    tally.notes = world.checks.teams.count
    tally.invitations = world.checks.agents.invitations
    tally.offers = world.checks.agents.offered
    tally.offersAccepted = world.checks.agents.accepted
    tally.offersPassed = world.checks.agents.passed
    tally.chatsReleased = world.checks.agents.released
    return SeedResult(seed: seed, violations: world.checks.violations, tally: tally, digest: world.digest)
  }
}
