import ArgumentParser
import Simulation

/// `simulate fuzz`: bytes that are nearly right, for all that reads bytes from outside.
struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz", abstract: "Give every reader inputs that are nearly right, by a seed.",
    discussion: """
      Exits with 1 when what was taken does not come back. A trap is a finding as well. --from is the first seed.
      """)

  /// Its `--from` takes what is typed behind `fuzz` too, so an option of that name here would never be given.
  @ParentCommand var simulate: Simulate

  @Option(help: "How many inputs, at the least.")
  var inputs = 1_000_000

  var from: UInt64 { simulate.from }

  func run() throws {
    var fuzzing = Fuzzing()
    let clock = ContinuousClock()
    let start = clock.now
    var seed = from
    while fuzzing.outcome.inputs < inputs, fuzzing.outcome.problems.count < 10 {
      if (seed - from) % 100_000 == 0 { print("seed \(seed)") }
      fuzzing.run(seed: seed)
      seed += 1
    }
    let outcome = fuzzing.outcome
    let seconds = (clock.now - start) / .seconds(1)
    print(
      "\(outcome.inputs) inputs in \(Report.rounded(seconds)) s, \(outcome.taken) of them taken, "
        + "\(outcome.problems.count) problems")
    for problem in outcome.problems { print("  \(problem)") }
    if !outcome.problems.isEmpty { throw ExitCode(1) }
  }
}
