internal import Kernel

/// Durations, added up: how many, their sum, and how many lie in each bucket. What was added can be taken out again, in any order,
/// and nothing of it is left then.
///
/// Buckets are exact below 16 ms; from there on eight of them share each power of two, so that the middle of one is at most a
/// sixteenth away from what lies in it.
package struct DurationSums: Hashable, Sendable {
  /// Longer ones count as this: 34 years, in ms.
  package static let longest: UInt64 = (1 << 40) - 1

  /// How many lie in one bucket.
  package struct Bucket: Hashable, Sendable {
    package let number: UInt16
    package fileprivate(set) var count: Int64
  }

  package private(set) var count: Int64 = 0
  /// In ms.
  package private(set) var sum: Int64 = 0
  /// Ascending; none has 0.
  package private(set) var buckets: [Bucket] = []

  package init() {}

  package var isZero: Bool { count == 0 && sum == 0 && buckets.isEmpty }
  /// More was taken out than was added.
  var isBelowZero: Bool { count < 0 || sum < 0 || buckets.contains { $0.count < 0 } }

  /// - Parameter milliseconds: see `longest`.
  package mutating func add(_ milliseconds: UInt64) {
    let bounded = min(milliseconds, Self.longest)
    count += 1
    sum += Int64(bounded)
    change(Self.bucket(of: bounded), by: 1)
  }

  /// - Parameter sign: 1, or -1 to take them out.
  package mutating func add(_ other: DurationSums, sign: Int64 = 1) {
    guard !other.isZero else { return }
    count += sign * other.count
    sum += sign * other.sum
    for bucket in other.buckets { change(bucket.number, by: sign * bucket.count) }
  }

  private mutating func change(_ number: UInt16, by count: Int64) {
    var (low, high) = (0, buckets.count)
    while low < high {
      let middle = (low + high) / 2
      if buckets[middle].number < number { low = middle + 1 } else { high = middle }
    }
    guard low < buckets.count, buckets[low].number == number else {
      if count != 0 { buckets.insert(Bucket(number: number, count: count), at: low) }
      return
    }
    buckets[low].count += count
    if buckets[low].count == 0 { buckets.remove(at: low) }
  }

  /// In ms; nil: there are none.
  package var mean: UInt64? { count > 0 ? UInt64(clamping: (sum + count / 2) / count) : nil }

  /// What so many of a hundred do not exceed, to a sixteenth, in ms; nil: there are none.
  /// - Parameter percent: 1 to 100; 100: the longest.
  package func percentile(_ percent: Int64) -> UInt64? {
    guard count > 0 else { return nil }
    var left = max(1, (count * percent + 99) / 100)
    for bucket in buckets {
      left -= bucket.count
      if left <= 0 { return Self.middle(of: bucket.number) }
    }
    return buckets.last.map { Self.middle(of: $0.number) }
  }

  static func bucket(of milliseconds: UInt64) -> UInt16 {
    guard milliseconds >= 16 else { return UInt16(milliseconds) }
    let power = 63 - milliseconds.leadingZeroBitCount
    return UInt16(16 + (power - 4) * 8) + UInt16(truncatingIfNeeded: (milliseconds >> UInt64(power - 3)) & 7)
  }

  static func middle(of bucket: UInt16) -> UInt64 {
    guard bucket >= 16 else { return UInt64(bucket) }
    let power = UInt64(bucket - 16) / 8 + 4
    return ((8 + UInt64(bucket - 16) % 8) << (power - 3)) + (1 << (power - 4))
  }

  private static let lastBucket = bucket(of: longest)
}

extension DurationSums {
  /// Kept for ever: count, sum, how many buckets, and for each its number and count, all as varints.
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(clamping: count))
    writer.writeVarint(UInt64(clamping: sum))
    writer.writeVarint(UInt64(buckets.count))
    for bucket in buckets {
      writer.writeVarint(UInt64(bucket.number))
      writer.writeVarint(UInt64(clamping: bucket.count))
    }
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    func number() throws(DecodingFailure) -> Int64 {
      guard let number = Int64(exactly: try reader.readVarint()) else { throw .invalid("a sum is too large") }
      return number
    }
    (count, sum) = (try number(), try number())
    let buckets = try reader.readCount(limit: Int(Self.lastBucket) + 1, minimumElementSize: 2)
    self.buckets.reserveCapacity(buckets)
    for _ in 0..<buckets {
      let bucket = try number()
      guard bucket <= Int64(Self.lastBucket), bucket > self.buckets.last.map({ Int64($0.number) }) ?? -1 else {
        throw .invalid("the buckets of durations do not ascend")
      }
      self.buckets.append(Bucket(number: UInt16(bucket), count: try number()))
    }
  }
}
