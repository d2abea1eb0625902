import Kernel

/// A month of the calendar, UTC: what a file of the archive is for.
package struct Month: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Months since January of the year 0.
  let number: Int

  /// As `ArchiveGap` names it; nil: no clock shows it.
  var gapNumber: UInt32? { UInt32(exactly: number) }

  package init(year: Int, month: Int) { number = year * 12 + month - 1 }

  /// - Parameter ms: since 1970.
  package init(ms: UInt64) {
    let day = CalendarDay(milliseconds: ms)
    self.init(year: day.year, month: day.month)
  }

  /// - Returns: nil unless `name` is what `description` gives for a month.
  package init?(name: some StringProtocol) {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    // Longer ones are of years that no clock shows, and their number would not fit.
    guard name.utf8.count <= 16, parts.count == 2, let year = Int(parts[0]), let month = Int(parts[1]),
      (1...12).contains(month)
    else {
      return nil
    }
    self.init(year: year, month: month)
    guard description == name else { return nil }
  }

  /// When it begins, in ms since 1970; never before that.
  package var start: UInt64 {
    let year = number / 12 - (number % 12 < 2 ? 1 : 0)
    let march = (number % 12 + 10) % 12
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * march + 2) / 5 - 719_468
    return UInt64(max(days, 0)) * 86_400_000
  }

  package var next: Month { Month(number: number + 1) }
  private init(number: Int) { self.number = number }

  /// "2026-11"
  package var description: String { CalendarDay.monthName(UInt32(clamping: number)) }

  package static func < (left: Month, right: Month) -> Bool { left.number < right.number }
}
