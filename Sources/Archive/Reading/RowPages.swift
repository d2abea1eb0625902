package import Desk
import Foundation
import GRDB
import Kernel

/// A row without its bytes.
private struct FoundRow {
  var place: ArchiveRowPlace
  var size: Int
  var entry: Catalogue.Entry
}

extension ArchiveReader {
  /// Rows for another archive, in the order of `ArchiveRowPlace`, exactly as they are stored.
  /// - Throws: `.damaged`: a row is not as it was written, and is given to nobody.
  package func rows(_ request: ArchivePageRequest) throws(ArchiveError) -> ArchiveRowPage {
    let contents = try contents()
    var page = ArchiveRowPage()
    page.complete = contents.complete(in: request.gap)
    guard page.complete == [request.gap] || request.takesIncomplete else { return page }
    if request.place == nil {
      for (desk, index) in contents.deletions.sorted(by: { $0.key < $1.key }) {
        page.deletions.append(ArchiveRowPage.Deletion(desk: DeskNumber(desk), index: index))
      }
    }
    var size = 0
    var last: ArchiveRowPlace?
    for isExact in [false, true] {
      if let place = request.place, place.isExact, !isExact { continue }
      let (found, isAll) = try find(request, isExact: isExact, in: contents)
      for row in found {
        guard last == nil || size + row.size <= ArchiveRowPage.mostBytes,
          page.rows.count < ArchiveRowPage.mostRows
        else {
          page.next = last
          return page
        }
        size += row.size
        if let stored = try stored(row) { page.rows.append(stored) }
        last = row.place
      }
      if !isAll {
        page.next = last
        return page
      }
    }
    return page
  }

  /// The first rows behind the place, of all months together, and whether there are no others.
  private func find(
    _ request: ArchivePageRequest, isExact: Bool, in contents: Catalogue.Contents
  ) throws(ArchiveError) -> (rows: [FoundRow], isAll: Bool) {
    var (found, isAll): ([FoundRow], Bool) = ([], true)
    for entry in contents.kept where entry.stamp > 0 {
      if let month = request.gap.month, entry.month.gapNumber != month { continue }
      let isAllOfMonth = try file(entry).connection.read { db in
        try Self.find(request, isExact: isExact, entry, db, into: &found)
      }
      isAll = isAll && isAllOfMonth
      found.sort { $0.place < $1.place }
      if found.count > ArchiveRowPage.mostRows {
        isAll = false
        found.removeLast(found.count - ArchiveRowPage.mostRows)
      }
    }
    return (found, isAll)
  }

  /// - Returns: whether there are no others in this month.
  private static func find(
    _ request: ArchivePageRequest, isExact: Bool, _ entry: Catalogue.Entry, _ db: Database,
    into found: inout [FoundRow]
  ) throws -> Bool {
    var isAll = true
    let place = request.place.flatMap { $0.isExact == isExact ? $0 : nil }
    let low = max(
      Int64(clamping: min(request.gap.after, UInt64(Int64.max) - 1)) + 1, Int64(clamping: place?.made ?? 0))
    let condition = "since \(isExact ? "=" : "<") made AND made >= ? AND since <= ?"
    for kind in RowKind.allCases {
      if kind == .audit, try !StoredAudit.isThere(db) { continue }
      let statement = try db.cachedStatement(
        sql: """
          SELECT made, \(kind.columns), length(bytes) FROM \(kind.table) WHERE \(condition)
          ORDER BY made, \(kind.order)
          """)
      let rows = try Row.fetchCursor(statement, arguments: [low, Int64(clamping: request.gap.upTo)])
      var (count, size) = (0, 0)
      while let row = try rows.next() {
        let made = UInt64(clamping: try row.read(0, as: Int64.self))
        if isExact, made > request.gap.upTo { break }
        let here = ArchiveRowPlace(isExact: isExact, made: made, key: try kind.key(row))
        if let place, here <= place { continue }
        let bytes = try row.read(3, as: Int.self) + StoredArchiveRow.overhead
        found.append(FoundRow(place: here, size: bytes, entry: entry))
        count += 1
        size += bytes
        // What lies behind these fits no page that they are in.
        if count > ArchiveRowPage.mostRows || size > ArchiveRowPage.mostBytes {
          isAll = false
          break
        }
      }
    }
    return isAll
  }

  /// - Returns: nil: it was deleted meanwhile.
  private func stored(_ row: FoundRow) throws(ArchiveError) -> StoredArchiveRow? {
    let (place, month) = (row.place, row.entry.month)
    return try file(row.entry).connection.read { db in
      guard let found = try Self.row(place.key, db) else { return nil }
      let stored = StoredArchiveRow(
        origin: RowOrigin(storedSince: try found.read(0, as: Int64.self), made: try found.read(1)),
        key: place.key, sum: try found.read(2), bytes: Array(try found.read(3, as: Data.self)))
      do throws(ArchiveError) { _ = try ArchiveRow(stored) } catch {
        throw ArchiveError(
          .damaged, month,
          "A row of \(place.key.about) is not what was written into \(month).sqlite. The month has to be set "
            + "aside and filled again.")
      }
      return stored
    }
  }
}

extension ArchiveReader {
  private static func row(_ key: ArchiveRowKey, _ db: Database) throws -> Row? {
    func found(in table: String, where condition: String, _ arguments: StatementArguments) throws -> Row? {
      try Row.fetchOne(
        db.cachedStatement(sql: "SELECT since, made, sum, bytes FROM \(table) WHERE \(condition)"),
        arguments: arguments)
    }
    return switch key {
    case .chunk(let session, let number):
      try found(in: "chunk", where: "session = ? AND number = ?", [session.stored, number])
    case .session(let session): try found(in: "session", where: "id = ?", [session.stored])
    case .audit(let desk, let number):
      try found(in: "audit", where: "desk = ? AND number = ?", [desk.rawValue, Int64(clamping: number)])
    }
  }
}

/// The tables whose rows go to other archives.
private enum RowKind: CaseIterable {
  case chunk, session, audit

  var table: String {
    switch self {
    case .chunk: "chunk"
    case .session: "session"
    case .audit: "audit"
    }
  }

  var columns: String {
    switch self {
    case .chunk: "session, number"
    case .session: "id, NULL"
    case .audit: "desk, number"
    }
  }

  /// As `ArchiveRowKey` orders them.
  var order: String {
    switch self {
    case .chunk: "session, number"
    case .session: "id"
    case .audit: "desk, number"
    }
  }

  /// - Parameter row: its columns are from place 1 on.
  func key(_ row: Row) throws -> ArchiveRowKey {
    switch self {
    case .chunk: .chunk(SessionID(stored: try row.read(1)), try row.read(2, as: UInt32.self))
    case .session: .session(SessionID(stored: try row.read(1)))
    case .audit:
      .audit(DeskNumber(try row.read(1, as: UInt16.self)), UInt64(clamping: try row.read(2, as: Int64.self)))
    }
  }
}

extension Catalogue.Contents {
  /// The parts of what is asked for that are missing nowhere.
  fileprivate func complete(in asked: ArchiveGap) -> [ArchiveGap] {
    guard !needsWhole else { return [] }
    var asked = asked
    asked.upTo = min(asked.upTo, completeIndex)
    var gaps = gaps
    for (month, detached) in detached.sorted(by: { $0.key < $1.key }) {
      gaps.add(ArchiveGap(month: month.gapNumber, after: 0, upTo: detached.upTo))
    }
    return gaps.complete(in: asked, most: ArchiveRowPage.mostParts)
  }
}
