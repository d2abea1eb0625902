import Synchronization

/// A time in which the verifier itself did not run although it was due: the machine had no time for it, or its own
/// threads were busy. What nobody saw in this time says nothing about the cluster.
struct Stall: Sendable, Equatable {
  /// When it should have run.
  var due: Moment
  var woke: Moment
}

/// Wants to wake at every tick, and takes down how late it came.
final class StallWatch: Sendable {
  private static let tick = Duration.milliseconds(20)
  /// Shorter ones are the ordinary sloth of timers, in nanoseconds.
  private static let leastTold = 5_000_000

  private let recorder: Recorder
  private let found = Mutex<[Stall]>([])

  init(recorder: Recorder) { self.recorder = recorder }

  var stalls: [Stall] { found.withLock { $0 } }

  /// Until it is cancelled.
  func run() async {
    let tick = Int(Self.tick.components.attoseconds / 1_000_000_000)
    while !Task.isCancelled {
      let due = recorder.now + tick
      try? await Task.sleep(for: Self.tick, tolerance: .zero)
      let woke = recorder.now
      guard woke - due >= Self.leastTold else { continue }
      found.withLock { $0.append(Stall(due: due, woke: woke)) }
    }
  }
}
