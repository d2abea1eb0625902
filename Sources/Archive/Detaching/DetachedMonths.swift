import Desk
import GRDB

/// In a table of its own that is made when it is needed: a release that knows of none takes such a month for one whose file is
/// lost, and fills it.
extension Catalogue {
  static func readDetached(_ db: Database, _ contents: inout Contents) throws {
    // Asked of SQLite, not of what was known of the tables before: the writer makes it while others read.
    let isThere = try db.cachedStatement(
      sql: "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'detached'")
    guard try Bool.fetchOne(isThere) ?? false else { return }
    let rows = try db.cachedStatement(sql: "SELECT name, up_to, highest, token FROM detached")
    for row in try Row.fetchAll(rows) {
      guard let month = Month(name: try row.read(0, as: String.self)) else { throw DamagedRow() }
      contents.detached[month] = Detachment(
        upTo: UInt64(bitPattern: try row.read(1, as: Int64.self)), highest: try row.read(2),
        token: try row.read(3))
    }
  }

  static func save(_ detached: [Month: Detachment], _ db: Database) throws {
    try db.execute(
      sql: """
        CREATE TABLE IF NOT EXISTS detached(name TEXT PRIMARY KEY, up_to INTEGER NOT NULL, highest INTEGER NOT NULL,
          token INTEGER NOT NULL) WITHOUT ROWID
        """)
    try db.execute(sql: "DELETE FROM detached")
    for (month, one) in detached {
      try db.execute(
        sql: "INSERT INTO detached VALUES (?, ?, ?, ?)",
        arguments: [month.description, Int64(bitPattern: one.upTo), one.highest, one.token])
    }
  }
}

extension MonthFile {
  /// See `Catalogue.Detachment`; nil: it was never detached.
  func token() throws(ArchiveError) -> Int64? {
    try connection.read { try Int64.fetchOne($0, sql: "SELECT value FROM fact WHERE name = 'detached'") }
  }

  func set(token: Int64) throws(ArchiveError) {
    try connection.write { db in
      try db.execute(sql: "INSERT OR REPLACE INTO fact VALUES ('detached', ?)", arguments: [token])
    }
  }
}

extension ArchiveReader {
  /// Whether no file that is elsewhere can have a part of a session, by when it was opened and closed as far as that is
  /// known here.
  func hasNothingElsewhere(of session: SessionID, _ contents: Catalogue.Contents) throws(ArchiveError) -> Bool {
    let older = contents.detached.filter { $0.value.highest >= Int64(session.logIndex) }.keys
    guard !older.isEmpty else { return true }
    var (opened, closed): (Month?, Month?)
    for entry in months(of: session, in: contents) where opened == nil || closed == nil {
      try file(entry).connection.read { db in
        let record = try db.cachedStatement(sql: "SELECT id, sum, bytes FROM session WHERE id = ?")
        if let row = try Row.fetchOne(record, arguments: [session.stored]) {
          let found = try StoredSession.read(row, entry.month)
          (opened, closed) = (Month(ms: found.openedAt), Month(ms: found.closedAt))
        }
        let chunk = try db.cachedStatement(
          sql: "SELECT session, number, sum, bytes FROM chunk WHERE session = ? ORDER BY number LIMIT 1")
        if opened == nil, let row = try Row.fetchOne(chunk, arguments: [session.stored]) {
          opened = Month(ms: try StoredChunk.read(row, entry.month).openedAt)
        }
      }
    }
    return older.allSatisfy { month in
      opened.map { month < $0 } ?? false || closed.map { $0 < month } ?? false
    }
  }
}
