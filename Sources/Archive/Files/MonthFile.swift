import Desk
import GRDB
import Kernel

/// The file of a month: chunks of messages by the time of their last message, closed sessions by the time of closing.
///
/// A chunk's row number rises with the time of its last message, so that the newest row is the newest chunk whenever it was
/// written; a row of `words` has the number of its chunk. `participant` says who was in a session, for searches of one person.
/// `day` has the sums of the sessions, for reports. `audit` has what desks' staff has done, by the time of that.
struct MonthFile {
  let month: Month
  let connection: Connection
  private let path: String
  /// The file that was opened, whatever has its name by now.
  private let identity: FileIdentity?

  /// - Parameters:
  ///   - made: rows of a file that does not say so were made by an entry up to this one.
  ///   - archive: which one it is to be of; nil: that is looked at elsewhere. A file that says nothing of it is taken.
  init(
    writing folder: ArchiveFolder, _ month: Month, mostPages: Int?, made: UInt64, of archive: Int64?
  ) throws(ArchiveError) {
    self.month = month
    path = folder.file(month)
    connection = try Connection(
      folder.file(month), month, Connection.Options(cacheKiB: 8_192, mostPages: mostPages))
    identity = FileIdentity(path)
    try connection.migrate(Self.migrator(month, made: Int64(clamping: made)))
    try checkIdentity()
    if let archive { try check(archive: archive) }
    try prepareSums()
    try StoredAudit.prepare(connection)
  }

  init(reading folder: ArchiveFolder, _ month: Month) throws(ArchiveError) {
    self.month = month
    path = folder.file(month)
    connection = try Connection(
      folder.file(month), month, Connection.Options(isReadOnly: true, cacheKiB: 2_048))
    identity = FileIdentity(path)
    try checkIdentity()
  }

  private static func migrator(_ month: Month, made: Int64) -> DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { db in
      try db.execute(
        sql: """
          CREATE TABLE fact(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
          INSERT INTO fact VALUES ('stamp', 0), ('sessions', 0), ('chunks', 0), ('messages', 0), ('text', 0);
          CREATE TABLE chunk(row INTEGER PRIMARY KEY, session INTEGER NOT NULL, number INTEGER NOT NULL,
            last_time INTEGER NOT NULL, count INTEGER NOT NULL, text INTEGER NOT NULL, sum INTEGER NOT NULL,
            bytes BLOB NOT NULL);
          CREATE INDEX chunk_of_session ON chunk(session, number, last_time);
          CREATE TABLE session(id INTEGER PRIMARY KEY, desk INTEGER NOT NULL, closed_at INTEGER NOT NULL,
            opened_at INTEGER NOT NULL, customer TEXT NOT NULL, skill TEXT NOT NULL, channel TEXT NOT NULL,
            rating INTEGER, sum INTEGER NOT NULL, bytes BLOB NOT NULL);
          CREATE INDEX session_by_time ON session(desk, closed_at);
          CREATE INDEX session_of_customer ON session(desk, customer, closed_at);
          CREATE TABLE participant(person TEXT NOT NULL, session INTEGER NOT NULL, PRIMARY KEY(person, session))
            WITHOUT ROWID;
          CREATE VIRTUAL TABLE words USING fts5(tokens, content='', detail=none, tokenize='ascii');
          """)
      try db.execute(sql: "INSERT INTO fact VALUES ('month', ?)", arguments: [month.description])
      try db.execute(sql: "INSERT INTO fact VALUES ('tokens', ?)", arguments: [Tokens.version])
    }
    migrator.registerMigration("2") { db in
      // A default changes no row that is there, however many there are.
      try db.execute(
        sql: """
          ALTER TABLE chunk ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
          ALTER TABLE chunk ADD COLUMN made INTEGER NOT NULL DEFAULT \(made);
          ALTER TABLE session ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
          ALTER TABLE session ADD COLUMN made INTEGER NOT NULL DEFAULT \(made);
          CREATE INDEX chunk_by_entry ON chunk(made, session, number) WHERE since = made;
          CREATE INDEX chunk_by_entries ON chunk(made, session, number) WHERE since < made;
          CREATE INDEX session_by_entry ON session(made) WHERE since = made;
          CREATE INDEX session_by_entries ON session(made) WHERE since < made;
          """)
    }
    return migrator
  }

  /// It is the file of that month, and its index is made by the rules that are known here.
  private func checkIdentity() throws(ArchiveError) {
    let (name, tokens) = try connection.read { db in
      (
        try String.fetchOne(db, sql: "SELECT value FROM fact WHERE name = 'month'"),
        try Int.fetchOne(db, sql: "SELECT value FROM fact WHERE name = 'tokens'")
      )
    }
    guard name == month.description else {
      throw ArchiveError(
        .damaged, month,
        "\(connection.path) is the file of \(name ?? "no month"). It has to be set aside and filled again.")
    }
    guard tokens == Tokens.version else {
      throw ArchiveError(
        .damaged, month,
        "\(connection.path) has an index of version \(tokens ?? 0), and this program has \(Tokens.version). "
          + "It has to be set aside and filled again.")
    }
  }

  /// Nobody has taken the file away or put another one in its place.
  var isThere: Bool { identity != nil && FileIdentity(path) == identity }

  func stamp() throws(ArchiveError) -> Int64 {
    try connection.read { try Int64.fetchOne($0, sql: "SELECT value FROM fact WHERE name = 'stamp'") ?? 0 }
  }

  /// No session in it was opened by a later log entry.
  func highest() throws(ArchiveError) -> Int64 {
    try connection.read { db in
      var highest: Int64 = 0
      let ids = try Int64.fetchCursor(
        db, sql: "SELECT DISTINCT session FROM chunk UNION SELECT id FROM session")
      while let id = try ids.next() { highest = max(highest, Int64(SessionID(stored: id).logIndex)) }
      return highest
    }
  }

  /// sessions, chunks, messages, bytes of text
  func counts(_ db: Database) throws -> MonthCounts {
    var counts = MonthCounts()
    for row in try Row.fetchAll(db.cachedStatement(sql: "SELECT name, value FROM fact")) {
      switch try row.read(0, as: String.self) {
      case "sessions": counts.sessions = try row.read(1)
      case "chunks": counts.chunks = try row.read(1)
      case "messages": counts.messages = try row.read(1)
      case "text": counts.text = try row.read(1)
      default: continue
      }
    }
    return counts
  }

  func close() { connection.close() }
}

struct MonthCounts: Hashable {
  var sessions = 0
  var chunks = 0
  var messages = 0
  /// Bytes of the bodies.
  var text = 0
}

extension SessionID {
  /// SQLite's numbers have a sign; within one desk the order is the same.
  init(stored: Int64) { self.init(rawValue: UInt64(bitPattern: stored)) }
  var stored: Int64 { Int64(bitPattern: rawValue) }
}

extension DeskNumber {
  /// Of the ids of its sessions, as they are stored.
  var stored: ClosedRange<Int64> {
    Int64(bitPattern: sessions.lowerBound)...Int64(bitPattern: sessions.upperBound)
  }
}
