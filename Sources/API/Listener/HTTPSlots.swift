internal import Gateway
internal import Kernel
internal import NIOCore
internal import Protocol
internal import Synchronization

/// Who may be served over HTTP: so many connections in all and of each address, so many requests a second of each
/// address, and some places that nobody but a probe of the node's health gets, so that no crowd makes a node look dead.
final class HTTPSlots: Sendable {
  struct Limits: Sendable {
    /// Connections at a time.
    var connections = 2048
    /// Connections of one address; 0: no limit.
    var perAddress = 64
    /// Places for probes beside all others, one request each.
    var reserved = 32
    /// Requests a second of one address, handshakes included; 0: no limit.
    var requestsPerSecond = 200
    var requestBurst = 400
  }

  /// A place, to be given back.
  struct Slot: Sendable {
    /// nil: that of a proxy, whose requests count one by one.
    fileprivate var address: String?
    /// nil: an ordinary one.
    fileprivate var number: UInt64?
    /// For one probe of the node's health and nothing else.
    var isReserved: Bool { number != nil }
  }

  enum Refusal: Error, Equatable {
    case full
    case addressIsFull(limit: Int)

    var problem: ProblemDetails {
      switch self {
      case .full:
        .unavailable("This node has too many HTTP connections.", code: "busy", retryAfterSeconds: 1)
      case .addressIsFull(let limit):
        .tooManyRequests(
          "Your address has \(limit) HTTP connections already: close some first.", retryAfterSeconds: 1)
      }
    }
  }

  private struct State {
    var total = 0
    var shares: AddressShares
    /// Oldest first.
    var probes: [(number: UInt64, channel: any Channel)] = []
    var nextProbe: UInt64 = 0
  }

  private let limits: Limits
  private let state: Mutex<State>

  init(limits: Limits) {
    self.limits = limits
    state = Mutex(State(shares: AddressShares(rate: limits.requestsPerSecond, burst: limits.requestBurst)))
  }

  private static func now() -> Instant { Instant(nanoseconds: NIODeadline.now().uptimeNanoseconds) }

  /// - Parameters:
  ///   - address: nil: a proxy's connection, which asks for many; see `occupy`.
  ///   - isProbe: whether its first request asks for the node's health.
  func enter(_ channel: any Channel, from address: String?, isProbe: Bool) throws(Refusal) -> Slot {
    let now = Self.now()
    var evicted: (any Channel)?
    let result = state.withLock { state -> Result<Slot, Refusal> in
      let refusal: Refusal? =
        if state.total >= limits.connections {
          .full
        } else if limits.perAddress > 0, let address,
          state.shares.share(of: address, now: now).connections >= limits.perAddress
        {
          .addressIsFull(limit: limits.perAddress)
        } else {
          nil
        }
      guard let refusal else {
        state.total += 1
        if let address { _ = state.shares.enter(address, now: now) }
        return .success(Slot(address: address))
      }
      guard isProbe else {
        if let address { state.shares.rest(state.shares.share(of: address, now: now), now: now) }
        return .failure(refusal)
      }
      // Whoever was served longest has had its time: the answers are short.
      if state.probes.count >= limits.reserved { evicted = state.probes.removeFirst().channel }
      state.nextProbe += 1
      state.probes.append((state.nextProbe, channel))
      return .success(Slot(address: address, number: state.nextProbe))
    }
    evicted?.close(promise: nil)
    return try result.get()
  }

  func leave(_ slot: Slot) {
    let now = Self.now()
    state.withLock { state in
      if let number = slot.number {
        state.probes.removeAll { $0.number == number }
      } else {
        state.total -= 1
        if let address = slot.address {
          state.shares.leave(state.shares.share(of: address, now: now), now: now)
        }
      }
    }
  }

  /// A request that a proxy passes on begins: until `vacate` it counts as a connection of whom it is for.
  func occupy(_ address: String) throws(Refusal) {
    let now = Self.now()
    let isFull = state.withLock { state in
      let share = state.shares.share(of: address, now: now)
      guard limits.perAddress == 0 || share.connections < limits.perAddress else {
        state.shares.rest(share, now: now)
        return true
      }
      _ = state.shares.enter(address, now: now)
      return false
    }
    if isFull { throw .addressIsFull(limit: limits.perAddress) }
  }

  func vacate(_ address: String) {
    let now = Self.now()
    state.withLock { state in state.shares.leave(state.shares.share(of: address, now: now), now: now) }
  }

  /// Takes a request from the budget of an address.
  /// - Returns: 0, or in how many milliseconds there will be one.
  func takeRequest(of address: String) -> Int {
    guard limits.requestsPerSecond > 0 else { return 0 }
    let now = Self.now()
    return state.withLock { state in
      let share = state.shares.share(of: address, now: now)
      defer { state.shares.rest(share, now: now) }
      return share.budget.take(
        TokenBucket.request, rate: limits.requestsPerSecond, burst: limits.requestBurst, now: now)
    }
  }

  static func tooFast(waitMilliseconds: Int) -> ProblemDetails {
    .tooManyRequests(
      "Your address sends too many requests: send this one again later.",
      retryAfterSeconds: (waitMilliseconds + 999) / 1000)
  }
}

extension ProblemDetails {
  static func tooManyRequests(_ detail: String, retryAfterSeconds: Int) -> Self {
    Self(
      status: 429, title: "Too Many Requests", code: "rate_limited", detail: detail,
      headers: [Header(.retryAfter, String(max(1, retryAfterSeconds)))])
  }
}
