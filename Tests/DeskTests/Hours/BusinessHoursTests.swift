import Kernel
import Testing

@testable import Desk

@Suite("Business hours")
struct BusinessHoursTests {
  private static let hour: UInt64 = 3_600_000
  private static let day: UInt64 = 24 * hour

  /// In ms since 1970, of a time in UTC.
  private static func utc(_ date: String, _ time: String) -> UInt64 {
    UInt64(ReportDate.day(date) ?? 0) * day + UInt64(OpenSpan.minutes(time) ?? 0) * 60_000
  }

  private static func span(_ start: String, _ end: String) -> OpenSpan {
    OpenSpan(start: OpenSpan.minutes(start) ?? 0, end: OpenSpan.minutes(end) ?? 1) ?? .allDay
  }

  /// Clocks of Berlin from 2026 to 2030.
  private static let berlin: ZoneTable? = {
    let turns = [
      ("2026-03-29", 7_200), ("2026-10-25", 3_600), ("2027-03-28", 7_200), ("2027-10-31", 3_600),
      ("2028-03-26", 7_200), ("2028-10-29", 3_600), ("2029-03-25", 7_200), ("2029-10-28", 3_600),
    ]
    return ZoneTable(
      version: "test", first: 3_600,
      transitions: turns.map {
        ZoneTable.Transition(time: Int64(utc($0.0, "01:00") / 1_000), offset: Int32($0.1))
      })
  }()

  private static func hours(
    _ zone: ZoneTable?, weekdays: [OpenSpan], weekend: [OpenSpan] = [], days: [(String, [OpenSpan])] = []
  ) -> BusinessHours {
    BusinessHours(
      zone: "test", week: Array(repeating: weekdays, count: 5) + Array(repeating: weekend, count: 2),
      days: days.map { BusinessHours.SpecialDay(day: ReportDate.day($0.0) ?? 0, spans: $0.1) }, table: zone)
  }

  @Test("open and close by the clock of the place, in winter as in summer")
  func seasons() {
    let office = Self.hours(Self.berlin, weekdays: [Self.span("09:00", "12:00"), Self.span("13:30", "18:00")])
    // A Wednesday each.
    for (date, offset) in [("2027-01-13", 1), ("2027-07-14", 2)] {
      let nine = Self.utc(date, "09:00") - UInt64(offset) * Self.hour
      #expect(!office.isOpen(at: nine - 1) && office.isOpen(at: nine))
      #expect(office.isOpen(at: nine + 3 * Self.hour - 1) && !office.isOpen(at: nine + 3 * Self.hour))
      #expect(office.nextChange(after: nine - 1) == nine)
      #expect(office.nextChange(after: nine) == nine + 3 * Self.hour)
      #expect(office.nextChange(after: nine + 3 * Self.hour) == nine + 4 * Self.hour + Self.hour / 2)
    }
    let friday = Self.utc("2027-01-15", "17:00")
    #expect(office.nextChange(after: friday) == Self.utc("2027-01-18", "08:00"), "a weekend lies between")
  }

  @Test(
    "a time that clocks skip is the moment of the skip; one that they show twice begins first and ends last")
  func turnedClocks() {
    let early = Self.hours(Self.berlin, weekdays: [], weekend: [Self.span("02:30", "03:00")])
    // From 02:00 clocks went on to 03:00, at 01:00 UTC: nothing is left of these hours.
    #expect(!early.isOpen(at: Self.utc("2027-03-28", "01:00")))
    #expect(early.open(from: Self.utc("2027-03-28", "00:00"), to: Self.utc("2027-03-28", "12:00")) == 0)
    let morning = Self.hours(Self.berlin, weekdays: [], weekend: [Self.span("02:30", "04:00")])
    let skip = Self.utc("2027-03-28", "01:00")
    #expect(!morning.isOpen(at: skip - 1) && morning.isOpen(at: skip))
    #expect(morning.open(from: skip - Self.day / 2, to: skip + Self.day / 2) == Self.hour)
    // On 2027-10-31 it is 02:30 at 00:30 and at 01:30 UTC.
    let first = Self.utc("2027-10-31", "00:30")
    #expect(!morning.isOpen(at: first - 1) && morning.isOpen(at: first))
    #expect(morning.open(from: first - Self.hour, to: first + Self.day / 2) == 2 * Self.hour + Self.hour / 2)
    #expect(early.nextChange(after: first) == Self.utc("2027-10-31", "02:00"))
  }

