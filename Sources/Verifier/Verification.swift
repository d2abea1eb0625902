import Certificates
import Foundation
import Synchronization

/// What a run is to do.
package struct VerificationSettings: Sendable {
  /// How long faults are made; the proof comes after it.
  package var seconds: Double
  package var seed: UInt64
  package var load: LoadSettings
  /// From the beginning of one fault to that of the next, at the least, in seconds.
  package var interval: Double
  /// The kinds of faults that are wanted.
  package var kinds: [FaultKind]
  /// Where the history and the report go.
  package var output: String
  /// A file of authorities, for nodes with TLS; nil: the one of the environment, or what the system trusts.
  package var authorities: String?

  package init(
    seconds: Double, seed: UInt64, load: LoadSettings = LoadSettings(), interval: Double = 8,
    kinds: [FaultKind] = FaultKind.allCases, output: String,
    authorities: String? = nil
  ) {
    self.authorities = authorities
    self.seconds = seconds
    self.seed = seed
    self.load = load
    self.interval = interval
    self.kinds = kinds
    self.output = output
  }
}

/// One run: load, faults, then the proof.
package struct Verification: Sendable {
  package struct Failure: Error, CustomStringConvertible {
    package var description: String
  }

  /// How long the cluster may take to be well again after a fault, and everybody to get an answer at the end.
  private static let patience = 60.0

  private let settings: VerificationSettings
  private let tokens: TokenSource
  private let isStopped: @Sendable () -> Bool
  private let progress: @Sendable (String) -> Void

  /// - Parameters:
  ///   - tokens: makes tokens that the cluster takes.
  ///   - isStopped: asked often: whether the run is to come to its end early.
  ///   - progress: told what happens, a line at a time.
  package init(
    _ settings: VerificationSettings, tokens: @escaping TokenSource,
    isStopped: @escaping @Sendable () -> Bool, progress: @escaping @Sendable (String) -> Void
  ) {
    self.settings = settings
    self.tokens = tokens
    self.isStopped = isStopped
    self.progress = progress
  }

  /// - Parameter fleet: a cluster that runs, or one of `OwnCluster`, which is started.
  package func run(on fleet: NodeFleet) async throws -> VerificationReport {
    let requests = NodeRequests(
      token: try await tokens("admin", "verifier", nil), authorities: settings.authorities)
    OwnDescriptors.raise()
    var fleet = fleet
    if fleet.hasProcesses {
      for node in fleet.nodes where node.pid == nil { try fleet.start(node.name) }
    } else {
      fleet = try await named(fleet, requests)
    }
    let watch = ClusterWatch(fleet: fleet, requests: requests)
    if let wrong = await watch.awaitWell(within: Self.patience) {
      throw Failure(description: "the cluster is not well to begin with: \(wrong)")
    }
    let recorder = Recorder()
    let stalls = StallWatch(recorder: recorder)
    let run =
      "v" + String(settings.seed % 1_000_000, radix: 36)
      + String(Int(Date().timeIntervalSince1970) % 1_000_000, radix: 36)
    let load = Load(
      settings: settings.load, run: run, seed: settings.seed, recorder: recorder,
      urls: fleet.addresses.map(\.url), nodes: { [fleet] in fleet.addresses }, requests: requests,
      tokens: tokens)
    let kinds = settings.kinds.filter { fleet.hasProcesses || !$0.needsProcesses }
    let director = FaultDirector(
      striker: Striker(
        fleet: fleet, watch: watch, requests: requests,
        network: fleet.site.map { NamespaceNetwork($0) } ?? EndpointNetwork(fleet: fleet, requests: requests),
        visitors: Visitors(
          run: run, recorder: recorder, urls: { [fleet] in fleet.addresses.map(\.url) },
          authorities: settings.authorities, tokens: tokens)),
      watch: watch, recorder: recorder, interval: .milliseconds(Int(settings.interval * 1000)),
      patience: Self.patience
    ) { [progress] text in progress("\(VerificationReport.clock(Double(recorder.now) / 1e9))  \(text)") }

    let result = await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await load.work() }
      tasks.addTask { await stalls.run() }
      let end = ContinuousClock.now + .milliseconds(Int(settings.seconds * 1000))
      let plan = FaultPlan(kinds: kinds, seed: settings.seed)
      var outcome = await director.run(plan, until: end, isStopped: isStopped)
      let talked = recorder.now
      outcome.violations += await settle(director, watch, recorder)
      progress("asking every node for everything")
      await Gathering(requests: requests, recorder: recorder, nodes: fleet.addresses).gather(
        recorder.evidence.openings.compactMap(\.session))
      await awaitDeliveries(recorder)
      recorder.enter(.over)
      tasks.cancelAll()
      while (try? await tasks.next()) != nil {}
      return (outcome: outcome, talked: talked)
    }
    return try report(result.outcome, result.talked, recorder, stalls.stalls, fleet)
  }

  /// Of a cluster that is only known by addresses: the names and addresses of all its nodes.
  private func named(_ fleet: NodeFleet, _ requests: NodeRequests) async throws -> NodeFleet {
    var reasons: [String] = []
    for node in fleet.nodes {
      let status: NodeStatus
      do { status = try await requests.status(at: node.url) } catch {
        reasons.append(
          "\(node.url) (\(TLSFailure.words(for: error, from: .server) ?? String("\(error)".prefix(160))))")
        continue
      }
      let nodes = status.members.enumerated().compactMap { place, member in
        member.clientUrl.map {
          NodeFleet.Node(number: UInt64(place + 1), name: member.id, url: $0, peer: "", launch: nil)
        }
      }
      return NodeFleet(nodes)
    }
    throw Failure(description: "no node answers at \(reasons.joined(separator: ", "))")
  }

  /// Ends the load, mends everything, and waits until nothing moves any more.
  private func settle(
    _ director: FaultDirector, _ watch: ClusterWatch, _ recorder: Recorder
  ) async -> [Violation] {
    recorder.enter(.listening)
    var found: [Violation] = []
    do { try await director.striker.mendAll() } catch {
      found.append(Violation("not well", "a node could not be started again: \(error)"))
    }
    if let wrong = await watch.awaitWell(within: Self.patience) {
      found.append(Violation("not well", "at the end: \(wrong)"))
    }
    let end = ContinuousClock.now + .seconds(Self.patience)
    while !recorder.busy.isEmpty, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(50)) }
    let busy = recorder.busy
    if !busy.isEmpty {
      found.append(
        Violation(
          "no answer",
          "\(Int(Self.patience)) s after all was mended these wait for an answer: "
            + busy.sorted().joined(separator: " ")))
    }
    if await !watch.awaitQuiet(within: 30) {
      found.append(Violation("not well", "the nodes do not come to the same end of the log within 30 s"))
    }
    return found
  }

  /// What is on its way to listeners arrives; a client that lost its connection last has to come back for it.
  private func awaitDeliveries(_ recorder: Recorder) async {
    let end = ContinuousClock.now + .seconds(20)
    while DeliveryCheck(recorder.evidence).violations.contains(where: { $0.check == "delivery gap" }),
      ContinuousClock.now < end
    { try? await Task.sleep(for: .seconds(1)) }
  }

  private func report(
    _ outcome: FaultDirector.Outcome, _ talked: Moment, _ recorder: Recorder, _ stalls: [Stall],
    _ fleet: NodeFleet
  ) throws -> VerificationReport {
    let evidence = recorder.evidence
    progress("checking \(evidence.attempts.count) messages and \(evidence.reads.count) reads")
    let history = settings.output + "/history.jsonl"
    try FileManager.default.createDirectory(atPath: settings.output, withIntermediateDirectories: true)
    try HistoryFile.text(evidence).write(toFile: history, atomically: true, encoding: .utf8)
    var checks = zip(Proof.checks, Proof.violations(in: evidence)).map {
      VerificationReport.Check(promise: $0.promise, violations: $1)
    }
    checks.append(
      VerificationReport.Check(
        promise: "after every fault all is well again, and every request gets its answer",
        violations: outcome.violations + recorder.complaints))
    let acks = evidence.attempts.filter { $0.sequence != nil }
    let latencies = acks.compactMap { attempt in attempt.returned.map { $0 - attempt.called } }
    let done = outcome.records.filter { $0.failure == nil }
    var skipped: [String] = []
    if !fleet.hasProcesses { skipped.append("kills, freezes, restarts: only addresses of the nodes are known") }
    if let refusal = fleet.siteRefusal { skipped.append("network namespaces: \(refusal)") }
    skipped += outcome.notOffered.sorted { $0.key.rawValue < $1.key.rawValue }.map {
      "\($0.key.rawValue): \($0.value)"
    }
    if !evidence.sights.contains(where: { $0.epoch != nil }) {
      skipped.append("epochs: the server does not tell them, only owners are compared")
    }
    return VerificationReport(
      seed: settings.seed, seconds: Double(talked) / 1e9, acks: acks.count,
      unanswered: evidence.attempts.count { $0.outcome == .unknown },
      sessions: evidence.openings.count { $0.session != nil }, reads: evidence.reads.count,
      looks: evidence.sights.count + evidence.agentSights.count, deliveries: evidence.deliveries.count,
      ackP50Ms: Timeline.percentile(50, latencies).map { Double($0) / 1e6 },
      ackP99Ms: Timeline.percentile(99, latencies).map { Double($0) / 1e6 },
      faults: Timeline.rows(outcome.records, evidence.attempts, stalls: stalls, end: talked),
      longestStallMs: Double(Timeline.longest(of: stalls, to: talked)) / 1e6,
      network: fleet.site?.description ?? "the nodes are asked not to hear each other",
      faultsByKind: done.reduce(into: [:]) { $0[$1.kind.rawValue, default: 0] += 1 }, skipped: skipped,
      retries: recorder.retries, checks: checks, history: history, kept: nil)
  }
}
