/// Times of one measurement. All are kept: a run has some hundred thousand at the most.
struct Latencies: Sendable {
  private var nanoseconds: [Int64] = []

  var count: Int { nanoseconds.count }

  mutating func add(_ time: Int64) { nanoseconds.append(time) }

  /// In milliseconds; nil when there are none.
  func percentile(_ percent: Double) -> Double? {
    guard !nanoseconds.isEmpty else { return nil }
    let sorted = nanoseconds.sorted()
    let rank = Int((Double(sorted.count) * percent / 100).rounded(.up))
    return Double(sorted[min(max(rank, 1), sorted.count) - 1]) / 1e6
  }
}
