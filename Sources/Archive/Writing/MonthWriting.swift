import Desk
import Foundation
import GRDB
import Kernel

/// Writes rows into the file of a month, in one transaction. Its memory for words is kept from one to the next.
struct MonthWriting {
  private var folded = FoldedText()
  var tokens = Tokens()
  private var numbers = RowNumbers(since: 0)

  /// - Parameter stamp: rises from batch to batch.
  mutating func write(_ rows: RowsOfMonth, into file: MonthFile, stamp: Int64) throws(ArchiveError) {
    try file.connection.write { db in
      var counts = try file.counts(db)
      // Rows of the index are cheap to add in the order of their numbers alone.
      numbers = RowNumbers(since: file.month.start)
      let timed = rows.chunks.map { ($0.lastTime, $0) }.sorted { $0.0 < $1.0 }
      for (time, chunk) in timed { try write(chunk, endedAt: time, db, file.month, &counts) }
      for session in rows.sessions { try write(session, db, &counts) }
      for (person, session) in rows.participants { try Self.add(person, session, db) }
      try Self.save(counts, stamp: stamp, db)
    }
  }

  private mutating func write(
    _ chunk: ArchivedChunk, endedAt time: UInt64, _ db: Database, _ month: Month, _ counts: inout MonthCounts
  ) throws {
    let known = try db.cachedStatement(sql: "SELECT row, count FROM chunk WHERE session = ? AND number = ?")
    if let row = try Row.fetchOne(known, arguments: [chunk.session.stored, chunk.number]) {
      // The same number of messages are the same messages.
      guard try row.read(1, as: Int.self) < chunk.count else { return }
      try remove(row: try row.read(0), db, month, &counts)
    }
    let text = addTokens(of: chunk)
    let bytes = chunk.encoded()
    let sum = bytes.withUnsafeBytes { StoredChunk.sum(chunk.session, chunk.number, $0) }
    let row = try numbers.next(for: time, db)
    try db.cachedStatement(sql: "INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?)").execute(arguments: [
      row, chunk.session.stored, chunk.number, Int64(clamping: time), chunk.count, text, sum,
      Data(bytes),
    ])
    try db.cachedStatement(sql: "INSERT INTO words(rowid, tokens) VALUES (?, ?)").execute(arguments: [
      row, String(decoding: tokens.text, as: UTF8.self),
    ])
    for person in Set(chunk.messages.map { Participant.name($0.sender) }).sorted() {
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
    for message in chunk.messages {
      text += message.body.count
      guard message.kind == .text else { continue }
      folded.fold(message.body)
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

  private func write(_ session: ArchivedSession, _ db: Database, _ counts: inout MonthCounts) throws {
    let bytes = ArchivedSession.fields.encode(session)
    let sum = bytes.withUnsafeBytes { StoredSession.sum(session.session, $0) }
    let known = try db.cachedStatement(sql: "SELECT sum FROM session WHERE id = ?")
    let found = try UInt32.fetchOne(known, arguments: [session.session.stored])
    if found == sum { return }
    if found == nil { counts.sessions += 1 }
    try db.cachedStatement(sql: "INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").execute(
      arguments: [
        session.session.stored, session.session.desk.rawValue, Int64(clamping: session.closedAt),
        Int64(clamping: session.openedAt), session.customer, session.skill, session.channel, session.rating,
        sum,
        Data(bytes),
      ])
    for person in session.participants { try Self.add(person, session.session, db) }
  }

  static func save(_ counts: MonthCounts, stamp: Int64, _ db: Database) throws {
    let fact = try db.cachedStatement(sql: "UPDATE fact SET value = ? WHERE name = ?")
    try fact.execute(arguments: [counts.sessions, "sessions"])
    try fact.execute(arguments: [counts.chunks, "chunks"])
    try fact.execute(arguments: [counts.messages, "messages"])
    try fact.execute(arguments: [counts.text, "text"])
    try fact.execute(arguments: [stamp, "stamp"])
  }
}

extension ArchivedSession {
  var participants: [String] { [Participant.customer(customer)] + agents.map(Participant.staff) }
}
