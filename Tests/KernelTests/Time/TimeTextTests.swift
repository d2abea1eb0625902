import Testing

@testable import Kernel

@Suite("Times as text")
struct TimeTextTests {
  @Test(
    "are those of RFC 3339, in UTC",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"),
      (999, "1970-01-01T00:00:00.999Z"),
      (86_399_999, "1970-01-01T23:59:59.999Z"),
      (86_400_000, "1970-01-02T00:00:00.000Z"),
      (68_169_600_000, "1972-02-29T00:00:00.000Z"),
      (68_256_000_000, "1972-03-01T00:00:00.000Z"),
      (951_782_399_999, "2000-02-28T23:59:59.999Z"),
      (951_782_400_000, "2000-02-29T00:00:00.000Z"),
      (951_868_800_000, "2000-03-01T00:00:00.000Z"),
      (1_234_567_890_123, "2009-02-13T23:31:30.123Z"),
      (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
      (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
      (1_735_689_600_000, "2025-01-01T00:00:00.000Z"),
      (1_764_321_815_001, "2025-11-28T09:23:35.001Z"),
      (2_147_483_648_000, "2038-01-19T03:14:08.000Z"),
      (4_107_456_000_000, "2100-02-28T00:00:00.000Z"),
      (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
      (4_133_980_799_999, "2100-12-31T23:59:59.999Z"),
      (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ] as [(UInt64, String)])
  func known(milliseconds: UInt64, text: String) { #expect(TimeText.rfc3339(milliseconds) == text) }

  /// As a calendar on paper counts: day by day.
  @Test("go on day by day for four centuries")
  func dayByDay() {
    var (year, month, day) = (1970, 1, 1)
    var wrong: [String] = []
    for count in 0..<UInt64(146_097 + 365) {
      func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
      let expected = "\(year)-\(padded(month))-\(padded(day))T00:00:00.000Z"
      if TimeText.rfc3339(count * 86_400_000) != expected { wrong.append(expected) }
      day += 1
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
      if day > days { (month, day) = (month + 1, 1) }
      if month > 12 { (year, month) = (year + 1, 1) }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    #expect(year == 2371)
  }
}
