import Desk
import Foundation
import Testing

@testable import Archive

@Suite("An archive drops months")
struct DroppingMonthsTests {
  private let place = Place()
  private let october = Talk(7, ["zanzibar one", "okapi"]).changed { $0.openedAt -= 20 * 86_400_000 }
  private let november = Talk(8, ["zanzibar two"])
  private let december = Talk(9, ["walrus"]).changed { $0.openedAt += 35 * 86_400_000 }
  /// Two messages in November, one in December, when it ends.
  /// Its first 64 messages are of November, the last four of December.
  private let long = Talk(10, Array(repeating: "quagga", count: 68)).changed { $0.step = 11 * 3_600_000 }
  /// It has no file, and is before the border.
  private let september = Talk(11, ["zanzibar again"]).changed { $0.openedAt -= 50 * 86_400_000 }

  private func number(_ year: Int, _ month: Int) throws -> UInt32 {
    try #require(Month(year: year, month: month).gapNumber)
  }

  private var files: [String] { place.names.filter { $0.hasSuffix(".sqlite") && $0 != "catalogue.sqlite" } }

  /// Nothing of what was dropped is there, and all else is.
  private func check(_ comment: Comment) throws {
    let reader = try ArchiveReader(place.path)
    defer { reader.close() }
    for talk in [october, november, september] {
      #expect(try reader.session(talk.id) == nil, comment)
      #expect(try reader.page(talk.id, .after(.zero), limit: 10).messages.isEmpty, comment)
    }
    #expect(try reader.search(SearchQuery("zanzibar"), in: .desk(.main), limit: 10).hits.isEmpty, comment)
    #expect(try reader.session(december.id) == december.record, comment)
    #expect(!files.contains { $0 < "2026-12" }, comment)
  }

  @Test(
    "what lies before the border is gone, and does not come again from the log, from others, or with a state")
  func again() throws {
    let source = Place()
    let lender = try ArchiveWriter(source.path)
    let all = september.rows + october.rows + november.rows + december.rows
    try lender.write(all, upTo: 20)
    let page = try ArchiveReader(source.path).rows(ArchivePageRequest(gap: ArchiveGap(after: 0, upTo: 20)))
    try #require(page.rows.count == 8)

    var writer = try ArchiveWriter(place.path)
    try writer.write(october.rows + november.rows + december.rows, upTo: 10)
    try #require(files.count == 3)
    try writer.write(october.rows + [.monthsDropped(before: try number(2026, 12))], upTo: 11)
    try check("the log")
    for isAgain in [false, true] {
      try writer.write(all, upTo: 12)
      try check("the same rows again")
      try writer.write(page, filling: nil)
      try check("a page of another archive")
      try writer.fill(
        ArchiveWhole([september, october, november, december], isAll: false), then: all, upTo: 13)
      try check("a whole state")
      #expect(writer.contents.months.count == 3, "a month that never was has no entry")
      writer.close()
      if !isAgain { writer = try ArchiveWriter(place.path) }
    }
    #expect(!place.holds("zanzibar"))
  }

  @Test("a state says what was dropped while the archive was given nothing, and its rows are not taken")
  func whole() throws {
    let writer = try ArchiveWriter(place.path)
    try writer.write(october.rows, upTo: 10)
    let rows = november.rows + december.rows
    let whole = ArchiveWhole(desks: [.main], isAll: false, droppedBefore: try number(2026, 12)) { body in
      for row in rows { try body(row) }
    }
    try writer.fill(whole, then: [], upTo: 20)
    try check("a whole state with a border")
    // A state that is behind does not bring the border back.
    try writer.fill(ArchiveWhole([october]), then: [], upTo: 21)
    try check("a whole state without one")
  }

  @Test("of a session that lies in several months what the others have stays")
  func parts() throws {
    let writer = try ArchiveWriter(place.path)
    try writer.write(long.rows, upTo: 10)
    let reader = try ArchiveReader(place.path)
    try #require(try reader.page(long.id, .after(.zero), limit: 100).messages.count == 68)
    try writer.write([.monthsDropped(before: try number(2026, 12))], upTo: 11)
    let page = try reader.page(long.id, .after(.zero), limit: 100)
    #expect(page.messages.map(\.sequence.rawValue) == [65, 66, 67, 68])
    try writer.write([.monthsDropped(before: try number(2027, 1))], upTo: 12)
    #expect(try reader.session(long.id) == nil)
  }

  @Test("no row is looked at: a file that nobody can read goes like any other")
  func untouched() throws {
    let writer = try ArchiveWriter(place.path)
    try writer.write(october.rows + december.rows, upTo: 10)
    let name = try #require(files.first)
    try place.write(Data(repeating: 0xA5, count: 64 << 10), to: name)
    try writer.write([.monthsDropped(before: try number(2026, 12))], upTo: 11)
    try check("an unreadable file")
    writer.close()
    #expect(try ArchiveWriter(place.path).findings.isEmpty)
  }

  @Test(
    "what a dropped month misses is missed no more, and what was set aside of it goes; of other months both stay"
  )
  func gaps() throws {
    let writer = try ArchiveWriter(place.path)
    try writer.write(october.rows + december.rows, upTo: 10)
    for month in [Month(year: 2026, month: 10), Month(year: 2026, month: 12)] {
      _ = try writer.setAside(month, because: "A test says so.")
    }
    try writer.fill(ArchiveWhole([], isAll: false), then: [], upTo: 11)
    let gap = { (month: UInt32) in ArchiveGap(month: month, after: 0, upTo: 10) }
    try #require(writer.gaps.list == [gap(try number(2026, 10)), gap(try number(2026, 12))])
    try writer.write([.monthsDropped(before: try number(2026, 12))], upTo: 12)
    #expect(writer.gaps.list == [gap(try number(2026, 12))])
    #expect(
      place.names.filter { $0.hasPrefix(".damaged") && $0.hasSuffix(".sqlite") } == [
        ".damaged-1-2026-12.sqlite"
      ])
    #expect(!place.holds("zanzibar"))
  }

  @Test("a file that is there though its month is dropped goes with the next start, and is no finding")
  func crash() throws {
    var writer = try ArchiveWriter(place.path)
    try writer.write(october.rows + december.rows, upTo: 10)
    writer.close()
    let copies = try ["2026-10.sqlite", "2026-09.sqlite"].map { name in
      (name, try Data(contentsOf: URL(fileURLWithPath: place.file("2026-10.sqlite"))))
    }
    writer = try ArchiveWriter(place.path)
    try writer.drop(before: try number(2026, 12))
    writer.close()
    for (name, bytes) in copies { try bytes.write(to: URL(fileURLWithPath: place.file(name))) }
    writer = try ArchiveWriter(place.path)
    #expect(writer.findings.isEmpty && files == ["2026-12.sqlite"])
    try check("after a start")
  }
}
