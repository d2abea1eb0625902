import Desk
import Foundation
import GRDB
import Kernel

/// Writes rows into the file of a month, in one transaction. Its memory for words is kept from one to the next.
struct MonthWriting {
  private var folded = FoldedText()
  var tokens = Tokens()
  private var numbers = RowNumbers(since: 0)
  /// Months with sessions that are not in the sums of their days yet.
  var uncounted: Set<Month> = []
  /// See `SumsOfBatch`.
  var mostNames = SumsOfBatch.mostNames

  /// - Parameter stamp: rises from batch to batch.
  mutating func write(
    _ rows: RowsOfMonth, from source: RowSource, into file: MonthFile, stamp: Int64
  ) throws(ArchiveError) {
    try file.connection.write { db in
      var counts = try file.counts(db)
      var sums = try SumsOfBatch(db, mostNames: mostNames)
      // Rows of the index are cheap to add in the order of their numbers alone.
      numbers = RowNumbers(since: file.month.start)
      let timed = rows.chunks.map { ($0.chunk.lastTime, $0) }.sorted { $0.0 < $1.0 }
      for (time, row) in timed { try write(row.chunk, row.origin, endedAt: time, db, file.month, &counts) }
      for row in rows.sessions { try write(row.session, row.origin, source, db, file.month, &counts, &sums) }
      for row in rows.audits { try Self.write(row.link, row.origin, source, db) }
      for (person, session) in rows.participants { try Self.add(person, session, db) }
      if try !sums.save(db) { uncounted.insert(file.month) }
      try Self.save(counts, stamp: stamp, db)
    }
  }

  private mutating func write(
    _ chunk: ArchivedChunk, _ origin: RowOrigin, endedAt time: UInt64, _ db: Database, _ month: Month,
    _ counts: inout MonthCounts
  ) throws {
    let known = try db.cachedStatement(
      sql: "SELECT row, count, since, made FROM chunk WHERE session = ? AND number = ?")
    if let row = try Row.fetchOne(known, arguments: [chunk.session.stored, chunk.number]) {
      let count: Int = try row.read(1)
      // The same number of messages are the same messages.
      if count == chunk.count {
        let had = RowOrigin(storedSince: try row.read(2, as: Int64.self), made: try row.read(3))
        return try Self.set(had.narrowed(by: origin), was: had, "chunk", "row", try row.read(0), db)
      }
      guard count < chunk.count else { return }
      try remove(row: try row.read(0), db, month, &counts)
    }
    let text = addTokens(of: chunk)
    let bytes = chunk.encoded()
    let sum = bytes.withUnsafeBytes { StoredChunk.sum(chunk.session, chunk.number, $0) }
    let row = try numbers.next(for: time, db)
    let insert = try db.cachedStatement(
      sql: """
        INSERT INTO chunk(row, session, number, last_time, count, text, sum, bytes, since, made)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try insert.execute(arguments: [
      row, chunk.session.stored, chunk.number, Int64(clamping: time), chunk.count, text, sum,
      Data(bytes), Int64(clamping: origin.since), Int64(clamping: origin.made),
    ])
    try db.cachedStatement(sql: "INSERT INTO words(rowid, tokens) VALUES (?, ?)").execute(arguments: [
      row, String(decoding: tokens.text, as: UTF8.self),
    ])
    for person in Set(chunk.speakers.map(Participant.name)).sorted() {
      try Self.add(person, chunk.session, db)
    }
    counts.chunks += 1
    counts.messages += chunk.count
    counts.text += text
  }

  /// The words that the index has of a chunk are a function of the chunk: that is how they are taken out again.
  /// - Returns: bytes of its bodies.
  mutating func addTokens(of chunk: ArchivedChunk) -> Int {
    tokens.removeAll()
    tokens.add(facet: Self.facet(chunk.session.desk))
    var text = 0
    chunk.forEachBody { kind, body in
      text += body.count
      guard kind == .text else { return }
      folded.fold(body, keepsPlaces: false)
      tokens.add(folded)
    }
    return text
  }

  static func facet(_ desk: DeskNumber) -> String { "d\(desk.rawValue)" }

  private static func add(_ person: String, _ session: SessionID, _ db: Database) throws {
    try db.cachedStatement(sql: "INSERT OR IGNORE INTO participant VALUES (?, ?)").execute(arguments: [
      person, session.stored,
    ])
  }

  private static func set(
    _ origin: RowOrigin, was: RowOrigin, _ table: String, _ key: String, _ row: Int64, _ db: Database
  ) throws {
    guard origin != was else { return }
    let update = try db.cachedStatement(sql: "UPDATE \(table) SET since = ?, made = ? WHERE \(key) = ?")
    try update.execute(arguments: [Int64(clamping: origin.since), Int64(clamping: origin.made), row])
  }

  private func write(
    _ session: ArchivedSession, _ origin: RowOrigin, _ source: RowSource, _ db: Database, _ month: Month,
    _ counts: inout MonthCounts, _ sums: inout SumsOfBatch
  ) throws {
    let bytes = session.stored
    let sum = bytes.withUnsafeBytes { StoredSession.sum(session.session, $0) }
    let known = try db.cachedStatement(sql: "SELECT sum, since, made FROM session WHERE id = ?")
    if let row = try Row.fetchOne(known, arguments: [session.session.stored]) {
      let had = RowOrigin(storedSince: try row.read(1, as: Int64.self), made: try row.read(2))
      if try row.read(0, as: UInt32.self) == sum {
        // Of the log, it was said again; of elsewhere, whoever knows the entry is right.
        let best = source == .log || (!had.isExact && origin.isExact) ? origin : had
        return try Self.set(best, was: had, "session", "id", session.session.stored, db)
      }
      guard source == .log || origin.made >= had.made else { return }
      if let before = try Self.session(session.session, db, month) { sums.add(before, sign: -1) }
    } else {
      counts.sessions += 1
    }
    let insert = try db.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO session(id, desk, closed_at, opened_at, customer, skill, channel, rating, sum, bytes,
          since, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try insert.execute(arguments: [
      session.session.stored, session.session.desk.rawValue, Int64(clamping: session.closedAt),
      Int64(clamping: session.openedAt), session.customer, session.skill, session.channel, session.rating,
      sum, Data(bytes), Int64(clamping: origin.since), Int64(clamping: origin.made),
    ])
    sums.add(session)
    for person in session.participants { try Self.add(person, session.session, db) }
  }

  /// nil: it is not there.
  static func session(_ session: SessionID, _ db: Database, _ month: Month) throws -> ArchivedSession? {
    let found = try db.cachedStatement(sql: "SELECT id, sum, bytes FROM session WHERE id = ?")
    return try Row.fetchOne(found, arguments: [session.stored]).map { try StoredSession.read($0, month) }
  }

  static func save(_ counts: MonthCounts, stamp: Int64, _ db: Database) throws {
    let fact = try db.cachedStatement(sql: "UPDATE fact SET value = ? WHERE name = ?")
    try fact.execute(arguments: [counts.sessions, "sessions"])
    try fact.execute(arguments: [counts.chunks, "chunks"])
    try fact.execute(arguments: [counts.messages, "messages"])
    try fact.execute(arguments: [counts.text, "text"])
    try fact.execute(arguments: [stamp, "stamp"])
    try fact.execute(arguments: [stamp, "counted_stamp"])
  }
}

extension ArchivedSession {
  var participants: [String] { [Participant.customer(customer)] + agents.map(Participant.staff) }
}
