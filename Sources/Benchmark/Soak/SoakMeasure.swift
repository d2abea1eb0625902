import Desk
import Foundation
import Kernel
import Verifier

/// Hours at one rate in minutes: conversations are opened, led and closed while a node is killed every minute; then one comes back with
/// an empty disk under the same load. At the end the archives of all nodes are what was acknowledged, or it is said what is not.
struct SoakMeasure {
  struct Plan: Sendable {
    var minutes: Double
    /// Messages a second.
    var rate: Int
    var seed: UInt64
  }

  /// From here on memory is to be flat.
  private static let settling = 300.0
  private static let killEvery = 60.0
  private static let awayFor = 5.0
  private static let look = 5.0

  let cluster: StagedCluster
  let crowd: TalkingCrowd
  let plan: Plan
  let progress: @Sendable (String) -> Void
  private var memory = MemoryCourse()
  private var worstLag = 0
  private var kills = 0
  private var random: SeededGenerator

  init(
    _ cluster: StagedCluster, _ crowd: TalkingCrowd, _ plan: Plan,
    progress: @escaping @Sendable (String) -> Void
  ) {
    (self.cluster, self.crowd, self.plan, self.progress) = (cluster, crowd, plan, progress)
    random = SeededGenerator(seed: plan.seed)
  }

  mutating func run(
    _ report: inout BenchmarkReport, token: (Int, _ isAgent: Bool) async throws -> String
  ) async throws {
    try await crowd.assemble(token: token)
    let begun = ContinuousClock.now
    let (crowd, rate) = (crowd, plan.rate)
    try await crowd.onLoop { crowd.begin(rate: rate) }
    try await soak(since: begun)
    let took = (ContinuousClock.now - begun) / .seconds(1)
    let (figures, latencies, gap) = try await crowd.onLoop {
      (crowd.figures, crowd.latencies, crowd.longestGap)
    }
    report.rows.append(
      BenchmarkReport.Row(
        name: "soak: acknowledged a second", value: Double(figures.acknowledged.count) / took, unit: "/s",
        isLessBetter: false,
        details: [
          "minutes": took / 60, "messages": Double(figures.acknowledged.count), "kills": Double(kills),
          "conversations": Double(figures.closed), "delivered": Double(figures.heard),
          "unsaid": Double(figures.unsaid), "p50_ms": latencies.percentile(50) ?? 0,
          "p99_ms": latencies.percentile(99) ?? 0, "longest_gap_ms": gap,
        ], ratio: Double(figures.acknowledged.count) / took / Double(plan.rate)))
    report.rows.append(
      BenchmarkReport.Row(
        name: "soak: archive behind the log, worst", value: Double(worstLag), unit: "entries",
        isLessBetter: true,
        details: [:], ratio: nil))
    memory.report(into: &report)
    try await fill(&report)
    progress("the end: what was said is answered, and all is closed")
    try await crowd.finish()
    try await compare(&report)
    try await startAgain(&report)
  }

  // MARK: Kills

  private mutating func soak(since begun: ContinuousClock.Instant) async throws {
    let end = begun + .seconds(plan.minutes * 60)
    var next = begun + .seconds(Self.killEvery)
    while ContinuousClock.now < end {
      try await watch(until: min(next, end), since: begun)
      guard ContinuousClock.now < end else { break }
      next += .seconds(Self.killEvery)
      let victim = Int.random(in: cluster.urls.indices, using: &random)
      kills += 1
      cluster.kill(victim)
      try await Task.sleep(for: .seconds(Self.awayFor))
      try await cluster.startAgain(victim)
      try await cluster.awaitWell(seconds: 60)
    }
  }

  private mutating func watch(until: ContinuousClock.Instant, since begun: ContinuousClock.Instant) async throws
  {
    while ContinuousClock.now < until {
      let left = min(.seconds(Self.look), until - ContinuousClock.now)
      try await Task.sleep(for: max(left, .zero))
      let samples = await cluster.samples().compactMap { $0 }
      let seconds = (ContinuousClock.now - begun) / .seconds(1)
      memory.add(samples.map(\.memory), at: seconds, settled: seconds >= Self.settling)
      worstLag = max(worstLag, samples.map(\.lag).max() ?? 0)
    }
    let crowd = crowd
    let figures = try await crowd.onLoop { crowd.figures }
    progress(
      "\(Int((ContinuousClock.now - begun) / .seconds(1))) s: \(figures.acknowledged.count) acknowledged, "
        + "\(figures.closed) conversations closed, nodes of \(memory.last.map { "\($0 >> 20)" }.joined(separator: ", ")) MiB"
    )
  }

