package import Desk
import GRDB
import Kernel

extension ArchiveWriter {
  /// Makes of an archive what it was when the log ended at `index`, for a log that goes on differently from there. What a state of
  /// that index has is to come next: until then the archive needs a whole state.
  ///
  /// A row says of which entry it is, or between which two. What was made later goes; where that is not certain the session tells:
  /// what had left the state at `index` had its rows before, and what is in the state comes from there again. Who is noted
  /// beside earlier chunks of a session that went on stays noted.
  ///
  /// - Parameter leftChunks: how many chunks of a session the state at `index` does not have any more; nil: it has nothing of it.
  /// - Returns: how many rows went.
  /// - Throws: `ArchiveError`: do not use the archive; begin with another copy.
  package func cut(after index: UInt64, leftChunks: (SessionID) -> Int?) throws(ArchiveError) -> Int {
    var removed = 0
    var next = contents
    next.identity = Catalogue.newIdentity()
    for entry in next.kept where entry.stamp > 0 {
      next.stamp += 1
      var entry = entry
      entry.stamp = next.stamp
      entry.highest = min(entry.highest, Int64(clamping: index))
      removed += try writing.cut(
        try file(entry.month), after: Int64(clamping: index), stamp: next.stamp, leftChunks: leftChunks)
      removed += try MonthWriting.removeAudit(
        where: "made > ?", [Int64(clamping: index)], from: try file(entry.month))
      try file(entry.month).set(archive: next.identity)
      next.set(entry)
    }
    next.completeIndex = index
    next.needsWhole = true
    next.gaps.remove(ArchiveGap(after: index, upTo: .max))
    next.deletions = next.deletions.filter { $0.value <= index }
    next.erasures = next.erasures.filter { $0.value <= index }
    try save(next)
    return removed
  }
}

extension MonthWriting {
  /// Rows that one transaction changes.
  private static let rowsAtOnce = 500

  fileprivate mutating func cut(
    _ file: MonthFile, after index: Int64, stamp: Int64, leftChunks: (SessionID) -> Int?
  ) throws(ArchiveError) -> Int {
    var removed = 0
    var done = false
    while !done {
      let (some, looked) = try file.connection.write { db in
        var counts = try file.counts(db)
        let chunks = try cutChunks(after: index, db, file.month, &counts, leftChunks)
        var sums = try SumsOfBatch(db, mostNames: mostNames)
        let sessions = try Self.cutSessions(after: index, db, file.month, &counts, &sums, leftChunks)
        if try !sums.save(db) { uncounted.insert(file.month) }
        let people = try Self.cutParticipants(after: index, db)
        try Self.save(counts, stamp: stamp, db)
        return (chunks.removed + sessions.removed, chunks.looked + sessions.looked + people)
      }
      removed += some
      done = looked == 0
    }
    return removed
  }

  private static func later(_ columns: String, of table: String) -> String {
    // Each half by an index of its own.
    """
    SELECT \(columns) FROM \(table) WHERE since = made AND made > ?1
    UNION ALL SELECT \(columns) FROM \(table) WHERE since < made AND made > ?1 LIMIT \(rowsAtOnce)
    """
  }

  private mutating func cutChunks(
    after index: Int64, _ db: Database, _ month: Month, _ counts: inout MonthCounts,
    _ leftChunks: (SessionID) -> Int?
  ) throws -> (removed: Int, looked: Int) {
    let found = try Row.fetchAll(db, sql: Self.later("row, session, number", of: "chunk"), arguments: [index])
    var removed = 0
    for row in found {
      let (number, session) = (try row.read(0, as: Int64.self), SessionID(stored: try row.read(1)))
      let left = leftChunks(session)
      let chunk: Int = try row.read(2)
      if Int64(session.logIndex) <= index, left.map({ chunk < $0 }) ?? true {
        try Self.wasMade(by: index, number, "chunk", "row", db)
      } else {
        try remove(row: number, db, month, &counts)
        removed += 1
      }
    }
    return (removed, found.count)
  }

  private static func cutSessions(
    after index: Int64, _ db: Database, _ month: Month, _ counts: inout MonthCounts, _ sums: inout SumsOfBatch,
    _ leftChunks: (SessionID) -> Int?
  ) throws -> (removed: Int, looked: Int) {
    let found = try Int64.fetchAll(db, sql: later("id", of: "session"), arguments: [index])
    var removed = 0
    for id in found {
      let session = SessionID(stored: id)
      if Int64(session.logIndex) <= index, leftChunks(session) == nil {
        try wasMade(by: index, id, "session", "id", db)
      } else {
        try remove(session: session, db, month, &counts, &sums)
        removed += 1
      }
    }
    return (removed, found.count)
  }

  /// - Returns: how many went.
  private static func cutParticipants(after index: Int64, _ db: Database) throws -> Int {
    let all = try Row.fetchCursor(db, sql: "SELECT person, session FROM participant")
    var gone: [(String, Int64)] = []
    while gone.count < rowsAtOnce, let row = try all.next() {
      let session: Int64 = try row.read(1)
      if Int64(SessionID(stored: session).logIndex) > index { gone.append((try row.read(0), session)) }
    }
    for (person, session) in gone {
      try db.cachedStatement(sql: "DELETE FROM participant WHERE person = ? AND session = ?").execute(
        arguments: [person, session])
    }
    return gone.count
  }

  private static func wasMade(
    by index: Int64, _ row: Int64, _ table: String, _ key: String, _ db: Database
  ) throws {
    try db.cachedStatement(
      sql: "UPDATE \(table) SET made = ?1, since = min(since, ?1) WHERE \(key) = ?2"
    ).execute(arguments: [index, row])
  }
}
