package import Desk
import Kernel
import Protocol
import Synchronization

/// Who may connect: counted for the whole node, looked at only when connections come and go.
package final class Admission: Sendable {
  /// Why an upgrade is refused.
  package enum Refusal: Error, Hashable, Sendable {
    case tooManyConnections(limit: Int)
    case tooManyFromAddress(limit: Int)
    case tooManyAtOnce(limit: Int, retryAfterMilliseconds: Int)
    case draining

    /// For the answer to the upgrade request (503, or 429 for an address that has its share).
    package var failure: Failure {
      switch self {
      case .tooManyConnections(let limit):
        Failure(
          .busy, "This node serves \(limit) connections already: try another node.",
          retryAfterMilliseconds: 1000)
      case .tooManyFromAddress(let limit):
        Failure(
          .rateLimited, "Your address has \(limit) connections already: close some first.",
          retryAfterMilliseconds: 5000)
      case .tooManyAtOnce(let limit, let wait):
        Failure(
          .busy, "This node takes \(limit) new connections a second: try again, or another node.",
          retryAfterMilliseconds: wait)
      case .draining:
        Failure(.busy, "This node is being shut down: try another node.", retryAfterMilliseconds: 1000)
      }
    }
  }

  private struct State {
    var total = 0
    var byAddress: [String: Int] = [:]
    var isDraining = false
    var budget: TokenBucket
  }

  private let limits: GatewayLimits
  private let state: Mutex<State>
  private let clock: @Sendable () -> Instant

  /// - Parameter clock: a steady one.
  init(limits: GatewayLimits, clock: @escaping @Sendable () -> Instant) {
    self.limits = limits
    self.clock = clock
    state = Mutex(State(budget: TokenBucket(burst: limits.connectionsPerSecond, now: clock())))
  }

  /// Whether a connection would be taken now; nothing is counted.
  func refusal(for address: String) -> Refusal? {
    state.withLock { refusal(for: address, $0) }
  }

  func enter(_ address: String) throws(Refusal) {
    let refusal = state.withLock { state -> Refusal? in
      if let refusal = self.refusal(for: address, state) { return refusal }
      let limit = limits.connectionsPerSecond
      _ = state.budget.take(TokenBucket.request, rate: limit, burst: limit, now: clock())
      state.total += 1
      state.byAddress[address, default: 0] += 1
      return nil
    }
    if let refusal { throw refusal }
  }

  func leave(_ address: String) {
    state.withLock { state in
      state.total -= 1
      guard let count = state.byAddress[address] else { return }
      state.byAddress[address] = count > 1 ? count - 1 : nil
    }
  }

  func setDraining(_ isDraining: Bool) { state.withLock { $0.isDraining = isDraining } }

  private func refusal(for address: String, _ state: State) -> Refusal? {
    if state.isDraining { return .draining }
    if limits.connections > 0, state.total >= limits.connections {
      return .tooManyConnections(limit: limits.connections)
    }
    let limit = limits.connectionsPerAddress
    if limit > 0, state.byAddress[address, default: 0] >= limit { return .tooManyFromAddress(limit: limit) }
    // Looked at in a copy: who is refused has taken nothing.
    var budget = state.budget
    let rate = limits.connectionsPerSecond
    let wait = budget.take(TokenBucket.request, rate: rate, burst: rate, now: clock())
    return wait > 0 ? .tooManyAtOnce(limit: rate, retryAfterMilliseconds: wait) : nil
  }
}
