internal import Kernel

/// When a desk is open: hours of each weekday in the time of a place, and days that differ, which may be closed or open as a whole.
///
/// A day is one of that place, so it may have 23 or 25 hours. A time that clocks skip is the moment of the skip; of one that they show
/// twice, hours begin at the first and end at the second.
package struct BusinessHours: Hashable, Sendable {
  /// The first level whose nodes know them.
  static let since = Level.ninth
  package static let mostSpans = 8
  package static let mostDays = 400
  /// For so many days ahead one looks for a change.
  static let horizon = 400

  /// Of the IANA data base.
  package var zone: String
  /// From Monday on; of each day ascending, and none begins before the one before it has ended.
  package var week: [[OpenSpan]]
  /// Ascending. Such a day has these hours and not those of its weekday.
  package var days: [SpecialDay]
  /// nil: no node has filled it in yet.
  package var table: ZoneTable?

  package struct SpecialDay: Hashable, Sendable {
    /// Days since 1970.
    package var day: UInt32
    package var spans: [OpenSpan]
    package init(day: UInt32, spans: [OpenSpan]) { (self.day, self.spans) = (day, spans) }
  }

  package init(zone: String, week: [[OpenSpan]], days: [SpecialDay] = [], table: ZoneTable? = nil) {
    (self.zone, self.week, self.days, self.table) = (zone, week, days, table)
  }

  /// Whether they are never open.
  package var isNever: Bool { week.allSatisfy(\.isEmpty) && days.allSatisfy(\.spans.isEmpty) }
}

extension BusinessHours {
  private static let secondsOfDay: Int64 = 86_400

  private func spans(of day: Int64) -> [OpenSpan] {
    if let number = UInt32(exactly: day), let special = special(number) { return special }
    // 1970-01-01 was a Thursday.
    let weekday = Int(((day + 3) % 7 + 7) % 7)
    return weekday < week.count ? week[weekday] : []
  }

  private func special(_ day: UInt32) -> [OpenSpan]? {
    var (low, high) = (0, days.count)
    while low < high {
      let middle = (low + high) / 2
      if days[middle].day < day { low = middle + 1 } else { high = middle }
    }
    return low < days.count && days[low].day == day ? days[low].spans : nil
  }

  /// When the hours of one day are, in ms since 1970, by their beginning.
  private func times(of day: Int64) -> [Range<Int64>] {
    spans(of: day).compactMap { span in
      let midnight = day * Self.secondsOfDay
      let begin = clock(midnight + Int64(span.start) * 60).first
      let end = clock(midnight + Int64(span.end) * 60).last
      return begin < end ? begin * 1_000..<end * 1_000 : nil
    }
  }

  private func clock(_ local: Int64) -> (first: Int64, last: Int64) {
    table?.times(showing: local) ?? (local, local)
  }

  /// The day of the place on which a time is.
  private func day(of time: Int64) -> Int64 {
    let local = time / 1_000 + Int64(table?.offset(at: time / 1_000) ?? 0)
    return local >= 0 ? local / Self.secondsOfDay : (local - Self.secondsOfDay + 1) / Self.secondsOfDay
  }

  /// - Parameter time: in ms since 1970.
  package func isOpen(at time: UInt64) -> Bool {
    let time = Int64(clamping: time)
    let today = day(of: time)
    // Hours of yesterday may last until tonight; a day more for clocks that were turned.
    return (today - 2...today + 1).contains { day in times(of: day).contains { $0.contains(time) } }
  }

  /// When it closes if it is open, and opens if it is closed.
  /// - Parameter time: in ms since 1970.
  /// - Returns: in ms since 1970; nil: not within `horizon` days.
  package func nextChange(after time: UInt64) -> UInt64? {
    let time = Int64(clamping: time)
    let today = day(of: time)
    var end: Int64?
    for day in (today - 2)...(today + Int64(Self.horizon)) {
      for hours in times(of: day) where hours.upperBound > time {
        if hours.lowerBound <= end ?? time {
          // One goes on where the other ends.
          end = max(end ?? hours.upperBound, hours.upperBound)
        } else {
          return UInt64(clamping: end ?? hours.lowerBound)
        }
      }
    }
    guard let end, day(of: end) < today + Int64(Self.horizon) else { return nil }
    return UInt64(clamping: end)
  }

  /// How much of the time between two moments is open, in ms. Of more than ten years the first ten are looked at.
  package func open(from begin: UInt64, to end: UInt64) -> UInt64 {
    guard begin < end else { return 0 }
    var (cursor, last) = (Int64(clamping: begin), Int64(clamping: end))
    let first = day(of: cursor)
    last = min(last, (first + 3_660) * Self.secondsOfDay * 1_000)
    guard cursor < last else { return 0 }
    var sum: UInt64 = 0
    for day in (first - 2)...(day(of: last) + 1) {
      for hours in times(of: day) {
        let (begin, end) = (max(hours.lowerBound, cursor), min(hours.upperBound, last))
        guard begin < end else { continue }
        sum += UInt64(end - begin)
        cursor = end
      }
    }
    return sum
  }

  /// When it has been open for so long.
  /// - Parameters:
  ///   - milliseconds: of open time.
  ///   - begin: in ms since 1970.
  /// - Returns: in ms since 1970; nil: it is not open for so long within ten years, or closed for more than `horizon` days in between.
  package func time(_ milliseconds: UInt64, after begin: UInt64) -> UInt64? {
    guard milliseconds > 0 else { return begin }
    var (rest, cursor) = (milliseconds, Int64(clamping: begin))
    let first = day(of: cursor)
    var closed = 0
    for day in (first - 2)...(first + 3_660) {
      closed += 1
      for hours in times(of: day) where hours.upperBound > cursor {
        closed = 0
        let begin = max(hours.lowerBound, cursor)
        let room = UInt64(hours.upperBound - begin)
        guard room < rest else { return UInt64(clamping: begin + Int64(rest)) }
        rest -= room
        cursor = hours.upperBound
      }
      if closed > Self.horizon { return nil }
    }
    return nil
  }
}
