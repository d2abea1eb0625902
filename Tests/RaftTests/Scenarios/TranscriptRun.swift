import Raft

/// A transcript that is carried out.
struct TranscriptRun {
  /// One block whose commands say something else than was expected.
  struct Mismatch: CustomStringConvertible {
    let line: Int
    let commands: [String]
    let expected: [String]
    let actual: [String]

    var description: String {
      (commands.map { "  \($0)" } + [Transcript.separator] + LineDiff.lines(from: expected, to: actual))
        .joined(separator: "\n")
    }
  }

  private(set) var mismatches: [Mismatch] = []
  /// What Raft promises and broke. A transcript cannot expect such a thing.
  private(set) var violations: [String] = []
  /// Branches of Raft that were reached.
  private(set) var marks = MarkSet()
  /// The transcript as it would have to be to fit.
  private(set) var rewritten: Transcript

  /// - Parameter configure: changes the configuration of every member, after the transcript's own options.
  init(_ transcript: Transcript, configure: @escaping (inout RaftConfiguration) -> Void = { _ in }) {
    rewritten = transcript
    var scenario = Scenario(configure: configure)
    for position in transcript.blocks.indices {
      let block = transcript.blocks[position]
      var actual: [String] = []
      for command in block.commands {
        actual += scenario.perform(command.text).map(\.trimmingEnd)
        let broken = scenario.newViolations()
        violations += broken.map { "line \(command.number), \(command.text): \($0)" }
      }
      rewritten.blocks[position].expected = actual
      if actual != block.expected {
        mismatches.append(
          Mismatch(
            line: block.commands.last?.number ?? 1, commands: block.commands.map(\.text),
            expected: block.expected, actual: actual))
      }
      marks = scenario.marks
      // What follows a broken promise says nothing.
      if !violations.isEmpty { return }
    }
  }
}
