import Desk
import GRDB
import Kernel

extension ArchiveReader {
  /// Over all that is in the archive, whatever way it came: two archives that have the same have the same one.
  /// - Throws: `.damaged`
  package func hash() throws(ArchiveError) -> UInt64 {
    var hash: UInt64 = 0
    func mix(_ session: SessionID, _ number: UInt64, _ bytes: [UInt8]) {
      let key = CRC32C.checksum(number, continuing: CRC32C.checksum(session.rawValue, continuing: 0))
      let row = UInt64(CRC32C.checksum(bytes)) << 32 | UInt64(key)
      // Their order does not count.
      hash &+= (row ^ row >> 29) &* 0x9E37_79B9_7F4A_7C15
    }
    for entry in try contents().kept where entry.stamp > 0 {
      try file(entry).connection.read { db in
        let chunks = try Row.fetchCursor(db, sql: "SELECT session, number, sum, bytes FROM chunk")
        while let row = try chunks.next() {
          let chunk = try StoredChunk.read(row, entry.month)
          // A chunk may have been taken with people who spoke later.
          let plain = ArchivedChunk(of: chunk.messages, in: chunk.session, openedAt: chunk.openedAt) ?? chunk
          mix(chunk.session, UInt64(chunk.number), plain.encoded())
        }
        let sessions = try Row.fetchCursor(db, sql: "SELECT id, sum, bytes FROM session")
        while let row = try sessions.next() {
          let session = try StoredSession.read(row, entry.month)
          mix(session.session, .max, session.stored)
        }
        guard try StoredAudit.isThere(db) else { return }
        let audits = try Row.fetchCursor(db, sql: "SELECT desk, number, sum, bytes FROM audit")
        while let row = try audits.next() {
          let link = try StoredAudit.read(row, entry.month)
          // No session has such an id.
          mix(SessionID(rawValue: UInt64(link.desk.rawValue)), link.entry.number, link.encoded())
        }
      }
    }
    return hash
  }

  /// Reads all that a month has and compares it with its checksums: about a gigabyte in ten seconds.
  /// - Returns: how many rows it looked at. A month that is not there or was dropped has none.
  /// - Throws: `.damaged`, with the first thing that is not as it was written.
  package func check(_ month: Month) throws(ArchiveError) -> Int {
    try check(month, Interruption())
  }

  func check(_ month: Month, _ end: Interruption) throws(ArchiveError) -> Int {
    guard let entry = try contents().entry(month), entry.state == .kept, entry.stamp > 0 else { return 0 }
    return try file(entry).check(end)
  }

  /// Reads all of the catalogue.
  func checkCatalogue() throws(ArchiveError) {
    let said = try catalogue.connection.read { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") }
    guard said == "ok" else {
      throw ArchiveError(
        .damaged, nil,
        "SQLite says of the catalogue of the archive: \(said ?? "nothing"). Start the node again: it keeps the catalogue aside, "
          + "makes a new one, and compares all with the state and with other nodes.")
    }
  }
}

extension MonthFile {
  /// See `ArchiveReader.check`.
  func check(_ end: Interruption = Interruption()) throws(ArchiveError) -> Int {
    try end.during(connection) { () throws(ArchiveError) in try checkAll(end) }
  }

  private func checkAll(_ end: Interruption) throws(ArchiveError) -> Int {
    try connection.read { db in
      let said = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)")
      guard said == "ok" else {
        throw ArchiveError(
          .damaged, month,
          "SQLite says of \(month).sqlite: \(said ?? "nothing"). The month has to be set aside and filled again."
        )
      }
      let counts = try counts(db)
      var found = MonthCounts()
      let chunks = try Row.fetchCursor(db, sql: "SELECT session, number, sum, bytes FROM chunk ORDER BY row")
      while let row = try chunks.next() {
        try end.check()
        let chunk = try StoredChunk.read(row, month)
        found.chunks += 1
        found.messages += chunk.count
        found.text += chunk.messages.reduce(0) { $0 + $1.body.count }
      }
      var sums = RecountedSums()
      let sessions = try Row.fetchCursor(db, sql: "SELECT id, sum, bytes FROM session ORDER BY id")
      while let row = try sessions.next() {
        try end.check()
        sums.add(try StoredSession.read(row, month))
        found.sessions += 1
      }
      guard found == counts else {
        throw ArchiveError(
          .damaged, month,
          "\(month).sqlite has \(found.chunks) chunks and \(found.sessions) sessions, and says that it has "
            + "\(counts.chunks) and \(counts.sessions). The month has to be set aside and filled again.")
      }
      guard try sums.isWhatIsKept(db) else {
        throw ArchiveError(
          .damaged, month,
          "The sums of days of \(month).sqlite are not those of its sessions. The month has to be set aside and filled again."
        )
      }
      try Self.checkIndex(month, db)
      return counts.chunks + counts.sessions + (try Self.checkAudit(month, db))
    }
  }

  /// The index has each chunk, and no other.
  private static func checkIndex(_ month: Month, _ db: Database) throws {
    let unlike = try Int64.fetchOne(
      db,
      sql: """
        SELECT (SELECT count(*) FROM (SELECT row FROM chunk EXCEPT SELECT id FROM words_docsize))
          + (SELECT count(*) FROM (SELECT id FROM words_docsize EXCEPT SELECT row FROM chunk))
        """)
    let desks = try Set(
      Int64.fetchSet(db, sql: "SELECT DISTINCT session FROM chunk").map { SessionID(stored: $0).desk })
    for desk in desks.sorted() {
      let ids = desk.stored
      let chunks = try Int.fetchOne(
        db, sql: "SELECT count(*) FROM chunk WHERE session BETWEEN ? AND ?",
        arguments: [ids.lowerBound, ids.upperBound])
      let indexed = try Int.fetchOne(
        db, sql: "SELECT count(*) FROM words WHERE words MATCH ?",
        arguments: ["\"" + Tokens.facet(MonthWriting.facet(desk)) + "\""])
      guard unlike == 0, chunks == indexed else {
        throw ArchiveError(
          .damaged, month,
          "The index of words of \(month).sqlite has \(indexed ?? 0) chunks of desk \(desk), and there are "
            + "\(chunks ?? 0). The month has to be set aside and filled again.")
      }
    }
  }
}

extension ArchiveWriter {
  /// Lets SQLite check the index of words of a month against itself, which only a connection that writes can.
  /// - Throws: `.damaged`
  package func checkIndex(_ month: Month) throws(ArchiveError) {
    guard let entry = contents.entry(month), entry.state == .kept, entry.stamp > 0 else { return }
    try file(month).connection.write {
      try $0.execute(sql: "INSERT INTO words(words) VALUES ('integrity-check')")
    }
  }
}
