/// A month of the calendar, UTC: what a file of the archive is for.
package struct Month: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Months since January of the year 0.
  let number: Int

  package init(year: Int, month: Int) { number = year * 12 + month - 1 }

  /// - Parameter ms: since 1970. Days are counted as the Gregorian calendar does, without leap seconds.
  package init(ms: UInt64) {
    // Years that begin in March have their leap day at the end (Hinnant, "chrono-compatible low-level date algorithms").
    let days = Int(ms / 86_400_000) + 719_468
    let era = days / 146_097
    let day = days % 146_097
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
    let dayOfYear = day - (365 * year + year / 4 - year / 100)
    let march = (5 * dayOfYear + 2) / 153
    let month = march < 10 ? march + 3 : march - 9
    self.init(year: year + era * 400 + (month <= 2 ? 1 : 0), month: month)
  }

  /// - Returns: nil unless `name` is what `description` gives for a month.
  package init?(name: some StringProtocol) {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let year = Int(parts[0]), let month = Int(parts[1]), (1...12).contains(month) else {
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
  package var description: String {
    let (year, month) = ("\(number / 12)", "\(number % 12 + 1)")
    return String(repeating: "0", count: max(4 - year.count, 0)) + year + "-" + (month.count < 2 ? "0" : "")
      + month
  }

  package static func < (left: Month, right: Month) -> Bool { left.number < right.number }
}
