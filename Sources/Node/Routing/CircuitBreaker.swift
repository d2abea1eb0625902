import Kernel

/// Whether it is worth while to pass commands on to a peer. One that leaves half of them unanswered is not asked for a
/// while, so that clients hear at once that it goes badly instead of waiting for each command to time out. (The pattern:
/// Nygard, "Release It!", 2007.)
struct CircuitBreaker {
  enum State: Equatable {
    case closed
    /// Nothing passes before this time.
    case open(until: Instant)
    /// One command is on its way to find out.
    case halfOpen(since: Instant)
  }

  /// Outcomes of the last ten seconds count, one bucket for each second.
  static let seconds = 10
  /// Fewer outcomes than this say nothing.
  static let leastOutcomes = 20
  private static let rest = Span.seconds(2)

  private(set) var state = State.closed
  private var buckets = [(second: Int64, good: Int, bad: Int)](repeating: (-1, 0, 0), count: seconds)

  /// - Returns: nil: pass it on; else in how many milliseconds to ask again.
  mutating func wait(_ now: Instant) -> Int? {
    switch state {
    case .closed: return nil
    case .open(let until):
      guard now >= until else { return max(1, Int((until - now).milliseconds)) }
      state = .halfOpen(since: now)
      return nil
    case .halfOpen(let since):
      // The one that was to find out may be lost itself.
      guard now - since > Self.rest else { return Int(Self.rest.milliseconds) }
      state = .halfOpen(since: now)
      return nil
    }
  }

  mutating func record(isGood: Bool, at now: Instant) {
    if case .halfOpen = state {
      if isGood { close() } else { state = .open(until: now + Self.rest) }
      return
    }
    let second = Int64(now.nanoseconds / 1_000_000_000)
    let place = Int(second % Int64(Self.seconds))
    if buckets[place].second != second { buckets[place] = (second, 0, 0) }
    if isGood { buckets[place].good += 1 } else { buckets[place].bad += 1 }
    guard state == .closed, !isGood else { return }
    let recent = buckets.filter { $0.second > second - Int64(Self.seconds) }
    let bad = recent.reduce(0) { $0 + $1.bad }
    let all = recent.reduce(bad) { $0 + $1.good }
    if all >= Self.leastOutcomes, bad * 2 >= all { state = .open(until: now + Self.rest) }
  }

  /// There is a new connection to the peer: what was before says nothing any more.
  mutating func close() {
    state = .closed
    for place in buckets.indices { buckets[place] = (-1, 0, 0) }
  }
}
