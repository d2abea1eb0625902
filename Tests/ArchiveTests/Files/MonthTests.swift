import Archive
import Testing

@Suite("Months of the archive")
struct MonthTests {
  @Test(
    "a time belongs to the month of its day in UTC",
    arguments: [
      (UInt64(0), "1970-01"), (951_782_399_999, "2000-02"), (951_868_800_000, "2000-03"),
      (1_709_164_800_000, "2024-02"), (1_709_251_200_000, "2024-03"), (1_767_225_599_999, "2025-12"),
      (1_767_225_600_000, "2026-01"), (4_107_542_400_000, "2100-03"),
    ])
  func ofTime(ms: UInt64, name: String) {
    #expect(Month(ms: ms).description == name)
    #expect(Month(name: name) == Month(ms: ms))
  }

  @Test("each month begins where the one before it ends, for 200 years")
  func beginnings() {
    var month = Month(year: 1970, month: 1)
    while month < Month(year: 2170, month: 1) {
      #expect(Month(ms: month.start) == month)
      #expect(Month(ms: month.next.start - 1) == month)
      month = month.next
    }
  }

  @Test(
    "other names are none of a month",
    arguments: ["2026-13", "2026-00", "2026-1", "26-01", "2026-11x", "", "-11", "2026--1"])
  func noNames(name: String) { #expect(Month(name: name) == nil) }
}
