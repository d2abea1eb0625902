import ArgumentParser
import Simulation

/// `simulate`: whole clusters in one thread each, one from every seed.
@main
struct Simulate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract:
      "Run clusters from seeds: the real consensus, state and codecs, a simulated network, disk and clock.",
    discussion: "Exits with 1 when a seed breaks a promise. The same seed is the same story, on every machine.",
    subcommands: [Fuzz.self, Placement.self, FindMistakes.self, Day.self])

  @Option(help: "How many seeds to run.")
  var seeds = 1_000

  @Option(help: "The first seed.")
  var from: UInt64 = 1

  @Option(help: "Seeds at a time; the default is the number of cores.")
  var jobs = cores()

  @Flag(help: "Print the whole story of each seed as lines of JSON, one seed after the other.")
  var trace = false

  @Option(help: "Build a mistake into the cluster, by its name (see --mistakes).")
  var mistake: Mistake?

  @Flag(help: "List the mistakes that can be built in.")
  var mistakes = false

  func validate() throws {
    guard seeds > 0 else { throw ValidationError("--seeds is \(seeds): give 1 or more.") }
    guard jobs > 0 else { throw ValidationError("--jobs is \(jobs): give 1 or more.") }
  }

  func run() async throws {
    if mistakes {
      for mistake in Mistake.all { print(mistake.name) }
      return
    }
    if trace { return try traceAll() }
    let clock = ContinuousClock()
    let start = clock.now
    let outcome = await Campaign(first: from, count: seeds, jobs: jobs, mistake: mistake).run()
    print(Report(outcome, seconds: (clock.now - start) / .seconds(1), mistake: mistake).text)
    if !outcome.failures.isEmpty { throw ExitCode(1) }
  }

  private func traceAll() throws {
    var isBroken = false
    for seed in from..<from + UInt64(seeds) {
      let story = Story()
      let result = SeedRun.run(seed: seed, mistake: mistake, story: story)
      for line in story.all { print(line) }
      if !result.violations.isEmpty { isBroken = true }
    }
    if isBroken { throw ExitCode(1) }
  }
}

extension Mistake: ExpressibleByArgument {
  /// From what was given on the command line.
  public init?(argument: String) { self.init(name: argument) }
}
