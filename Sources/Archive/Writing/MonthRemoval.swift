import Desk
import GRDB

extension MonthWriting {
  /// Sessions that lie in a month, of a range of ids, ascending.
  static func sessions(in range: ClosedRange<Int64>, of file: MonthFile) throws(ArchiveError) -> [SessionID] {
    try file.connection.read { db in
      let ids = try Int64.fetchAll(
        db,
        sql: """
          SELECT session FROM chunk WHERE session BETWEEN ?1 AND ?2
          UNION SELECT id FROM session WHERE id BETWEEN ?1 AND ?2
          UNION SELECT session FROM participant WHERE session BETWEEN ?1 AND ?2
          """, arguments: [range.lowerBound, range.upperBound])
      return ids.map(SessionID.init(stored:))
    }
  }

  /// Takes all rows of sessions out of a month, and their words out of its index; nothing of them is left in the file.
  mutating func remove(_ sessions: [SessionID], from file: MonthFile, stamp: Int64) throws(ArchiveError) {
    guard !sessions.isEmpty else { return }
    // A transaction has so many of them: a large one would take memory by what it changes.
    for start in stride(from: 0, to: sessions.count, by: 500) {
      let some = sessions[start..<min(start + 500, sessions.count)]
      try file.connection.write { db in
        var counts = try file.counts(db)
        var sums = try SumsOfBatch(db, mostNames: mostNames)
        for session in some {
          let rows = try Int64.fetchAll(
            db.cachedStatement(sql: "SELECT row FROM chunk WHERE session = ?"), arguments: [session.stored])
          for row in rows { try remove(row: row, db, file.month, &counts) }
          try Self.remove(session: session, db, file.month, &counts, &sums)
        }
        if try !sums.save(db) { uncounted.insert(file.month) }
        try Self.save(counts, stamp: stamp, db)
      }
    }
    try file.connection.write { db in
      let low = sessions.min()?.stored ?? 0
      let high = sessions.max()?.stored ?? 0
      let gone = Set(sessions.map(\.stored))
      let all = try Row.fetchAll(
        db, sql: "SELECT person, session FROM participant WHERE session BETWEEN ? AND ?",
        arguments: [low, high])
      for row in all where gone.contains(try row.read(1)) {
        try db.cachedStatement(sql: "DELETE FROM participant WHERE person = ? AND session = ?").execute(
          arguments: [try row.read(0, as: String.self), try row.read(1, as: Int64.self)])
      }
      // Until then the index has the words, marked as gone.
      try db.execute(sql: "INSERT INTO words(words) VALUES ('optimize')")
    }
    try file.connection.checkpoint()
  }

  /// The record of a session, where there is one.
  static func remove(
    session: SessionID, _ db: Database, _ month: Month, _ counts: inout MonthCounts, _ sums: inout SumsOfBatch
  ) throws {
    if let row = try Self.session(session, db, month) { sums.add(row, sign: -1) }
    try db.cachedStatement(sql: "DELETE FROM session WHERE id = ?").execute(arguments: [session.stored])
    counts.sessions -= db.changesCount
  }

  mutating func remove(row: Int64, _ db: Database, _ month: Month, _ counts: inout MonthCounts) throws {
    let found = try db.cachedStatement(sql: "SELECT session, number, sum, bytes FROM chunk WHERE row = ?")
    guard let stored = try Row.fetchOne(found, arguments: [row]) else { return }
    let chunk = try StoredChunk.read(stored, month)
    let text = addTokens(of: chunk)
    try db.cachedStatement(sql: "INSERT INTO words(words, rowid, tokens) VALUES ('delete', ?, ?)").execute(
      arguments: [row, String(decoding: tokens.text, as: UTF8.self)])
    try db.cachedStatement(sql: "DELETE FROM chunk WHERE row = ?").execute(arguments: [row])
    counts.chunks -= 1
    counts.messages -= chunk.count
    counts.text -= text
  }
}
