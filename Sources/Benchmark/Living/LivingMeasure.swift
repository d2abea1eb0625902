import Verifier

/// What many open conversations take in the memory of a node, and whether anybody waits while a snapshot of them is written.
struct LivingMeasure {
  static let perSession = 20
  /// Longer than this is a pause, in milliseconds: what `switchboard_slow_turns_total` counts.
  private static let pause = 10

  let cluster: StagedCluster
  let sessions: Int
  let progress: @Sendable (String) -> Void

  func run(
    _ report: inout BenchmarkReport, _ crowd: LivingSessions, token: (Int) async throws -> String
  ) async throws {
    let empty = await cluster.samples().compactMap { $0?.memory }.max() ?? 0
    try await crowd.live(sessions: sessions, messages: Self.perSession, token: token)
    for (reason, count) in try await crowd.onLoop({ crowd.failures }).sorted(by: { $0.key < $1.key }) {
      report.failures.append("live: \(count) requests were refused: \(reason)")
    }
    // What only came by is given back.
    try await Task.sleep(for: .seconds(10))
    let full = await cluster.samples().compactMap { $0?.memory }.max() ?? 0
    report.rows.append(
      BenchmarkReport.Row(
        name: "live: memory of a node with \(sessions) sessions of \(Self.perSession) messages",
        value: Double(full) / 1e6, unit: "MB", isLessBetter: true,
        details: ["empty": Double(empty) / 1e6, "bytes_a_session": Double(full - empty) / Double(sessions)],
        ratio: nil))
    var (slow, seconds) = (0.0, 0.0)
    var longest = 0.0
    for place in cluster.urls.indices {
      progress("a snapshot of \(cluster.urls[place])")
      let before = try await cluster.metric("switchboard_slow_turns_total", at: place)
      let begun = ContinuousClock.now
      try await cluster.makeSnapshot(at: place)
      seconds += (ContinuousClock.now - begun) / .seconds(1)
      slow += try await cluster.metric("switchboard_slow_turns_total", at: place) - before
      longest = max(longest, try await cluster.metric("switchboard_longest_turn_seconds", at: place))
    }
    report.rows.append(
      BenchmarkReport.Row(
        name: "live: turns above \(Self.pause) ms while snapshots of them are written", value: slow,
        unit: "turns",
        isLessBetter: true,
        details: [
          "seconds_a_snapshot": seconds / Double(cluster.urls.count),
          "longest_turn_of_the_run_ms": longest * 1e3,
        ],
        ratio: nil))
  }
}
