import Raft
import Simulation

/// What a campaign came to, as text.
struct Report {
  let text: String

  init(_ outcome: Campaign.Outcome, seconds: Double, mistake: Mistake?) {
    let tally = outcome.tally
    var lines: [String] = []
    let simulated = Double(tally.simulatedMicroseconds) / 1e6
    lines.append(
      "\(outcome.seeds) seeds in \(Report.rounded(seconds)) s: "
        + "\(Report.rounded(Double(outcome.seeds) / max(seconds, 1e-9))) seeds a second, "
        + "\(Report.rounded(simulated / 3600)) simulated hours, \(tally.events) events")
    lines.append(
      "\(tally.elections) elections, \(tally.entriesCommitted) entries committed, \(tally.snapshotsMade) snapshots "
        + "made, \(tally.snapshotsInstalled) installed and \(tally.snapshotsRefused) refused, "
        + "\(tally.operationsDone) operations answered and \(tally.operationsUnanswered) given up, \(tally.reads) reads, "
        + "\(tally.ownSessionsAsked) times somebody asked for their sessions, "
        + "\(tally.archiveReads) histories were read from archives, \(tally.cutReads) began with what was dropped in "
        + "one of \(tally.monthsDropped) runs, "
        + "\(tally.performed) operations done by their declaration, \(tally.erasures) customers erased, \(tally.watched) conversations of others read, "
        + "\(tally.longHistories) histories were partly in memory"
    )
    lines.append(
      "\(tally.framesDelivered) frames delivered, \(tally.framesLost) lost, \(tally.framesDoubled) doubled")
    lines.append(
      "gossip: \(tally.datagramsDelivered) datagrams delivered, \(tally.datagramsLost) lost, \(tally.deaths) deaths "
        + "and \(tally.returns) returns noticed, \(tally.hintsHeard) hints heard, "
        + "settled within \(tally.longestSettling) ms")
    lines.append(
      "agents: \(tally.agentsBack) times back at their chats in time, \(tally.chatsReleased) chats given to others"
    )
    lines.append("faults:")
    for (name, count) in tally.faults.sorted(by: { $0.key < $1.key }) { lines.append("  \(name): \(count)") }
    let missed = Mark.allCases.filter { !tally.marks.contains($0) }
    lines.append(
      "\(Mark.allCases.count - missed.count) of \(Mark.allCases.count) marks of Raft reached"
        + (missed.isEmpty ? "" : "; not reached: " + missed.map { "\($0)" }.joined(separator: ", ")))
    lines.append("violations: \(outcome.failures.count)")
    for failure in outcome.failures {
      for violation in failure.violations { lines.append("  seed \(failure.seed): \(violation)") }
      let built = mistake.map { " --mistake \($0.name)" } ?? ""
      lines.append("    replay: scripts/simulate --seeds 1 --from \(failure.seed) --trace\(built)")
    }
    text = lines.joined(separator: "\n")
  }

  /// One digit behind the point.
  static func rounded(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(abs(tenths % 10))"
  }
}
