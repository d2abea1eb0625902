package enum TimeText {
  /// RFC 3339 in UTC with milliseconds.
  ///
  /// - Parameter milliseconds: since 1970.
  package static func rfc3339(_ milliseconds: UInt64) -> String {
    let date = CalendarDay(milliseconds: milliseconds)
    let second = Int(milliseconds / 1_000 % 86_400)
    return
      "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T\(padded(second / 3_600, 2)):"
      + "\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2)).\(padded(Int(milliseconds % 1_000), 3))Z"
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}
