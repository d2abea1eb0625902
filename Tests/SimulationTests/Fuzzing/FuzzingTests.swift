import Simulation
import Testing

@Suite("Inputs that are nearly right")
struct FuzzingTests {
  @Test("are taken as they would be written, or refused, and change nothing that should not be")
  func inputs() {
    var fuzzing = Fuzzing()
    for seed in 1...500 as ClosedRange<UInt64> { fuzzing.run(seed: seed) }
    let outcome = fuzzing.outcome
    #expect(outcome.problems.isEmpty, "\(outcome.problems.prefix(3))")
    // Some are right all the same, most are not: else it would try nothing.
    #expect(outcome.taken * 20 > outcome.inputs && outcome.taken * 2 < outcome.inputs, "\(outcome)")
  }
}
