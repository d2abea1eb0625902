import Desk
import Kernel
import Protocol

/// The ways to other owners: what goes to each at the end of the turn, whether it is worth while to ask it, and what is
/// to be routed anew.
struct Routes {
  private var forwards: [ServerID: [Forward]] = [:]
  private var refusals: [ServerID: [ForwardRefusal]] = [:]
  /// Requests to be routed anew at the next tick: whoever was asked was not the owner.
  private var deferred: [UInt64] = []
  /// By the owner that commands are passed on to.
  private var breakers: [ServerID: CircuitBreaker] = [:]
  /// How often clients were sent to look for a better node since a leader was last known, and when they are again.
  private var redirections = 0
  private var redirectsAt = Instant.zero

  mutating func add(_ forward: Forward, to owner: ServerID) { forwards[owner, default: []].append(forward) }

  mutating func refuse(_ request: UInt64, _ reason: ForwardRefusal.Reason, to origin: ServerID) {
    guard request != 0 else { return }
    refusals[origin, default: []].append(ForwardRefusal(request: request, reason: reason))
  }

  /// In the order of the nodes.
  mutating func takeForwards() -> [(ServerID, [Forward])] {
    guard !forwards.isEmpty else { return [] }
    defer { forwards = [:] }
    return forwards.keys.sorted().map { ($0, forwards[$0] ?? []) }
  }

  mutating func takeRefusals() -> [(ServerID, [ForwardRefusal])] {
    guard !refusals.isEmpty else { return [] }
    defer { refusals = [:] }
    return refusals.keys.sorted().map { ($0, refusals[$0] ?? []) }
  }

  mutating func postpone(_ request: UInt64) { deferred.append(request) }

  mutating func takeDeferred() -> [UInt64] {
    guard !deferred.isEmpty else { return [] }
    defer { deferred = [] }
    return deferred
  }

  /// - Returns: nil: ask the owner; else in how many milliseconds to try again.
  mutating func wait(for owner: ServerID, _ now: Instant) -> Int? {
    breakers[owner, default: CircuitBreaker()].wait(now)
  }

  mutating func record(_ owner: ServerID, isGood: Bool, at now: Instant) {
    if isGood, breakers[owner] == nil { return }
    breakers[owner, default: CircuitBreaker()].record(isGood: isGood, at: now)
  }

  mutating func closeBreaker(of owner: ServerID) { breakers[owner]?.close() }

  func breaker(of owner: ServerID) -> CircuitBreaker? { breakers[owner] }

  mutating func leaderFound() {
    redirections = 0
    redirectsAt = .zero
  }

  /// - Parameter pause: in milliseconds; the next time is after twice, four times, and then always eight times that.
  mutating func mayRedirect(at now: Instant, pause: Int) -> Bool {
    guard now >= redirectsAt else { return false }
    redirectsAt = now + .milliseconds(pause * (2 << min(redirections, 2)))
    redirections += 1
    return true
  }
}
