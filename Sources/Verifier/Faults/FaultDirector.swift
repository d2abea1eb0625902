import Synchronization

/// Does one fault after the other, waits after each until the cluster is well, and takes the times.
struct FaultDirector: Sendable {
  let striker: Striker
  let watch: ClusterWatch
  let recorder: Recorder
  /// From the beginning of one fault to that of the next, at the least.
  let interval: Duration
  /// How long the cluster may take to be well again.
  let patience: Double
  let progress: @Sendable (String) -> Void

  struct Outcome: Sendable {
    var records: [FaultRecord] = []
    var violations: [Violation] = []
    /// Kinds that the cluster could not do, with the reason.
    var notOffered: [FaultKind: String] = [:]
  }

  func run(_ plan: FaultPlan, until end: ContinuousClock.Instant, isStopped: () -> Bool) async -> Outcome {
    var plan = plan
    var outcome = Outcome()
    // The load begins first, so that there is something to disturb.
    try? await Task.sleep(for: .seconds(3))
    while ContinuousClock.now < end, !isStopped(), let choice = plan.next() {
      let began = ContinuousClock.now
      let record = await strike(choice, &plan, &outcome)
      guard record.well != nil else { return outcome }
      let next = max(ContinuousClock.now + .milliseconds(700), began + interval)
      if record.failure == nil { await pause(until: min(next, end), isStopped) }
    }
    await pause(until: end, isStopped)
    return outcome
  }

  private func pause(until end: ContinuousClock.Instant, _ isStopped: () -> Bool) async {
    while !isStopped(), !Task.isCancelled {
      let left = end - ContinuousClock.now
      guard left > .zero else { return }
      try? await Task.sleep(for: min(left, .milliseconds(100)))
    }
  }

  /// Whoever was ended for a fault was started again by it: the others have ended by themselves.
  private func ended(after kind: FaultKind) -> [Violation] {
    striker.fleet.nodes.filter { $0.launch != nil && !striker.fleet.isRunning($0.name) }.map {
      Violation("ended", "after \(kind.rawValue): the process of \($0.name) has ended by itself; see its log")
    }
  }

  private func strike(
    _ choice: FaultPlan.Choice, _ plan: inout FaultPlan, _ outcome: inout Outcome
  ) async -> FaultRecord {
    let names = Mutex<[String]>([])
    var record = FaultRecord(kind: choice.kind, nodes: [], began: recorder.now, mended: 0, well: nil)
    do {
      outcome.violations += try await striker.strike(choice) { found in
        names.withLock { $0 = found }
        progress("\(choice.kind.rawValue) \(found.joined(separator: " "))")
      }
    } catch let failure as Striker.Failure {
      record.failure = failure.description
      if failure.isBroken {
        outcome.violations.append(
          Violation("did not end", "after \(choice.kind.rawValue): \(failure.description)"))
      }
      if failure.isForGood {
        plan.forget(choice.kind)
        outcome.notOffered[choice.kind] = failure.description
      }
    } catch {
      record.failure = "\(error)"
    }
    record.nodes = names.withLock { $0 }
    record.mended = recorder.now
    if record.failure == nil { outcome.violations += ended(after: choice.kind) }
    if record.failure != nil { try? await striker.mendAll() }
    let wrong = await watch.awaitWell(within: patience)
    if let wrong {
      outcome.violations.append(
        Violation(
          "not well",
          "\(Int(patience)) s after \(choice.kind.rawValue) \(record.nodes.joined(separator: " ")): "
            + wrong))
    } else {
      record.well = recorder.now
    }
    if let failure = record.failure { progress("  not done as meant: \(failure)") }
    outcome.records.append(record)
    return record
  }
}
