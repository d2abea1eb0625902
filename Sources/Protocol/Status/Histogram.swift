/// Latencies in buckets of factor two from 50 microseconds to 26 seconds: fixed memory, O(1) per observation.
package struct Histogram: Sendable {
  /// Upper bounds in seconds; what is above the last one counts only in `count`.
  package static let bounds: [Double] = (0..<20).map { 50e-6 * Double(1 << $0) }

  /// Observations in each bucket, not cumulative; the last one is above all bounds.
  package private(set) var buckets = [UInt64](repeating: 0, count: bounds.count + 1)
  package private(set) var sum = 0.0
  package private(set) var count: UInt64 = 0

  package init() {}

  package mutating func record(seconds: Double) {
    var bucket = 0
    var bound = 50e-6
    while bucket < 20, seconds > bound {
      bucket += 1
      bound *= 2
    }
    buckets[bucket] += 1
    sum += seconds
    count += 1
  }

  /// The upper bound of the bucket in which the quantile lies, in seconds; 0 when nothing was observed.
  package func quantile(_ q: Double) -> Double {
    guard count > 0 else { return 0 }
    let rank = UInt64((Double(count) * q).rounded(.up))
    var seen: UInt64 = 0
    for (bucket, observations) in buckets.enumerated() {
      seen += observations
      if seen >= rank { return Self.bounds[min(bucket, Self.bounds.count - 1)] }
    }
    return Self.bounds[Self.bounds.count - 1]
  }
}
