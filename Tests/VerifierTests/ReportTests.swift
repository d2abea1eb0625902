import Foundation
import Testing

@testable import Verifier

@Suite("The report of a run")
struct ReportTests {
  private static let second = 1_000_000_000

  private func fault(_ kind: FaultKind, at began: Int) -> FaultRecord {
    FaultRecord(
      kind: kind, nodes: ["node1"], began: began * Self.second, mended: (began + 1) * Self.second,
      well: (began + 2) * Self.second)
  }

  private func ack(_ called: Double, _ returned: Double) -> Attempt {
    Attempt(
      process: "c", session: "1", id: "\(called)", body: "", outcome: .acknowledged(1),
      called: Int(called * 1e9), returned: Int(returned * 1e9))
  }

  @Test("puts beside each fault the longest time without an ack and the latency after it")
  func timeline() {
    let acks = [ack(9.4, 9.5), ack(10.2, 12.7), ack(12.7, 12.8), ack(19, 19.1), ack(29, 29.1)]
    let rows = Timeline.rows(
      [fault(.killLeader, at: 10), fault(.restart, at: 20)], acks, end: 30 * Self.second)
    #expect(rows.map(\.fault) == [.killLeader, .restart])
    // From 12.8 to 19.1, and from 19.1 to 29.1.
    #expect(rows.map { Int($0.gapMs.rounded()) } == [6300, 10_000])
    #expect(rows[0].ackP99Ms.map { Int($0.rounded()) } == 2500)
    #expect(rows[1].ackP99Ms == nil)
    #expect(rows.map { $0.wellAfterMs.map { Int($0.rounded()) } } == [1000, 1000])
  }

  @Test("counts a gap that reaches the end of the span")
  func gapAtTheEnd() {
    #expect(Timeline.gap([1, 2, 3], from: 0, to: 100) == 97)
    #expect(Timeline.gap([], from: 10, to: 30) == 20)
    #expect(Timeline.gap([5, 90], from: 50, to: 100) == 40)
  }

  @Test("puts beside each gap the longest stall of the verifier itself in the same span")
  func stalls() {
    let stalls = [(2, 8), (8, 10), (12, 15), (21, 26), (31, 39)].map {
      Stall(due: $0.0 * Self.second, woke: $0.1 * Self.second)
    }
    let rows = Timeline.rows(
      [fault(.killLeader, at: 10), fault(.restart, at: 20)], [], stalls: stalls, end: 30 * Self.second)
    #expect(rows.map { Int($0.stallMs.rounded()) } == [3000, 5000])
    // What reaches into the span counts as a whole.
    #expect(Timeline.longest(of: stalls, from: 7 * Self.second, to: 12 * Self.second) == 6 * Self.second)
    #expect(Timeline.longest(of: stalls) == 8 * Self.second)
    #expect(Timeline.longest(of: []) == 0)
  }

  @Test("gives percentiles by nearest rank")
  func percentiles() {
    #expect(Timeline.percentile(50, Array(1...10)) == 5)
    #expect(Timeline.percentile(99, Array(1...100)) == 99)
    #expect(Timeline.percentile(99, [7]) == 7)
    #expect(Timeline.percentile(99, []) == nil)
  }

  @Test("deals every kind of fault once before any comes again, the same for the same seed")
  func plan() {
    func draw(_ seed: UInt64) -> [FaultPlan.Choice] {
      var plan = FaultPlan(kinds: FaultKind.allCases, seed: seed)
      return (0..<FaultKind.allCases.count * 2).compactMap { _ in plan.next() }
    }
    let choices = draw(3)
    let half = FaultKind.allCases.count
    #expect(Set(choices.prefix(half).map(\.kind)).count == half)
    #expect(Set(choices.suffix(half).map(\.kind)).count == half)
    #expect(choices == draw(3))
    #expect(choices != draw(4))
  }

  @Test("deals no kind that was found to be impossible")
  func forgotten() {
    var plan = FaultPlan(kinds: [.drain, .restart], seed: 1)
    plan.forget(.drain)
    let kinds = (0..<4).map { _ in plan.next()?.kind }
    #expect(kinds == [.restart, .restart, .restart, .restart])
    plan.forget(.restart)
    let none = plan.next()
    #expect(none == nil)
  }

  @Test("writes the history in lines of JSON with the same fields, nulls where no answer came")
  func history() throws {
    var evidence = Stories.well()
    evidence.attempts[3].outcome = .unknown
    evidence.attempts[3].returned = nil
    let lines = try HistoryFile.text(evidence).split(separator: "\n")
    #expect(lines.count == 1 + 4 + 2 + 2)
    let rows = try lines.map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    for row in rows {
      #expect(Set(row.keys) == ["process", "op", "key", "input", "output", "call_ns", "return_ns"])
    }
    let calls = rows.compactMap { $0["call_ns"] as? Int }
    #expect(calls == calls.sorted())
    let unanswered = rows.filter { $0["return_ns"] is NSNull }
    #expect(unanswered.count == 1)
    #expect(unanswered.first?["output"] is NSNull)
  }

  @Test("says the verdict, the seed and what was not done")
  func text() {
    let report = VerificationReport(
      seed: 42, seconds: 60, acks: 1000, unanswered: 0, sessions: 10, reads: 20, looks: 5, deliveries: 900,
      ackP50Ms: 3, ackP99Ms: 1234, faults: Timeline.rows([fault(.killAll, at: 61)], [], end: 70 * Self.second),
      faultsByKind: ["kill-all": 1], skipped: ["drain: not offered"], retries: ["no_quorum": 4],
      checks: [
        VerificationReport.Check(promise: "all is well", violations: []),
        VerificationReport.Check(
          promise: "nothing is lost", violations: (0..<12).map { Violation("lost", session: "7", "m\($0)") }),
      ], history: "/tmp/h.jsonl", kept: nil)
    let text = report.text()
    for part in [
      "1:01  kill-all", "ok    all is well", "FAIL  nothing is lost", "lost: session 7: m0", "and 2 more",
      "12 violations", "seed 42", "drain: not offered", "/tmp/h.jsonl", "p99 1.23 s",
    ] {
      #expect(text.contains(part), "\(part)")
    }
    #expect(!text.contains("m11"))
  }
}
