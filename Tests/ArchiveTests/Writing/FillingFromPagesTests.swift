import Desk
import Foundation
import GRDB
import Testing

@testable import Archive

@Suite("An archive that is filled from another one")
struct FillingFromPagesTests {
  private let place = Place()
  private let other = Place()

  /// Conversations of three months, each made by the entry of its number times ten.
  private func talks(_ count: Int) -> [Talk] {
    (1...count).map { number in
      Talk(UInt64(number), (0..<(number % 5 == 0 ? 150 : 3)).map { "word\(number) \($0)" }).changed {
        $0.made = UInt64(number * 10)
        $0.openedAt += UInt64(number % 3) * 86_400_000 * 31
        $0.desk = DeskNumber(number % 7 == 0 ? 900 : 0)
      }
    }
  }

  /// All rows, in the order in which they would be given.
  private func all(_ path: String) throws -> [StoredArchiveRow] {
    let reader = try ArchiveReader(path)
    defer { reader.close() }
    var rows: [StoredArchiveRow] = []
    var request = ArchivePageRequest(gap: ArchiveGap(after: 0, upTo: .max), takesIncomplete: true)
    while true {
      let page = try reader.rows(request)
      rows += page.rows
      guard let next = page.next else { return rows }
      request.place = next
    }
  }

  /// Fills a part as a node does.
  /// - Parameter pages: gives up after so many.
  /// - Returns: how many there were.
  @discardableResult
  private func fill(
    _ writer: ArchiveWriter, from path: String, _ gap: ArchiveGap, pages: Int = .max,
    change: (inout ArchiveRowPage) -> Void = { _ in }
  ) throws -> Int {
    let reader = try ArchiveReader(path)
    defer { reader.close() }
    var request = ArchivePageRequest(gap: gap)
    var count = 0
    while count < pages {
      var page = try reader.rows(request)
      #expect(page.complete == [gap])
      #expect(page.rows.count == 1 || page.rows.reduce(0) { $0 + $1.size } <= ArchiveRowPage.mostBytes)
      change(&page)
      var filled = gap
      if let next = page.next { filled.upTo = next.isExact ? next.made - 1 : gap.after }
      try writer.write(page, filling: filled.isEmpty ? nil : filled)
      count += 1
      guard let next = page.next else { break }
      request.place = next
    }
    return count
  }

  @Test("has the same rows to the byte in the end, page by page, and knows of each page how far it is")
  func whole() throws {
    let source = try ArchiveWriter(other.path)
    let talks = talks(60).map { talk in
      talk.changed { $0.texts = $0.texts.map { $0 + String(repeating: "x", count: 2_000) } }
    }
    for talk in talks { try source.write(talk.rows, upTo: talk.origin.made) }
    let writer = try ArchiveWriter(place.path)
    let gap = ArchiveGap(after: 0, upTo: 600)
    try writer.fill(ArchiveWhole(Array(talks.suffix(3)), isAll: false, missing: gap), then: [], upTo: 600)
    #expect(try !ArchiveReader(place.path).sessions(ArchivedSessionFilter(desk: .main), limit: 1).isComplete)
    let count = try fill(writer, from: other.path, gap, pages: 1)
    let left = try #require(writer.gaps.list.first)
    #expect(count == 1 && left.after > 0 && left.upTo == 600)
    writer.close()
    let again = try ArchiveWriter(place.path)
    #expect(again.gaps.list == [left] && again.completeIndex == 600)
    #expect(try fill(again, from: other.path, left) > 1)
    #expect(again.gaps.isEmpty)
    #expect(try all(place.path) == all(other.path))
    #expect(try ArchiveReader(place.path).sessions(ArchivedSessionFilter(desk: .main), limit: 1).isComplete)
    for month in try ArchiveReader(place.path).figures().months {
      _ = try ArchiveReader(place.path).check(month.month)
    }
    again.close()
    source.close()
  }

  @Test("gives rows of which only a state has told, whatever part of the log is asked for that they may be of")
  func inexact() throws {
    let source = try ArchiveWriter(other.path)
    let talk = Talk(50, ["a"])
    let rows = [
      ArchiveRow.session(talk.record, RowOrigin(since: 50, made: 100)),
      .session(Talk(120, ["b"]).record, RowOrigin(120)), .session(Talk(40, ["c"]).record, RowOrigin(140)),
    ]
    try source.fill(ArchiveWhole(desks: []) { take in for row in rows { try take(row) } }, then: [], upTo: 200)
    let reader = try ArchiveReader(other.path)
    func found(_ after: UInt64, _ upTo: UInt64) throws -> [UInt64] {
      try reader.rows(ArchivePageRequest(gap: ArchiveGap(after: after, upTo: upTo))).rows.map {
        $0.session.logIndex
      }
    }
    #expect(try found(0, 49) == [] && found(0, 50) == [50] && found(99, 119) == [50] && found(100, 119) == [])
    #expect(try found(0, 200) == [50, 120, 40] && found(119, 120) == [120] && found(120, 139) == [])
    #expect(try found(100, 140) == [120, 40])
    source.close()
  }