  // MARK: An empty disk

  private mutating func fill(_ report: inout BenchmarkReport) async throws {
    let victim = Int.random(in: cluster.urls.indices, using: &random)
    progress("\(cluster.urls[victim]) comes back with an empty disk")
    let crowd = crowd
    try await crowd.onLoop { crowd.forgetTimes() }
    try await Task.sleep(for: .seconds(30))
    let before = try await crowd.onLoop { crowd.latencies.percentile(99) ?? 0 }
    cluster.kill(victim)
    let begun = ContinuousClock.now
    try await cluster.startEmpty(victim)
    try await cluster.awaitWell(seconds: 120)
    // The wait for an answer while a node is lost is not that while one is filled.
    try await crowd.onLoop { crowd.forgetTimes() }
    let end = begun + .seconds(1_800)
    var filled: NodeSample?
    while filled == nil, ContinuousClock.now < end {
      try await Task.sleep(for: .seconds(1))
      let sample = await cluster.samples()[victim]
      if let sample, sample.isWhole, sample.messages > 0 { filled = sample }
    }
    let seconds = (ContinuousClock.now - begun) / .seconds(1)
    let during = try await crowd.onLoop { crowd.latencies.percentile(99) ?? 0 }
    guard let filled else {
      return report.failures.append("soak: an empty node was not filled in \(Int(seconds)) s")
    }
    report.rows.append(
      BenchmarkReport.Row(
        name: "soak: a node with an empty disk filled under load", value: Double(filled.messages) / seconds,
        unit: "messages/s", isLessBetter: false,
        details: [
          "seconds": seconds, "messages": Double(filled.messages),
          "rows_from_others": Double(filled.rowsFromOthers),
          "p99_before_ms": before, "p99_during_ms": during,
        ], ratio: before > 0 ? during / before : nil))
  }

  // MARK: The proof

  private func compare(_ report: inout BenchmarkReport) async throws {
    let crowd = crowd
    let figures = try await crowd.onLoop { crowd.figures }
    for (reason, count) in figures.failures.sorted(by: { $0.key < $1.key }) {
      report.failures.append("soak: \(count) requests were refused: \(reason)")
    }
    let wanted = figures.acknowledged
    let end = ContinuousClock.now + .seconds(180)
    while ContinuousClock.now < end {
      let samples = await cluster.samples()
      if samples.allSatisfy({ $0?.messages == wanted.count && $0?.isWhole == true }) { break }
      try await Task.sleep(for: .seconds(1))
    }
    var same = 0
    for (place, archive) in cluster.archives.enumerated() {
      progress("the archive of \(cluster.urls[place]) is compared with what was acknowledged")
      let found = try AcknowledgedSet(archive: archive)
      if found == wanted {
        same += 1
      } else {
        report.failures.append(
          "soak: \(wanted.count) messages were acknowledged (hash \(String(wanted.hash, radix: 16))), and "
            + "\(archive) has \(found.count) (\(String(found.hash, radix: 16)))")
      }
    }
    report.rows.append(
      BenchmarkReport.Row(
        name: "soak: archives that are what was acknowledged", value: Double(same), unit: "nodes",
        isLessBetter: false,
        details: ["messages": Double(wanted.count)], ratio: nil))
  }
}

extension SoakMeasure {
  /// Nothing lives any more: what a node takes, and how long it needs to start, with all that in its archive.
  fileprivate func startAgain(_ report: inout BenchmarkReport) async throws {
    progress("until what was closed has left memory")
    try await Task.sleep(for: .seconds(90))
    cluster.kill(0)
    let begun = ContinuousClock.now
    try await cluster.startAgain(0)
    try await cluster.awaitWell(seconds: 120)
    let seconds = (ContinuousClock.now - begun) / .seconds(1)
    try await Task.sleep(for: .seconds(5))
    guard let sample = await cluster.samples()[0] else {
      return report.failures.append("soak: a node does not answer")
    }
    report.rows.append(
      BenchmarkReport.Row(
        name: "soak: a node started with all of it, until all is well", value: seconds, unit: "s",
        isLessBetter: true,
        details: ["messages": Double(sample.messages), "memory_mb": Double(sample.memory) / 1e6], ratio: nil))
  }
}
