internal import NIOCore

/// Exponential backoff with full jitter: a wait is drawn evenly from zero up to a bound that doubles with each
/// failure, so that nodes which lost one another at the same time do not all come back at the same time.
struct Backoff {
  private let first: Int64
  private let longest: Int64
  private var failures: Int64 = 0

  init(first: TimeAmount, longest: TimeAmount) {
    self.first = max(first.nanoseconds, 1)
    self.longest = max(longest.nanoseconds, self.first)
  }

  mutating func next(using generator: inout SplitMix64) -> TimeAmount {
    // 2^30 times the first bound is above any longest one that makes sense, and far from an overflow.
    let (bound, overflow) = first.multipliedReportingOverflow(by: 1 << min(failures, 30))
    failures += 1
    return .nanoseconds(Int64.random(in: 0...(overflow ? longest : min(bound, longest)), using: &generator))
  }

  mutating func reset() {
    failures = 0
  }
}

/// Sebastiano Vigna's SplitMix64: small, fast, and the same from the same seed everywhere.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
