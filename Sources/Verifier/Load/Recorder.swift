import Synchronization

/// Takes down what everybody sees, with the times of one clock, and says how far the run is.
final class Recorder: Sendable {
  enum Phase: Int, Sendable, Comparable {
    /// New things are said.
    case talking
    /// Nothing new; what is under way ends, and everybody still listens.
    case listening
    case over

    static func < (left: Phase, right: Phase) -> Bool { left.rawValue < right.rawValue }
  }

  private struct Contents {
    var evidence = Evidence()
    var phase = Phase.talking
    /// Who still waits for an answer.
    var busy: Set<String> = []
    var complaints: [Violation] = []
    var retries: [String: Int] = [:]
    /// Sessions that are open, newest last.
    var recent: [String] = []
  }

  private static let recentSessions = 48
  private let began = ContinuousClock.now
  private let contents = Mutex(Contents())

  var now: Moment {
    let (seconds, attoseconds) = (ContinuousClock.now - began).components
    return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
  }

  var evidence: Evidence { contents.withLock { $0.evidence } }
  var complaints: [Violation] { contents.withLock { $0.complaints } }
  var retries: [String: Int] { contents.withLock { $0.retries } }
  /// Who waits for an answer.
  var busy: Set<String> { contents.withLock { $0.busy } }
  var recent: [String] { contents.withLock { $0.recent } }

  var phase: Phase { contents.withLock { $0.phase } }
  func enter(_ phase: Phase) { contents.withLock { $0.phase = max($0.phase, phase) } }

  func note(_ change: (inout Evidence) -> Void) { contents.withLock { change(&$0.evidence) } }

  /// Whether something that was said after a moment is acknowledged already. The last ones are looked at.
  func hasAck(saidAfter moment: Moment) -> Bool {
    contents.withLock { contents in
      contents.evidence.attempts.suffix(256).contains { $0.called > moment && $0.sequence != nil }
    }
  }

  func complain(_ violation: Violation) { contents.withLock { $0.complaints.append(violation) } }

  func retried(_ code: String) { contents.withLock { $0.retries[code, default: 0] += 1 } }

  func opened(_ session: String) {
    contents.withLock {
      $0.recent.append(session)
      if $0.recent.count > Self.recentSessions { $0.recent.removeFirst() }
    }
  }

  /// Runs a request of `process`, who is busy with it until the answer comes.
  func during<Answer>(_ process: String, _ request: () async throws -> Answer) async rethrows -> Answer {
    _ = contents.withLock { $0.busy.insert(process) }
    defer { _ = contents.withLock { $0.busy.remove(process) } }
    return try await request()
  }

  /// Waits, but not into the next phase.
  func pause(milliseconds: Int, in phase: Phase) async {
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    while self.phase <= phase, !Task.isCancelled {
      let left = end - ContinuousClock.now
      guard left > .zero else { return }
      try? await Task.sleep(for: min(left, .milliseconds(100)))
    }
  }
}