  @Test("gives nothing of a part that it misses itself, and says of which parts it has all")
  func incomplete() throws {
    let source = try ArchiveWriter(other.path)
    try source.write(talks(30).flatMap(\.rows), upTo: 100)
    try source.fill(
      ArchiveWhole([], isAll: false, missing: ArchiveGap(after: 150, upTo: 200)), then: [], upTo: 300)
    let reader = try ArchiveReader(other.path)
    var request = ArchivePageRequest(gap: ArchiveGap(after: 20, upTo: 400))
    let page = try reader.rows(request)
    #expect(page.complete == [ArchiveGap(after: 20, upTo: 150), ArchiveGap(after: 200, upTo: 300)])
    #expect(page.rows.isEmpty)
    request.takesIncomplete = true
    #expect(try !reader.rows(request).rows.isEmpty)
    source.close()
  }

  @Test("takes no row that is not what its checksum says, and claims nothing then")
  func refused() throws {
    let source = try ArchiveWriter(other.path)
    try source.write(talks(10).flatMap(\.rows), upTo: 100)
    let writer = try ArchiveWriter(place.path)
    let gap = ArchiveGap(after: 0, upTo: 100)
    try writer.fill(ArchiveWhole([], isAll: false, missing: gap), then: [], upTo: 100)
    do {
      try fill(writer, from: other.path, gap) { $0.rows[3].bytes[20] ^= 1 }
      Issue.record("a damaged row was taken")
    } catch let error as ArchiveError { #expect(error.kind == .refused) }
    #expect(writer.gaps.list == [gap])
    #expect(try all(place.path).isEmpty)
    writer.close()
    source.close()
  }

  @Test("brings no desk back that was deleted, and hears of one that was")
  func deletedDesks() throws {
    let source = try ArchiveWriter(other.path)
    let desk = DeskNumber(9)
    let old = Talk(7, ["zanzibar"]).changed { $0.desk = desk }
    let later = Talk(50, ["okapi"]).changed { $0.desk = desk }
    try source.write(old.rows, upTo: 10)
    let writer = try ArchiveWriter(place.path)
    let gap = ArchiveGap(after: 0, upTo: 10)
    try writer.fill(
      ArchiveWhole([], isAll: false, missing: gap), then: [.deskDeleted(desk, index: 20)], upTo: 20)
    try fill(writer, from: other.path, gap)
    #expect(try all(place.path).isEmpty)
    try writer.write(later.rows, upTo: 60)
    // The other way round: it has heard nothing of what the first one knows.
    let back = ArchiveGap(after: 10, upTo: 60)
    try source.fill(ArchiveWhole([later], isAll: false, missing: back), then: [], upTo: 60)
    #expect(try all(other.path).contains { $0.session == old.id })
    try fill(source, from: place.path, back)
    #expect(try Set(all(other.path).map { $0.session }) == [later.id])
    writer.close()
    source.close()
    #expect(!other.holds("zanzibar"))
  }

  @Test(
    "files of the first release of archives are read on, and given to whoever asks for any entry up to their last one"
  )
  func oldFiles() throws {
    let source = try ArchiveWriter(other.path)
    let talks = talks(8)
    try source.write(talks.flatMap(\.rows), upTo: 80)
    let rows = try all(other.path)
    source.close()
    for name in other.names where name.hasSuffix(".sqlite") {
      let queue = try DatabaseQueue(path: other.file(name))
      try queue.write { db in
        if name == "catalogue.sqlite" {
          try db.execute(sql: "DROP TABLE gap; DROP TABLE deletion")
        } else {
          for table in ["chunk", "session"] {
            try db.execute(sql: "DROP INDEX \(table)_by_entry; DROP INDEX \(table)_by_entries")
            try db.execute(sql: "ALTER TABLE \(table) DROP COLUMN since; ALTER TABLE \(table) DROP COLUMN made")
          }
        }
        try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = '2'")
      }
      try queue.close()
    }
    let plain = try ArchiveReader(other.path)
    #expect(try plain.session(talks[0].id) == talks[0].record)
    plain.close()
    let again = try ArchiveWriter(other.path)
    #expect(again.findings.isEmpty && again.completeIndex == 80 && again.gaps.isEmpty)
    let reader = try ArchiveReader(other.path)
    let page = try reader.rows(ArchivePageRequest(gap: ArchiveGap(after: 79, upTo: 80)))
    #expect(
      page.rows.count == rows.count && page.rows.allSatisfy { $0.origin == RowOrigin(since: 0, made: 80) })
    #expect(Set(page.rows.map(\.bytes)) == Set(rows.map(\.bytes)))
    // What the log brings again has its entry then.
    try again.write(talks.flatMap(\.rows), upTo: 80)
    #expect(try all(other.path) == rows)
    again.close()
  }
}

extension StoredArchiveRow {
  /// Of rows that belong to a session.
  fileprivate var session: SessionID {
    switch key {
    case .chunk(let session, _), .session(let session): session
    case .audit: SessionID(rawValue: 0)
    }
  }
}
