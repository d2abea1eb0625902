import Desk
import Foundation
import GRDB
import Testing

@testable import Archive

@Suite("An archive keeps the audit of desks")
struct ArchivedAuditTests {
  private let place = Place()
  private let other = Place()

  /// Entries of a desk, one for each of these times, made by log entries of ten times their number.
  private func rows(_ times: [UInt64], of desk: DeskNumber = .main) -> [ArchiveRow] {
    var previous = AuditHash(beginningOf: desk)
    var rows: [ArchiveRow] = []
    for (place, time) in times.enumerated() {
      let person = Person(id: "kim", role: .supervisor, name: "Kim")
      let note = AuditNote(person, "search", AuditMatter(detail: "zanzibar\(place)"), in: desk)
      let link = AuditLink(
        AuditEntry(number: UInt64(place + 1), time: time, note: note), of: desk, behind: previous)
      previous = link.hash
      rows.append(.audit(link, RowOrigin(UInt64(place + 1) * 10)))
    }
    return rows
  }

  private var twoMonths: [UInt64] {
    (0..<6).map { Talk.november + $0 / 3 * 86_400_000 * 31 + $0 }
  }

  private func numbers(_ path: String, of desk: DeskNumber = .main, after: UInt64 = 0, limit: Int = 100) throws
    -> [UInt64]
  {
    let reader = try ArchiveReader(path)
    defer { reader.close() }
    return try reader.audit(of: desk, after: after, limit: limit).links.map(\.entry.number)
  }

  @Test("by month, and gives it back in order and in pages")
  func kept() throws {
    let writer = try ArchiveWriter(place.path)
    try writer.write(rows(twoMonths) + rows(twoMonths, of: DeskNumber(3)), upTo: 60)
    // The same again changes nothing.
    try writer.write(rows(twoMonths), upTo: 60)
    writer.close()
    #expect(try numbers(place.path) == [1, 2, 3, 4, 5, 6])
    #expect(try numbers(place.path, after: 2, limit: 2) == [3, 4])
    #expect(try numbers(place.path, of: DeskNumber(3), after: 5) == [6])
    #expect(try numbers(place.path, of: DeskNumber(4)).isEmpty)
  }

  @Test("fills from another archive, row for row, and both say the same number over all rows")
  func filled() throws {
    let (source, writer) = (try ArchiveWriter(other.path), try ArchiveWriter(place.path))
    defer { source.close() }
    defer { writer.close() }
    try source.write(rows(twoMonths), upTo: 60)
    let gap = ArchiveGap(after: 0, upTo: 60)
    try writer.fill(ArchiveWhole([], isAll: false, missing: gap), then: [], upTo: 60)
    let reader = try ArchiveReader(other.path)
    defer { reader.close() }
    let page = try reader.rows(ArchivePageRequest(gap: gap))
    #expect(page.rows.count == 6 && page.rows.map(\.origin.made) == [10, 20, 30, 40, 50, 60])
    try writer.write(page, filling: gap)
    #expect(try numbers(place.path) == [1, 2, 3, 4, 5, 6] && writer.gaps.isEmpty)
    let copy = try ArchiveReader(place.path)
    defer { copy.close() }
    #expect(try copy.hash() == reader.hash())
  }

  @Test("goes with its month, with its desk, and with what a restored cluster has not")
  func gone() throws {
    let writer = try ArchiveWriter(place.path)
    defer { writer.close() }
    let desk = DeskNumber(3)
    try writer.write(rows(twoMonths) + rows(twoMonths, of: desk), upTo: 60)
    try writer.write([.deskDeleted(desk, index: 55)], upTo: 61)
    #expect(try numbers(place.path, of: desk) == [6] && numbers(place.path).count == 6)
    try writer.write([.monthsDropped(before: try #require(Month(ms: Talk.november).next.gapNumber))], upTo: 62)
    #expect(try numbers(place.path) == [4, 5, 6])
    _ = try writer.cut(after: 50) { _ in nil }
    #expect(try numbers(place.path) == [4, 5] && numbers(place.path, of: desk).isEmpty)
  }

  @Test("comes along with a month that is detached and attached again")
  func filesAreWhole() throws {
    let writer = try ArchiveWriter(place.path)
    try writer.write(rows(twoMonths), upTo: 60)
    writer.close()
    let again = try ArchiveWriter(place.path)
    defer { again.close() }
    #expect(again.findings.isEmpty)
    let reader = try ArchiveReader(place.path)
    defer { reader.close() }
    #expect(try reader.check(Month(ms: Talk.november)) == 3)
  }

  /// Changes an entry of November, with the checksum that belongs to what is there then.
  private func forge(_ number: Int, _ change: (inout AuditLink) -> Void) throws {
    let month = Month(ms: Talk.november)
    let queue = try DatabaseQueue(path: place.path + "/\(month).sqlite")
    try queue.write { db in
      let row = try #require(
        try Row.fetchOne(
          db, sql: "SELECT desk, number, sum, bytes FROM audit WHERE number = ?", arguments: [number]))
      var link = try StoredAudit.read(row, month)
      change(&link)
      let bytes = link.encoded()
      let sum = bytes.withUnsafeBytes { StoredAudit.sum(link.desk, link.entry.number, $0) }
      try db.execute(
        sql: "UPDATE audit SET bytes = ?, sum = ? WHERE number = ?", arguments: [Data(bytes), sum, number])
    }
    try queue.close()
  }

  @Test("a flipped bit is no entry, and an entry with a right checksum that was changed is found by a check")
  func changed() throws {
    let writer = try ArchiveWriter(place.path)
    try writer.write(rows(twoMonths), upTo: 60)
    writer.close()
    try forge(2) { $0.entry.note.actor = "nobody" }
    let reader = try ArchiveReader(place.path)
    defer { reader.close() }
    // It is given as it stands: whoever follows the chain sees it.
    #expect(
      try reader.audit(of: .main, after: 0, limit: 9).links.map(\.isSound) == [
        true, false, true, true, true, true,
      ])
    let error = #expect(throws: ArchiveError.self) { try reader.check(Month(ms: Talk.november)) }
    #expect(error?.kind == .damaged && error?.description.contains("Entry 2") == true)
    // With a hash of its own the next one does not fit.
    try forge(2) { $0 = AuditLink($0.entry, of: $0.desk, behind: $0.previous) }
    let next = #expect(throws: ArchiveError.self) { try reader.check(Month(ms: Talk.november)) }
    #expect(next?.description.contains("Entry 3") == true)
    let queue = try DatabaseQueue(path: place.path + "/\(Month(ms: Talk.november)).sqlite")
    try queue.write { try $0.execute(sql: "UPDATE audit SET sum = sum + 1 WHERE number = 1") }
    try queue.close()
    #expect(throws: ArchiveError.self) { try reader.audit(of: .main, after: 0, limit: 9) }
  }
}
