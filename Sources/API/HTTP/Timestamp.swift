internal import Foundation

/// Times in documents: RFC 3339, UTC, with milliseconds.
enum Timestamp {
  private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  /// - Parameter milliseconds: since 1970.
  static func text(_ milliseconds: UInt64) -> String {
    // Beyond the year 9999 the format ends.
    let milliseconds = min(milliseconds, 253_402_300_799_999)
    // The fraction is written here: in a Date it is not exact, and formatting cuts it off.
    let whole = Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(Date.ISO8601FormatStyle())
    let fraction = String(milliseconds % 1000 + 1000).dropFirst()
    return "\(whole.dropLast()).\(fraction)Z"
  }

  /// - Returns: nil for what is not a time of RFC 3339 at or after 1970.
  static func milliseconds(_ text: String) -> UInt64? {
    guard text.utf8.count <= 40 else { return nil }
    let date = (try? Date(text, strategy: style)) ?? (try? Date(text, strategy: Date.ISO8601FormatStyle()))
    guard let seconds = date?.timeIntervalSince1970, seconds >= 0 else { return nil }
    return UInt64((seconds * 1000).rounded())
  }

  /// As in the header field Date (RFC 9110 section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
  static func http(_ date: Date) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let parts = calendar.dateComponents([.weekday, .day, .month, .year, .hour, .minute, .second], from: date)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let day = days[(parts.weekday ?? 1) - 1]
    let month = months[(parts.month ?? 1) - 1]
    let time = [parts.hour, parts.minute, parts.second].map { two($0 ?? 0) }.joined(separator: ":")
    return "\(day), \(two(parts.day ?? 1)) \(month) \(parts.year ?? 1970) \(time) GMT"
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
