package import Certificates
import Foundation
import NIOCore
import NIOPosix
package import Verifier

/// Makes a token for a role and a subject.
package typealias TokenMaking = @Sendable (_ role: String, _ subject: String) async throws -> String

/// The measurements, one after the other, each on the same three nodes.
package struct Benchmark: Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    /// Acknowledged messages a second, and how long each takes.
    case acks
    /// From a customer to an agent at another node, by schedule.
    case delivery
    /// How long nobody gets an acknowledgement when the leader is killed.
    case leader
    /// Until all clients of a killed node are back and have what they missed.
    case back
    /// What is over: how fast the archive of one node is written, and what its reads take. No node runs for it.
    case history
    /// Acknowledged messages a second beside a cluster whose nodes keep no archive. Only where it is asked for.
    case archive
    /// Memory with many open conversations, and pauses while a snapshot of them is written. Only where it is asked for.
    case live
    /// Conversations at one rate for a long time, while nodes are killed and one loses its disk. Only where it is asked for.
    case soak

    /// What is measured where nothing is named.
    package static let usual = [Kind.acks, .delivery, .leader, .back, .history]
  }

  private let cluster: StagedCluster
  /// Whose nodes keep no archive; started when it is needed.
  private let bare: StagedCluster?
  private let trust: ClientTrust?
  private let directory: String
  private let tokens: TokenMaking
  private let progress: @Sendable (String) -> Void

  /// - Parameters:
  ///   - cluster: that nobody else uses, with the limits of its clients off.
  ///   - bare: the same without archives; only `archive` uses it.
  ///   - trust: whom to believe, when its nodes serve clients with TLS.
  ///   - directory: on the disk of the cluster.
  package init(
    _ cluster: StagedCluster, bare: StagedCluster? = nil, trust: ClientTrust? = nil, directory: String,
    tokens: @escaping TokenMaking,
    progress: @escaping @Sendable (String) -> Void
  ) {
    self.cluster = cluster
    self.bare = bare
    self.trust = trust
    self.directory = directory
    self.tokens = tokens
    self.progress = progress
  }

  /// - Parameters:
  ///   - seconds: that each rate is measured for.
  ///   - crowd: how many clients come back.
  ///   - kills: of leaders.
  ///   - messages: in the archive.
  ///   - sessions: that live at a time.
  ///   - minutes: of the soak.
  ///   - rate: of the soak, messages a second.
  package func run(
    _ kinds: [Kind], seconds: Double, crowd: Int, kills: Int, messages: Int, minutes: Double, rate: Int,
    sessions: Int
  ) async throws -> BenchmarkReport {
    if kinds.contains(where: { $0 != .history }) {
      try cluster.start()
      try await cluster.awaitWell(seconds: 60)
    }
    let floor = DiskFloor.measure(in: directory).percentile(50)
    var report = BenchmarkReport(processors: ProcessInfo.processInfo.activeProcessorCount, diskFloorMs: floor)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    for kind in Kind.allCases where kinds.contains(kind) {
      do {
        switch kind {
        case .acks: try await acks(seconds, group.next(), &report)
        case .delivery: try await delivery(seconds, group.next(), &report)
        case .leader: try await leader(kills, group.next(), &report)
        case .back: try await back(crowd, group.next(), &report)
        case .history:
          progress("an archive of \(messages) messages")
          var history = HistoryMeasure(directory: directory, messages: messages)
          try history.run(&report)
        case .archive: try await archive(seconds, group.next(), &report)
        case .live: try await live(sessions, group.next(), &report)
        case .soak:
          try await soak(SoakMeasure.Plan(minutes: minutes, rate: rate, seed: 1), group.next(), &report)
        }
      } catch {
        report.failures.append("\(kind.rawValue): \(error)")
      }
    }
    try await group.shutdownGracefully()
    return report
  }

  /// In turns, so that what else the machine does meets both.
  private func archive(_ seconds: Double, _ loop: any EventLoop, _ report: inout BenchmarkReport) async throws {
    guard let bare else { return report.failures.append("archive: there is no cluster without archives") }
    try bare.start()
    try await bare.awaitWell(seconds: 60)
    var rates: [[Double]] = [[], []]
    for round in 1...5 {
      progress("with an archive and without one, round \(round) of 5")
      for (place, one) in [cluster, bare].enumerated() {
        let crowd = ClosedLoop(urls: one.urls, trust: trust, loop: loop)
        let result = try await crowd.during {
          try await crowd.run(clients: 256, seconds: seconds) {
            try await tokens("customer", "archive-\(round)-\($0)")
          }
        }
        rates[place].append(result.perSecond)
      }
    }
    let medians = rates.map { $0.sorted()[$0.count / 2] }
    report.rows.append(
      BenchmarkReport.Row(
        name: "acknowledged a second with an archive, by without one, 256 clients", value: medians[0],
        unit: "/s",
        isLessBetter: false, details: ["without": medians[1]], ratio: medians[0] / medians[1]))
  }

  private func live(_ sessions: Int, _ loop: any EventLoop, _ report: inout BenchmarkReport) async throws {
    progress("\(sessions) open sessions")
    let crowd = LivingSessions(urls: cluster.urls, trust: trust, loop: loop)
    let live = LivingMeasure(cluster: cluster, sessions: sessions, progress: progress)
    var found = report
    try await crowd.during { try await live.run(&found, crowd) { try await tokens("customer", "live-\($0)") } }
    report = found
  }

  private func soak(
    _ plan: SoakMeasure.Plan, _ loop: any EventLoop, _ report: inout BenchmarkReport
  ) async throws {
    progress("\(plan.rate) messages a second for \(plan.minutes) minutes, a node killed every minute")
    let crowd = TalkingCrowd(urls: cluster.urls, trust: trust, loop: loop)
    var soak = SoakMeasure(cluster, crowd, plan, progress: progress)
    var found = report
    try await crowd.during {
      try await soak.run(&found) {
        try await tokens($1 ? "agent" : "customer", "soak-\($1 ? "a" : "c")\($0)")
      }
    }
    report = found
  }

  private func acks(_ seconds: Double, _ loop: any EventLoop, _ report: inout BenchmarkReport) async throws {
    for clients in [1, 64, 256] {
      progress("\(clients) clients, one message under way each")
      let crowd = ClosedLoop(urls: cluster.urls, trust: trust, loop: loop)
      let result = try await crowd.during {
        try await crowd.run(clients: clients, seconds: seconds) {
          try await tokens("customer", "bench-\(clients)-\($0)")
        }
      }
      let p50 = result.latencies.percentile(50) ?? 0
      if clients == 1 {
        report.rows.append(
          BenchmarkReport.Row(
            name: "acknowledgement of a single client, P50", value: p50, unit: "ms", isLessBetter: true,
            details: ["p99_ms": result.latencies.percentile(99) ?? 0],
            ratio: report.diskFloorMs.map { p50 / $0 })
        )
      } else {
        report.rows.append(
          BenchmarkReport.Row(
            name: "acknowledged a second, \(clients) clients", value: result.perSecond, unit: "/s",
            isLessBetter: false, details: ["p50_ms": p50, "p99_ms": result.latencies.percentile(99) ?? 0],
            // Of what one writer alone could sync in that time.
            ratio: report.diskFloorMs.map { result.perSecond * $0 / 1000 }))
      }
    }
  }

  private func delivery(
    _ seconds: Double, _ loop: any EventLoop, _ report: inout BenchmarkReport
  ) async throws {
    for rate in [1_000, 5_000] {
      progress("\(rate) messages a second to agents at another node")
      let crowd = Delivery(urls: cluster.urls, trust: trust, loop: loop)
      let found = try await crowd.during {
        try await crowd.run(rate: rate, seconds: seconds) {
          try await tokens($1 ? "agent" : "customer", "deliver-\(rate)-\($1 ? "a" : "c")\($0)")
        }
      }
      let p99 = found.percentile(99) ?? 0
      report.rows.append(
        BenchmarkReport.Row(
          name: "delivery to another node at \(rate)/s, P99", value: p99, unit: "ms", isLessBetter: true,
          details: ["p50_ms": found.percentile(50) ?? 0, "messages": Double(found.count)],
          ratio: report.diskFloorMs.map { p99 / $0 }))
    }
  }

  private func leader(_ kills: Int, _ loop: any EventLoop, _ report: inout BenchmarkReport) async throws {
    progress("the leader killed \(kills) times at 1000 messages a second")
    let crowd = LeaderLoss(urls: cluster.urls, trust: trust, loop: loop)
    let gaps = try await crowd.during {
      try await crowd.run(rate: 1_000, kills: kills, on: cluster) {
        try await tokens("customer", "leader-\($0)")
      }
    }
    report.rows.append(
      BenchmarkReport.Row(
        name: "leader killed: longest time without any acknowledgement, median",
        value: gaps.percentile(50) ?? 0, unit: "ms", isLessBetter: true,
        details: ["worst_ms": gaps.percentile(100) ?? 0, "kills": Double(gaps.count)]))
  }

  private func back(_ clients: Int, _ loop: any EventLoop, _ report: inout BenchmarkReport) async throws {
    progress("\(clients) clients in a session, one of three nodes killed")
    let crowd = Return(urls: cluster.urls, trust: trust, loop: loop)
    let result = try await crowd.during {
      try await crowd.run(clients: clients, on: cluster) {
        try await tokens($1 ? "agent" : "customer", "back-\($1 ? "a" : "c")\($0)")
      }
    }
    report.rows.append(
      BenchmarkReport.Row(
        name: "\(clients) clients, a node killed: all are back and have what they missed",
        value: result.resumedAfterSeconds, unit: "s", isLessBetter: true,
        details: ["connected_s": result.connectedAfterSeconds, "were_there": Double(result.away)]))
  }
}
