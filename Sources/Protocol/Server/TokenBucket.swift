package import Kernel

/// A token bucket in thousandths of a token, refilled as time passes. Sixteen bytes.
package struct TokenBucket: Hashable, Sendable {
  /// What one request costs.
  package static let request: Int64 = 1000
  /// What a frame costs that is answered from here and asks nothing of the cluster.
  package static let small: Int64 = 100

  /// The highest rate and burst that are told apart.
  package static let most = 1_000_000_000

  private var level: Int64
  /// In milliseconds: what is smaller than one is kept for the next time.
  private var refilled: UInt64

  /// Full at first.
  package init(burst: Int, now: Instant) {
    level = Int64(min(burst, Self.most)) * Self.request
    refilled = now.milliseconds
  }

  /// Takes tokens if there are enough.
  /// - Parameter rate: tokens a second; 0: everything is allowed.
  /// - Returns: 0 when they were taken, or in how many milliseconds there will be enough.
  package mutating func take(_ cost: Int64, rate: Int, burst: Int, now: Instant) -> Int {
    guard rate > 0 else { return 0 }
    refill(rate: rate, burst: burst, now: now)
    guard level < cost else {
      level -= cost
      return 0
    }
    // A token a second is a thousandth of it a millisecond.
    let rate = Int64(min(rate, Self.most))
    return Int((cost - level + rate - 1) / rate)
  }

  /// Takes tokens whether they are there or not, down to a debt of one burst.
  /// - Returns: false, and nothing was taken, when the debt would be larger.
  package mutating func spend(_ cost: Int64, rate: Int, burst: Int, now: Instant) -> Bool {
    guard rate > 0 else { return true }
    refill(rate: rate, burst: burst, now: now)
    guard level - cost >= -Int64(min(max(burst, 1), Self.most)) * Self.request else { return false }
    level -= cost
    return true
  }

  /// What is missing until it is full, in thousandths.
  package mutating func missing(rate: Int, burst: Int, now: Instant) -> Int64 {
    refill(rate: rate, burst: burst, now: now)
    return max(Int64(min(burst, Self.most)) * Self.request - level, 0)
  }

  private mutating func refill(rate: Int, burst: Int, now: Instant) {
    let now = now.milliseconds
    guard now > refilled else { return }
    let full = Int64(min(max(burst, 1), Self.most)) * Self.request
    // An hour fills every bucket; more would only risk an overflow.
    let elapsed = Int64(min(now - refilled, 3_600_000))
    level = min(full, level + elapsed * Int64(min(rate, Self.most)))
    refilled = now
  }
}
