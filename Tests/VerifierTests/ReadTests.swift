import Testing

@testable import Verifier

@Suite("The proof about reads")
struct ReadTests {
  @Test("sees a read that misses what was acknowledged before it was asked")
  func stale() {
    #expect(Stories.failures { $0.reads[1] = Stories.read(3, at: 450) } == ["stale read"])
  }

  @Test("sees reads that go back in time")
  func back() {
    let found = Stories.failures { evidence in
      evidence.attempts[3].outcome = .unknown
      evidence.attempts[3].returned = nil
      evidence.reads = [Stories.read(4, at: 450), Stories.read(3, at: 500)]
    }
    #expect(found == ["stale read"])
  }

  @Test("lets a message without an answer come into sight late, once")
  func late() {
    let found = Stories.failures { evidence in
      evidence.attempts[3].outcome = .unknown
      evidence.attempts[3].returned = nil
      evidence.reads = [Stories.read(3, at: 450), Stories.read(4, at: 500)]
    }
    #expect(found == [])
  }

  @Test("is not kept from an answer by many messages that nobody got an answer to")
  func unknowns() {
    var evidence = Stories.well()
    for number in 0..<14 {
      var attempt = Stories.attempt(1, process: "a\(number)")
      attempt.id = "lost \(number)"
      attempt.outcome = .unknown
      attempt.returned = nil
      evidence.attempts.append(attempt)
    }
    #expect(ReadCheck(evidence, maxSteps: 1_000).violations.isEmpty)
    evidence.reads.append(Stories.read(2, at: 500))
    #expect(ReadCheck(evidence, maxSteps: 1_000).violations.map(\.check) == ["stale read"])
  }

  @Test("sees a read with a gap, and one with what nobody said")
  func strange() {
    #expect(Stories.failures { $0.reads[1].lines.remove(at: 1) } == ["invented"])
    #expect(Stories.failures { $0.reads[1].lines[1].id = "m9" } == ["invented"])
  }

  @Test("says that it does not know when the search is given up")
  func undecided() {
    let found = ReadCheck(Stories.well(), maxSteps: 2).violations
    #expect(found.map(\.check) == ["undecided"])
  }
}
