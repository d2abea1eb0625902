/// A day of the Gregorian calendar, UTC, without leap seconds.
package struct CalendarDay: Hashable, Sendable {
  package let year: Int
  /// From 1.
  package let month: Int
  /// From 1.
  package let day: Int

  /// Months since January of the year 0, up to what 32 bits hold.
  package var monthNumber: UInt32 { UInt32(clamping: year * 12 + month - 1) }

  /// "2026-11", of such a number.
  package static func monthName(_ number: UInt32) -> String {
    let (year, month) = ("\(number / 12)", "\(number % 12 + 1)")
    return String(repeating: "0", count: max(4 - year.count, 0)) + year + "-" + (month.count < 2 ? "0" : "")
      + month
  }

  /// Howard Hinnant's calendar ("chrono-compatible low-level date algorithms", 2014): days since 0000-03-01 in eras of 400
  /// years. Years that begin in March have their leap day at the end.
  /// - Parameter milliseconds: since 1970.
  package init(milliseconds: UInt64) {
    let days = Int(milliseconds / 86_400_000) + 719_468
    let era = days / 146_097
    let dayOfEra = days % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    month = shifted < 10 ? shifted + 3 : shifted - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    day = dayOfYear - (153 * shifted + 2) / 5 + 1
  }
}
