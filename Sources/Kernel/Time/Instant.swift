/// A moment of a steady clock that never goes back: nanoseconds since some beginning of its own, the start of the machine
/// for instance. It says nothing about the time of day.
package struct Instant: Hashable, Comparable, Sendable {
  package var nanoseconds: UInt64

  package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  package static let zero = Instant(nanoseconds: 0)

  @inlinable @inline(__always)
  package static func == (left: Instant, right: Instant) -> Bool { left.nanoseconds == right.nanoseconds }
  @inlinable @inline(__always)
  package static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }
  @inlinable @inline(__always)
  package static func <= (left: Instant, right: Instant) -> Bool { left.nanoseconds <= right.nanoseconds }
  @inlinable @inline(__always)
  package static func > (left: Instant, right: Instant) -> Bool { left.nanoseconds > right.nanoseconds }
  @inlinable @inline(__always)
  package static func >= (left: Instant, right: Instant) -> Bool { left.nanoseconds >= right.nanoseconds }

  /// `max` of the standard library compares through a table of witnesses.
  @inlinable @inline(__always)
  package static func later(of one: Instant, _ other: Instant) -> Instant { one > other ? one : other }

  /// Stops at the ends of what can be told.
  package static func + (instant: Instant, span: Span) -> Instant {
    if span.nanoseconds >= 0 {
      let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(span.nanoseconds.magnitude)
      return Instant(nanoseconds: overflow ? .max : sum)
    }
    return Instant(nanoseconds: instant.nanoseconds - min(instant.nanoseconds, span.nanoseconds.magnitude))
  }

  package static func - (instant: Instant, span: Span) -> Instant {
    instant + Span(nanoseconds: span.nanoseconds == .min ? .max : -span.nanoseconds)
  }

  package static func - (later: Instant, earlier: Instant) -> Span {
    if later >= earlier { return Span(nanoseconds: Int64(clamping: later.nanoseconds - earlier.nanoseconds)) }
    return Span(nanoseconds: -Int64(clamping: earlier.nanoseconds - later.nanoseconds))
  }
}

/// The time between two instants, in nanoseconds; negative when the second one is the earlier.
package struct Span: Hashable, Comparable, Sendable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  package static let zero = Span(nanoseconds: 0)

  package static func nanoseconds(_ count: Int64) -> Span { Span(nanoseconds: count) }
  package static func microseconds(_ count: Int64) -> Span { Span(count, times: 1_000) }
  package static func milliseconds(_ count: Int64) -> Span { Span(count, times: 1_000_000) }
  package static func milliseconds(_ count: Int) -> Span { Span(Int64(count), times: 1_000_000) }
  package static func seconds(_ count: Int64) -> Span { Span(count, times: 1_000_000_000) }

  private init(_ count: Int64, times unit: Int64) {
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    nanoseconds = overflow ? ((count < 0) == (unit < 0) ? .max : .min) : product
  }

  /// Whole milliseconds, towards zero.
  package var milliseconds: Int64 { nanoseconds / 1_000_000 }
  package var seconds: Double { Double(nanoseconds) / 1e9 }

  @inlinable @inline(__always)
  package static func == (left: Span, right: Span) -> Bool { left.nanoseconds == right.nanoseconds }
  @inlinable @inline(__always)
  package static func < (left: Span, right: Span) -> Bool { left.nanoseconds < right.nanoseconds }
  @inlinable @inline(__always)
  package static func <= (left: Span, right: Span) -> Bool { left.nanoseconds <= right.nanoseconds }
  @inlinable @inline(__always)
  package static func > (left: Span, right: Span) -> Bool { left.nanoseconds > right.nanoseconds }
  @inlinable @inline(__always)
  package static func >= (left: Span, right: Span) -> Bool { left.nanoseconds >= right.nanoseconds }

  package static func + (left: Span, right: Span) -> Span {
    let (sum, overflow) = left.nanoseconds.addingReportingOverflow(right.nanoseconds)
    return Span(nanoseconds: overflow ? (left.nanoseconds < 0 ? .min : .max) : sum)
  }

  package static func * (span: Span, times: Int) -> Span { Span(span.nanoseconds, times: Int64(times)) }
}
