import Raft
import Synchronization

extension Story {
  /// What a node's trace is to call.
  func taking(_ time: SimulatedTime) -> @Sendable (TraceEvent) -> Void {
    { [self] event in add(time.now, json: event.json) }
  }
}

/// The simulated time, for those who are called without it.
final class SimulatedTime: Sendable {
  private let value = Atomic<Int>(0)

  var now: Int {
    get { value.load(ordering: .relaxed) }
    set { value.store(newValue, ordering: .relaxed) }
  }
}
