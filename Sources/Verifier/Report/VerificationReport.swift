/// What a run has shown.
package struct VerificationReport: Sendable, Encodable {
  package struct Check: Sendable, Encodable {
    package var promise: String
    package var violations: [Violation]
  }

  package var seed: UInt64
  package var seconds: Double
  package var acks: Int
  package var unanswered: Int
  package var sessions: Int
  package var reads: Int
  package var looks: Int
  package var deliveries: Int
  package var ackP50Ms: Double?
  package var ackP99Ms: Double?
  package var faults: [TimelineRow]
  /// The longest time in which the verifier itself did not run, in ms: of the whole run.
  package var longestStallMs = 0.0
  /// How nodes are cut off from each other.
  package var network = ""
  /// Those that were done, by kind.
  package var faultsByKind: [String: Int]
  /// What was not done, with the reason.
  package var skipped: [String]
  /// How often the cluster asked clients to try again, by code.
  package var retries: [String: Int]
  package var checks: [Check]
  /// Where the history is.
  package var history: String
  /// Where the logs and data of the cluster are, when they were kept.
  package var kept: String?

  package var violations: [Violation] { checks.flatMap(\.violations) }
}

extension VerificationReport {
  /// For people. At most so many violations of one check are told; the JSON has all.
  package func text(mostViolations: Int = 10) -> String {
    var lines = table()
    lines.append("")
    let kinds = faultsByKind.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    let done = faultsByKind.values.reduce(0, +)
    lines.append("faults      \(done) of \(faultsByKind.count) kinds: \(kinds.isEmpty ? "none" : kinds)")
    if !network.isEmpty { lines.append("network     \(network)") }
    for reason in skipped { lines.append("not done    \(reason)") }
    lines.append(
      "load        \(acks) acks in \(sessions) sessions (p50 \(Self.time(ackP50Ms)), p99 \(Self.time(ackP99Ms))), "
        + "\(deliveries) deliveries, \(reads) reads, \(looks) looks at sessions and agents")
    if unanswered > 0 { lines.append("            \(unanswered) messages without an answer at the end") }
    lines.append("verifier    its own longest stall \(Self.time(longestStallMs))")
    let codes = retries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    if !codes.isEmpty { lines.append("            tried again: \(codes)") }
    lines.append("")
    for check in checks {
      lines.append("\(check.violations.isEmpty ? "ok  " : "FAIL")  \(check.promise)")
      for violation in check.violations.prefix(mostViolations) {
        let place = violation.session.map { "session \($0): " } ?? ""
        lines.append("        \(violation.check): \(place)\(violation.text)")
      }
      let more = check.violations.count - mostViolations
      if more > 0 { lines.append("        and \(more) more") }
    }
    lines.append("")
    let count = violations.count
    let verdict = count == 0 ? "No violation" : "\(count) violation\(count == 1 ? "" : "s")"
    lines.append("\(verdict) in \(Self.decimal(seconds / 60)) minutes, seed \(seed).")
    lines.append("History: \(history)")
    if let kept { lines.append("Logs and data of the nodes: \(kept)") }
    return lines.joined(separator: "\n")
  }

  private func table() -> [String] {
    let titles = ["TIME", "FAULT", "TO", "NO ACK FOR", "OWN STALL", "P99 AFTER", "WELL AFTER"]
    let rows = faults.map { row in
      [
        Self.clock(row.at), row.fault.rawValue, row.nodes.joined(separator: " "), Self.time(row.gapMs),
        Self.time(row.stallMs), Self.time(row.ackP99Ms),
        row.failure == nil ? Self.time(row.wellAfterMs) : "not done",
      ]
    }
    let widths = titles.indices.map { column in ([titles] + rows).map { $0[column].count }.max() ?? 0 }
    return ([titles] + rows).map { row in
      let cells = row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 1 || column == 2 ? row[column] + space : space + row[column]
      }
      return cells.joined(separator: "  ")
    }
  }

  static func clock(_ seconds: Double) -> String {
    let whole = Int(seconds)
    return "\(whole / 60):\(whole % 60 < 10 ? "0" : "")\(whole % 60)"
  }

  static func time(_ milliseconds: Double?) -> String {
    guard let milliseconds else { return "-" }
    return milliseconds < 1000 ? "\(Int(milliseconds.rounded())) ms" : "\(decimal(milliseconds / 1000)) s"
  }

  private static func decimal(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
  }
}
