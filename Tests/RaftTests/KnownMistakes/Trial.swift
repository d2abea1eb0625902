import Raft
import Testing

/// A test of a mistake that other systems made (docs/known-mistakes.md has the list): as Raft is, the scenario shows nothing amiss; with the guard taken
/// out it does, or the test would prove nothing.
///
/// - Parameter scenario: returns what went wrong.
func expectGuard(
  _ mistake: DeliberateMistakes, sourceLocation: SourceLocation = #_sourceLocation,
  _ scenario: (DeliberateMistakes) throws -> [String]
) rethrows {
  let sound = try scenario([])
  #expect(sound == [], sourceLocation: sourceLocation)
  let broken = try scenario(mistake)
  #expect(!broken.isEmpty, "without the guard nothing goes wrong", sourceLocation: sourceLocation)
}

/// The same for a transcript: with the mistake it must say something else, or break a promise.
///
/// - Parameter breaks: whether the mistake must break a promise of Raft, and not only say something else.
func expectGuard(
  _ mistake: DeliberateMistakes, breaks: Bool = false, sourceLocation: SourceLocation = #_sourceLocation,
  transcript: String
) {
  expectGuard(mistake, sourceLocation: sourceLocation) { mistakes in
    let run = TranscriptRun(Transcript(transcript)) { $0.mistakes.formUnion(mistakes) }
    return breaks && !mistakes.isEmpty ? run.violations : run.violations + run.mismatches.map(\.description)
  }
}

/// A transcript that must come out as it is written; for guards that no deliberate mistake takes out.
func expectTranscript(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
  let run = TranscriptRun(Transcript(text))
  #expect(run.violations == [], sourceLocation: sourceLocation)
  for mismatch in run.mismatches { Issue.record("\(mismatch)", sourceLocation: sourceLocation) }
}
