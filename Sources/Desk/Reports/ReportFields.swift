internal import Kernel

extension FieldType where Value == ReportDay {
  private static var most: UInt32 { 2_932_896 }

  /// A day, UTC: a date, or the ms since 1970 at which it begins. Up to the end of the year 9999.
  static var day: Self {
    let fault = FieldFault.malformed(
      "must be a day like 2026-11-01, or the ms since 1970 at which one begins (UTC)")
    return FieldType(
      schema: #""type": "string", "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,15})$""#, spelling: .text,
      read: { (value, text) throws(FieldFault) in
        guard let word = value.string(in: text), let day = ReportDate.day(word) else { throw fault }
        return day
      },
      write: { $1.write(json: ReportDate.text($0)) }, form: .amount,
      check: { (day) throws(FieldFault) in
        guard day <= most else { throw fault }
        return day
      },
      // Some of them are the first day, with which ranges that are none, and all, are met.
      sample: { $0.next() % 4 == 0 ? 0 : UInt32($0.next() % UInt64(most)) })
  }
}

extension FieldType where Value == ReportGrouping {
  static var grouping: Self { .named(ReportGrouping.allCases, { $0.name }, number: { $0.rawValue }) }
}

/// Days as people write them.
package enum ReportDate {
  private static let milliseconds: UInt64 = 86_400_000

  /// "2026-11-01"
  package static func text(_ day: ReportDay) -> String {
    let date = CalendarDay(milliseconds: UInt64(day) * milliseconds)
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = "\(number)"
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
  }

  /// - Parameter word: a date, or the ms since 1970 at which a day begins.
  /// - Returns: nil: it is neither, or after the year 9999.
  package static func day(_ word: String) -> ReportDay? {
    guard word.utf8.count <= 15 else { return nil }
    let day: ReportDay
    if word.utf8.allSatisfy({ (48...57).contains($0) }) {
      guard let time = UInt64(word), time % milliseconds == 0,
        let found = ReportDay(exactly: time / milliseconds)
      else { return nil }
      day = found
    } else {
      let parts = word.split(separator: "-", omittingEmptySubsequences: false).compactMap { UInt64($0) }
      guard parts.count == 3, (1970...9999).contains(parts[0]), (1...12).contains(parts[1]) else { return nil }
      // Years that begin in March have their leap day at the end.
      let year = parts[0] - (parts[1] < 3 ? 1 : 0)
      let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * ((parts[1] + 9) % 12) + 2) / 5
      guard parts[2] >= 1, let found = ReportDay(exactly: days + parts[2] - 1 - 719_468), text(found) == word
      else { return nil }
      day = found
    }
    return day <= 2_932_896 ? day : nil
  }
}
