extension Instant {
  /// Later than everything that is ever due.
  package static let distantFuture = Instant(nanoseconds: .max)

  /// Whole milliseconds since the beginning of the clock.
  package var milliseconds: UInt64 { nanoseconds / 1_000_000 }

  package static func += (left: inout Instant, right: Span) { left = left + right }
  package static func -= (left: inout Instant, right: Span) { left = left - right }
}

/// As all of it, this stops at the ends of what can be told instead of trapping.
extension Span {
  /// Longer than anything takes.
  package static let longest = Span(nanoseconds: .max)

  package static func - (left: Span, right: Span) -> Span {
    let (difference, overflow) = left.nanoseconds.subtractingReportingOverflow(right.nanoseconds)
    return Span(nanoseconds: overflow ? (left.nanoseconds < 0 ? .min : .max) : difference)
  }

  /// A part of it, towards zero. The divisor must not be 0.
  package static func / (left: Span, right: Int) -> Span {
    let (part, overflow) = left.nanoseconds.dividedReportingOverflow(by: Int64(right))
    return Span(nanoseconds: overflow ? .max : part)
  }

  package static func += (left: inout Span, right: Span) { left = left + right }
  package static func -= (left: inout Span, right: Span) { left = left - right }

  /// As the standard library tells a length of time to the outside.
  package init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self = .seconds(seconds) + .nanoseconds(attoseconds / 1_000_000_000)
  }

  package var duration: Duration { .nanoseconds(nanoseconds) }
}
