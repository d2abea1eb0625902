package import Desk
import GRDB
import Kernel

extension ArchiveReader {
  package static let mostHits = 100
  /// Chunks of up to 64 messages whose text is looked at for one page.
  static let mostChunks = 400
  /// Rows of the index that are looked at for one page, where most are of people who are not meant.
  static let mostRows = 20_000
  /// A person with so few chunks in a month has them read without the index.
  static let fewChunks = 64
  /// Those of a person with so many are known before the index is read; of one with more, row by row.
  static let knownChunks = 2_000

  /// - Parameter limit: `mostHits` at the most.
  package func search(
    _ query: SearchQuery, in scope: SearchScope, after cursor: SearchCursor? = nil, limit: Int
  ) throws(ArchiveError) -> SearchPage {
    let contents = try contents()
    var work = SearchWork(query: query, scope: scope, limit: min(max(limit, 1), Self.mostHits))
    var page = SearchPage(hits: [], next: nil, isComplete: contents.isWhole && contents.detached.isEmpty)
    let first = cursor.flatMap { Month(name: $0.month) }
    for entry in contents.kept.reversed() where entry.stamp > 0 {
      if let first, entry.month > first { continue }
      let place = entry.month == first ? cursor : nil
      let goesOn = try file(entry).connection.read { db in
        try work.search(entry.month, place, db, &folded, &page)
      }
      if !goesOn { break }
    }
    return page
  }
}

/// A search while it goes from row to row, with what it may still do.
struct SearchWork {
  let query: SearchQuery
  let scope: SearchScope
  let limit: Int
  private var chunks = ArchiveReader.mostChunks
  private var rows = ArchiveReader.mostRows
  /// Chunks of the person in this month; nil: not known, or of no person.
  private var own: Set<Int64>?

  init(query: SearchQuery, scope: SearchScope, limit: Int) {
    (self.query, self.scope, self.limit) = (query, scope, limit)
  }

  /// - Returns: false: the page is at its end, and says where the next one begins.
  mutating func search(
    _ month: Month, _ cursor: SearchCursor?, _ db: Database, _ folded: inout FoldedText,
    _ page: inout SearchPage
  ) throws -> Bool {
    // A cursor with a sequence is in the middle of its row.
    let bound = cursor.map { $0.sequence > 0 ? $0.row : max($0.row, 0) - 1 } ?? .max
    let found = try candidates(upTo: bound, db)
    let chunk = try db.cachedStatement(sql: "SELECT session, number, sum, bytes FROM chunk WHERE row = ?")
    while let row = try found.next() {
      let number: Int64 = try row.read(0)
      rows -= 1
      guard try isMeant(number, db) else {
        if rows <= 0 { return stop(month, number, 0, &page) }
        continue
      }
      chunks -= 1
      guard let stored = try Row.fetchOne(chunk, arguments: [number]) else { throw DamagedRow() }
      let messages = try StoredChunk.read(stored, month)
      let before = cursor.map { $0.row == number && $0.sequence > 0 ? $0.sequence : .max } ?? .max
      guard messages.session.desk == scope.desk else { throw DamagedRow() }
      if let last = look(at: messages, before: before, &folded, &page) {
        return stop(month, number, last, &page)
      }
      if chunks <= 0 || rows <= 0 { return stop(month, number, 0, &page) }
    }
    return true
  }

  private func stop(_ month: Month, _ row: Int64, _ sequence: UInt64, _ page: inout SearchPage) -> Bool {
    page.next = SearchCursor(month: month.description, row: row, sequence: sequence)
    return false
  }

  /// nil: a whole desk.
  private var person: String? {
    switch scope {
    case .desk: nil
    case .customer(_, let id): Participant.customer(id)
    case .staff(_, let id): Participant.staff(id)
    }
  }

  /// Whether a chunk is one of the person's.
  private func isMeant(_ row: Int64, _ db: Database) throws -> Bool {
    guard let person else { return true }
    if let own { return own.contains(row) }
    let session = try db.cachedStatement(sql: "SELECT session FROM chunk WHERE row = ?")
    guard let session = try Int64.fetchOne(session, arguments: [row]) else { throw DamagedRow() }
    let isMember = try db.cachedStatement(sql: "SELECT 1 FROM participant WHERE person = ? AND session = ?")
    return try Bool.fetchOne(isMember, arguments: [person, session]) ?? false
  }

  /// Numbers of chunks that may have it, descending.
  private mutating func candidates(upTo bound: Int64, _ db: Database) throws -> RowCursor {
    own = nil
    if let person {
      let ids = scope.desk.stored
      let found = try Int64.fetchAll(
        db.cachedStatement(
          sql: """
            SELECT c.row FROM participant p CROSS JOIN chunk c ON c.session = p.session
            WHERE p.person = ? AND p.session BETWEEN ? AND ? AND c.row <= ? LIMIT \(ArchiveReader.knownChunks + 1)
            """), arguments: [person, ids.lowerBound, ids.upperBound, bound])
      if found.count <= ArchiveReader.knownChunks { own = Set(found) }
      if found.count <= ArchiveReader.fewChunks {
        let list = found.sorted(by: >).map(String.init).joined(separator: ",")
        return try Row.fetchCursor(
          db.cachedStatement(sql: "SELECT value FROM json_each(?) ORDER BY value DESC"),
          arguments: ["[\(list)]"])
      }
    }
    return try Row.fetchCursor(
      db.cachedStatement(sql: "SELECT rowid FROM words WHERE words MATCH ? AND rowid <= ? ORDER BY rowid DESC"),
      arguments: [query.expression(facet: MonthWriting.facet(scope.desk)), bound])
  }

  /// - Returns: the sequence of the last hit, when the page is full with it; nil: all of the chunk was looked at.
  private func look(
    at chunk: ArchivedChunk, before: UInt64, _ folded: inout FoldedText, _ page: inout SearchPage
  ) -> UInt64? {
    for place in stride(from: chunk.count - 1, through: 0, by: -1) {
      guard let message = chunk.message(place), message.sequence.rawValue < before,
        let hit = query.hit(in: message, of: chunk.session, &folded)
      else { continue }
      page.hits.append(hit)
      if page.hits.count >= limit { return message.sequence.rawValue }
    }
    return nil
  }
}
