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
  }

  private let cluster: StagedCluster
  private let trust: ClientTrust?
  private let directory: String
  private let tokens: TokenMaking
  private let progress: @Sendable (String) -> Void

  /// - Parameters:
  ///   - cluster: that nobody else uses, with the limits of its clients off.
  ///   - trust: whom to believe, when its nodes serve clients with TLS.
  ///   - directory: on the disk of the cluster.
  package init(
    _ cluster: StagedCluster, trust: ClientTrust? = nil, directory: String, tokens: @escaping TokenMaking,
    progress: @escaping @Sendable (String) -> Void
  ) {
    self.cluster = cluster
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
  package func run(
    _ kinds: [Kind], seconds: Double, crowd: Int, kills: Int, messages: Int
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
        }
      } catch {
        report.failures.append("\(kind.rawValue): \(error)")
      }
    }
    try await group.shutdownGracefully()
    return report
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