  @Test("hours may end on the next day, and meet those of that day")
  func nights() {
    let night = Self.hours(nil, weekdays: [Self.span("21:00", "26:00")])
    let saturday = Self.utc("2027-01-16", "01:59")
    #expect(night.isOpen(at: saturday) && !night.isOpen(at: saturday + 60_000))
    #expect(!night.isOpen(at: Self.utc("2027-01-18", "01:00")), "nobody came on Sunday evening")
    let always = Self.hours(
      nil, weekdays: [Self.span("00:00", "24:00")], weekend: [Self.span("00:00", "24:00")])
    #expect(always.isOpen(at: saturday) && always.nextChange(after: saturday) == nil)
    let never = Self.hours(nil, weekdays: [])
    #expect(never.isNever && !never.isOpen(at: saturday) && never.nextChange(after: saturday) == nil)
    #expect(never.time(1, after: saturday) == nil && never.time(0, after: saturday) == saturday)
  }

  @Test("a date that differs has its own hours, and may open a day that is closed")
  func specialDays() {
    let office = Self.hours(
      nil, weekdays: [Self.span("09:00", "18:00")],
      days: [("2027-02-20", [Self.span("10:00", "12:00")]), ("2027-02-22", [])])
    #expect(office.isOpen(at: Self.utc("2027-02-20", "11:00")), "a Saturday")
    #expect(!office.isOpen(at: Self.utc("2027-02-20", "13:00")))
    #expect(!office.isOpen(at: Self.utc("2027-02-22", "11:00")), "a Monday")
    #expect(office.nextChange(after: Self.utc("2027-02-20", "12:00")) == Self.utc("2027-02-23", "09:00"))
  }

  @Test("working time is added and taken by hours that are open: the one undoes the other")
  func inverse() {
    for seed in 1...200 {
      var random = SeededGenerator(seed: UInt64(seed))
      let spans = FieldType<[OpenSpan]>.spans
      let week = (0..<7).map { _ in spans.sample(&random) }
      let first = ReportDate.day("2026-06-01") ?? 0
      let days = (0..<40).filter { _ in random.next() % 4 == 0 }.map {
        BusinessHours.SpecialDay(day: first + UInt32($0), spans: spans.sample(&random))
      }
      let zone = random.next() % 3 == 0 ? nil : Self.berlin
      let hours = BusinessHours(zone: "test", week: week, days: days, table: zone)
      for _ in 0..<20 {
        let begin = Self.utc("2026-06-01", "00:00") + random.next() % (900 * Self.day)
        let wanted = 1 + random.next() % (30 * Self.hour)
        if let end = hours.time(wanted, after: begin) {
          #expect(hours.open(from: begin, to: end) == wanted, "seed \(seed)")
          #expect(hours.open(from: begin, to: end - 1) == wanted - 1, "seed \(seed): it ends in open time")
        } else {
          #expect(!week.contains { !$0.isEmpty }, "seed \(seed)")
        }
        let isOpen = hours.isOpen(at: begin)
        #expect(hours.open(from: begin, to: begin + 1) == (isOpen ? 1 : 0), "seed \(seed)")
        guard let change = hours.nextChange(after: begin) else { continue }
        #expect(hours.isOpen(at: change) != isOpen && hours.isOpen(at: change - 1) == isOpen, "seed \(seed)")
        #expect(hours.open(from: begin, to: change) == (isOpen ? change - begin : 0), "seed \(seed)")
      }
    }
  }
}
