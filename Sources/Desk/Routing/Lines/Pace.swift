internal import Kernel

/// How fast a waiting line moves: a moving average of the time between assignments while somebody was waiting.
struct Pace: Hashable, Sendable {
  /// An interval above a day counts as one.
  static let intervalLimit: UInt64 = 86_400_000
  static let scale: UInt64 = 16
  /// An interval has this share in the average: 1/8.
  private static let smoothing: UInt64 = 8

  /// ms since 1970.
  private(set) var lastAssignment: UInt64?
  /// Sixteenths of a millisecond; nil: unknown.
  private(set) var average: UInt64?

  init() {}

  /// - Parameter since: when the session entered the line; nil: it did not have to wait. Time in which nobody
  ///   waited says nothing about the pace and is left out.
  mutating func recordAssignment(waitingSince since: UInt64?, now: UInt64) {
    if let since {
      let start = max(since, lastAssignment ?? 0)
      let interval = min(now > start ? now - start : 0, Self.intervalLimit) * Self.scale
      if let average {
        self.average = average - average / Self.smoothing + interval / Self.smoothing
      } else {
        average = interval
      }
    }
    lastAssignment = now
  }

  /// Milliseconds until the session at that position (from 1) is likely to be assigned; 0: unknown.
  func estimate(position: Int) -> Int {
    guard let average else { return 0 }
    let (product, overflow) = average.multipliedReportingOverflow(by: UInt64(max(position, 0)))
    return overflow ? Int.max : Int(clamping: product / Self.scale)
  }

  func encode(into writer: inout ByteWriter) {
    writer.write(lastAssignment ?? 0)
    writer.writeVarint(average.map { $0 + 1 } ?? 0)
  }

  init(from reader: inout ByteReader, now: UInt64) throws(DecodingFailure) {
    let last = try reader.readUInt64()
    guard last <= now else { throw .invalid("an assignment was made in the future") }
    lastAssignment = last
    let average = try reader.readVarint()
    guard average <= Self.intervalLimit * Self.scale + 1 else { throw .invalid("an interval is too long") }
    self.average = average == 0 ? nil : average - 1
  }
}
