package import Kernel
import NIOCore
package import Protocol

/// What the connections of one address share: a token bucket, and a count.
package final class AddressShare {
  package let address: String
  package var budget: TokenBucket
  package var connections = 0
  /// Since when there are none; nothing while there are some.
  fileprivate var idleSince: Instant?

  package init(address: String, budget: TokenBucket) {
    self.address = address
    self.budget = budget
  }
}

/// The addresses that are connected, and those that have been: their bucket is remembered until it would be full again,
/// so that coming back earns nobody more than staying. Of fixed size: above it the one that left first is forgotten.
package struct AddressShares {
  /// Addresses without a connection that are remembered.
  package static let remembered = 8192

  private let rate: Int
  private let burst: Int
  private var shares: [String: AddressShare] = [:]
  private var idle = CircularBuffer<(share: AddressShare, since: Instant)>()

  /// - Parameters:
  ///   - rate: requests a second of one address; 0: all that come.
  ///   - burst: requests at once after a pause.
  package init(rate: Int, burst: Int) {
    self.rate = rate
    self.burst = burst
  }

  package var count: Int { shares.count }

  /// - Parameter now: of a clock that never goes back.
  package mutating func share(of address: String, now: Instant) -> AddressShare {
    forget(now: now)
    if let share = shares[address] { return share }
    let share = AddressShare(address: address, budget: TokenBucket(burst: burst, now: now))
    shares[address] = share
    return share
  }

  package mutating func enter(_ address: String, now: Instant) -> AddressShare {
    let share = share(of: address, now: now)
    share.connections += 1
    share.idleSince = nil
    return share
  }

  package mutating func leave(_ share: AddressShare, now: Instant) {
    share.connections -= 1
    if share.connections == 0 { rest(share, now: now) }
    forget(now: now)
  }

  /// For an address without a connection: remembers what it has taken.
  package mutating func rest(_ share: AddressShare, now: Instant) {
    guard share.connections == 0, share.idleSince == nil else { return }
    share.idleSince = now
    idle.append((share, now))
  }

  private mutating func forget(now: Instant) {
    // A few at a time are enough, as each call adds one at the most.
    for _ in 0..<4 {
      guard let first = idle.first else { return }
      if first.share.idleSince == first.since {
        let isFull = rate == 0 || first.share.budget.missing(rate: rate, burst: burst, now: now) == 0
        guard isFull || idle.count > Self.remembered else { return }
        if shares[first.share.address] === first.share { shares[first.share.address] = nil }
      }
      idle.removeFirst()
    }
  }
}
