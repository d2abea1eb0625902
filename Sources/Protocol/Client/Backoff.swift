/// When to try again: the first tries fast, one per known node, then 1, 2, 4 ... 30 s, each with full jitter, so
/// that the clients of a lost node do not come back all at once.
public struct Backoff: Sendable, Hashable {
  /// The longest wait of the fast tries.
  public var first: Duration
  /// The longest wait of the first slow try; it doubles from there.
  public var base: Duration
  /// Waits do not get longer than this.
  public var longest: Duration
  /// How many tries are fast before the slow ones begin.
  public var fastTries: Int
  private var tries = 0

  /// - Parameters:
  ///   - first: the longest wait of a fast try.
  ///   - base: the longest wait of the first slow try.
  ///   - longest: the longest wait at all.
  ///   - fastTries: how many tries are fast; usually the number of nodes.
  public init(
    first: Duration = .milliseconds(100), base: Duration = .seconds(1), longest: Duration = .seconds(30),
    fastTries: Int = 3
  ) {
    self.first = first
    self.base = base
    self.longest = longest
    self.fastTries = fastTries
  }

  /// A connection that has proved itself ends the row of tries: it stayed for a while, or brought an answer to something
  /// new. A welcome alone proves nothing, since the next word may end the connection again.
  public mutating func reset() { tries = 0 }

  /// The wait before the next try.
  public mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
    defer { tries += 1 }
    let range: Duration
    if tries < fastTries {
      range = first
    } else {
      // The shift is bounded: past 2^16 seconds every cap is reached.
      let doublings = min(tries - fastTries, 16)
      range = min(longest, base * (1 << doublings))
    }
    return range * (Double(generator.next() >> 11) * 0x1p-53)
  }
}
