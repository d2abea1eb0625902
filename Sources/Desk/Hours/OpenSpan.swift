/// From one time of day to another, in minutes since the local midnight; the end is not part of it. It may lie on the next day: 22:00 to
/// 30:00 ends at six in the morning.
package struct OpenSpan: Hashable, Sendable {
  package static let latestEnd: UInt16 = 48 * 60

  package let start: UInt16
  package let end: UInt16

  /// nil: it begins on another day, ends before it begins, or ends later than the end of the next day.
  package init?(start: UInt16, end: UInt16) {
    guard start < 24 * 60, start < end, end <= Self.latestEnd else { return nil }
    (self.start, self.end) = (start, end)
  }

  /// The first two of a day of which one begins before the other has ended; nil: they are apart, and ascend.
  package static func overlap(in spans: [OpenSpan]) -> (first: OpenSpan, next: OpenSpan)? {
    zip(spans, spans.dropFirst()).first { $1.start < $0.end }.map { (first: $0, next: $1) }
  }

  /// - Parameter text: like 09:30, up to 48:00.
  /// - Returns: minutes; nil: it is none.
  package static func minutes(_ text: String) -> UInt16? {
    let bytes = Array(text.utf8)
    guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return nil }
    let digits = [bytes[0], bytes[1], bytes[3], bytes[4]].map { UInt16($0) &- 48 }
    guard digits.allSatisfy({ $0 < 10 }) else { return nil }
    let (hour, minute) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3])
    guard minute < 60, hour * 60 + minute <= latestEnd else { return nil }
    return hour * 60 + minute
  }

  package static func text(_ minutes: UInt16) -> String {
    let (hour, minute) = (minutes / 60, minutes % 60)
    return (hour < 10 ? "0" : "") + "\(hour):" + (minute < 10 ? "0" : "") + "\(minute)"
  }
}
