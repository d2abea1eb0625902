import Desk
import Foundation
import GRDB
import Kernel

/// A small file that says what the archive has: how far it is complete, and which months there are.
struct Catalogue {
  struct Entry: Hashable {
    var month: Month
    var state = MonthState.kept
    /// Rises each time that the month begins anew with an empty file.
    var generation = 1
    /// Of the last batch that was written into it. A file that has a lower one is an old copy.
    var stamp: Int64 = 0
    /// No session in it was opened by a later log entry.
    var highest: Int64 = 0
  }

  let connection: Connection

  init(_ path: String, isReadOnly: Bool = false, keepsLog: Bool = true) throws(ArchiveError) {
    connection = try Connection(
      path, nil, Connection.Options(isReadOnly: isReadOnly, cacheKiB: 256, keepsLog: keepsLog))
    guard !isReadOnly else { return }
    try connection.migrate(Self.migrator)
    try prepareErasures()
    try prepareIdentity()
    try prepareSum()
  }

  /// No migration: a file with one that it does not know is not opened by the release before, to which a node may be taken back
  /// while its cluster is upgraded. Nobody is erased then.
  private func prepareErasures() throws(ArchiveError) {
    guard try !connection.read({ try $0.tableExists("erasure") }) else { return }
    try connection.write { db in
      try db.execute(
        sql: """
          CREATE TABLE erasure(mark BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
          CREATE TABLE erased_session(id INTEGER PRIMARY KEY);
          """)
    }
  }

  /// A fact like the others, which the release before passes over.
  private func prepareIdentity() throws(ArchiveError) {
    guard
      try connection.read({ try Int64.fetchOne($0, sql: "SELECT value FROM fact WHERE name = 'archive'") })
        == nil
    else { return }
    try connection.write { db in
      try db.execute(sql: "INSERT INTO fact VALUES ('archive', ?)", arguments: [Self.newIdentity()])
    }
  }

  static func newIdentity() -> Int64 { Int64.random(in: 1...Int64.max) }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { db in
      try db.execute(
        sql: """
          CREATE TABLE fact(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
          INSERT INTO fact VALUES ('complete', 0), ('needs_whole', 0), ('stamp', 0);
          CREATE TABLE month(name TEXT PRIMARY KEY, state INTEGER NOT NULL, generation INTEGER NOT NULL,
            stamp INTEGER NOT NULL, highest INTEGER NOT NULL) WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("2") { db in
      try db.execute(
        sql: """
          CREATE TABLE gap(month INTEGER, after INTEGER NOT NULL, up_to INTEGER NOT NULL);
          CREATE TABLE deletion(desk INTEGER PRIMARY KEY, at INTEGER NOT NULL);
          """)
    }
    return migrator
  }

  struct Contents {
    /// Which archive it is. The files of its months say the same, so that none of another node, or of an earlier life of this one,
    /// is taken for one of them, and no journal of one either: each transaction writes the page that has it. 0: a file of a
    /// release that knew of none, open for reading.
    var identity: Int64 = 0
    var completeIndex: UInt64 = 0
    var needsWhole = false
    var stamp: Int64 = 0
    /// All months before this one are dropped, those too that have no entry; months since January of the year 0. A fact like the
    /// others, which the release before passes over: no migration.
    var droppedBefore: UInt32 = 0
    /// Ascending.
    var months: [Entry] = []
    /// What other archives have and this one not, as far as is known.
    var gaps = ArchiveGaps()
    /// By the number of the desk: the entry that has deleted the last one of that number.
    var deletions: [UInt16: UInt64] = [:]
    /// Months whose file is elsewhere. What has come for them since is in a file of its own in the folder.
    var detached: [Month: Detachment] = [:]
    /// The entry that has erased all of a customer.
    var erasures: [ErasureMark: UInt64] = [:]
    /// Sessions that were erased since the catalogue was saved; the others are in it alone.
    var erasedSessions: [Int64] = []

    /// Nothing is missing up to `completeIndex`.
    var isWhole: Bool { !needsWhole && gaps.isEmpty }

    func entry(_ month: Month) -> Entry? { months.first { $0.month == month } }
    var kept: [Entry] { months.filter { $0.state == .kept } }

    /// Takes the place of what was there of that month.
    mutating func set(_ entry: Entry) {
      if let place = months.firstIndex(where: { $0.month >= entry.month }) {
        if months[place].month == entry.month { months[place] = entry } else { months.insert(entry, at: place) }
      } else {
        months.append(entry)
      }
    }
  }

  /// What is known of a month whose file is elsewhere.
  struct Detachment: Hashable {
    /// Its rows of the entries up to here are in that file.
    var upTo: UInt64
    /// No session in that file was opened by a later log entry.
    var highest: Int64
    /// Stands in that file as well: no other one is taken for it.
    var token: Int64
  }

  func contents() throws(ArchiveError) -> Contents {
    try connection.read { db in
      var contents = Contents()
      var sum: Int64?
      for row in try Row.fetchAll(db.cachedStatement(sql: "SELECT name, value FROM fact")) {
        let value: Int64 = try row.read(1)
        switch try row.read(0, as: String.self) {
        case "archive": contents.identity = value
        case "sum": sum = value
        case "complete": contents.completeIndex = UInt64(bitPattern: value)
        case "needs_whole": contents.needsWhole = value != 0
        case "stamp": contents.stamp = value
        case "dropped_before": contents.droppedBefore = UInt32(clamping: value)
        default: continue
        }
      }
      let months = try db.cachedStatement(
        sql: "SELECT name, state, generation, stamp, highest FROM month ORDER BY name")
      for row in try Row.fetchAll(months) {
        guard let month = Month(name: try row.read(0, as: String.self)),
          let state = MonthState(rawValue: try row.read(1))
        else {
          throw ArchiveError(.damaged, nil, "The catalogue of the archive has a month that is none.")
        }
        contents.months.append(
          Entry(
            month: month, state: state, generation: try row.read(2), stamp: try row.read(3),
            highest: try row.read(4)))
      }
      try Self.readGaps(db, &contents)
      try Self.readDetached(db, &contents)
      try Self.readErasures(db, &contents)
      try Self.check(contents, sum)
      return contents
    }
  }

  private static func readGaps(_ db: Database, _ contents: inout Contents) throws {
    // The file may be one of a release that knew of none, and be open for reading alone.
    guard try db.tableExists("gap") else { return }
    for row in try Row.fetchAll(db.cachedStatement(sql: "SELECT month, after, up_to FROM gap")) {
      let month = UInt32.fromDatabaseValue(row[0] as DatabaseValue)
      let (after, upTo): (Int64, Int64) = (try row.read(1), try row.read(2))
      contents.gaps.add(
        ArchiveGap(month: month, after: UInt64(bitPattern: after), upTo: UInt64(bitPattern: upTo)))
    }
    for row in try Row.fetchAll(db.cachedStatement(sql: "SELECT desk, at FROM deletion")) {
      contents.deletions[try row.read(0)] = UInt64(bitPattern: try row.read(1, as: Int64.self))
    }
  }

  private static func readErasures(_ db: Database, _ contents: inout Contents) throws {
    guard try db.tableExists("erasure") else { return }
    for row in try Row.fetchAll(db.cachedStatement(sql: "SELECT mark, at FROM erasure")) {
      guard let mark = ErasureMark(bytes: Array(try row.read(0, as: Data.self))) else {
        throw ArchiveError(.damaged, nil, "The catalogue of the archive has an erasure that is none.")
      }
      contents.erasures[mark] = UInt64(bitPattern: try row.read(1, as: Int64.self))
    }
  }

  func isErased(_ session: SessionID) throws(ArchiveError) -> Bool {
    try connection.read { db in
      let found = try db.cachedStatement(sql: "SELECT 1 FROM erased_session WHERE id = ?")
      return try Int.fetchOne(found, arguments: [session.stored]) != nil
    }
  }

  private static func save(
    _ erasures: [ErasureMark: UInt64], was: [ErasureMark: UInt64], _ db: Database
  ) throws {
    for mark in was.keys where erasures[mark] == nil {
      try db.cachedStatement(sql: "DELETE FROM erasure WHERE mark = ?").execute(arguments: [Data(mark.bytes)])
    }
    for (mark, index) in erasures where was[mark] != index {
      try db.cachedStatement(sql: "INSERT OR REPLACE INTO erasure VALUES (?, ?)").execute(
        arguments: [Data(mark.bytes), Int64(bitPattern: index)])
    }
  }

  /// All of it or nothing; on disk when it returns.
  func save(_ contents: Contents, was: Contents) throws(ArchiveError) {
    try connection.write { db in
      let fact = try db.cachedStatement(sql: "UPDATE fact SET value = ? WHERE name = ?")
      try fact.execute(arguments: [Int64(bitPattern: contents.completeIndex), "complete"])
      try fact.execute(arguments: [contents.needsWhole, "needs_whole"])
      try fact.execute(arguments: [contents.stamp, "stamp"])
      if contents.identity != was.identity {
        try fact.execute(arguments: [contents.identity, "archive"])
      }
      if contents.droppedBefore != was.droppedBefore {
        try db.execute(
          sql: "INSERT OR REPLACE INTO fact VALUES ('dropped_before', ?)", arguments: [contents.droppedBefore])
      }
      for entry in contents.months where was.entry(entry.month) != entry {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO month VALUES (?, ?, ?, ?, ?)").execute(arguments: [
          entry.month.description, entry.state.rawValue, entry.generation, entry.stamp, entry.highest,
        ])
      }
      if contents.gaps != was.gaps {
        try db.execute(sql: "DELETE FROM gap")
        for gap in contents.gaps.list {
          try db.execute(
            sql: "INSERT INTO gap VALUES (?, ?, ?)",
            arguments: [gap.month, Int64(bitPattern: gap.after), Int64(bitPattern: gap.upTo)])
        }
      }
      if contents.erasures != was.erasures { try Self.save(contents.erasures, was: was.erasures, db) }
      if contents.deletions.count < was.deletions.count { try db.execute(sql: "DELETE FROM deletion") }
      for session in contents.erasedSessions {
        try db.cachedStatement(sql: "INSERT OR IGNORE INTO erased_session VALUES (?)").execute(
          arguments: [session])
      }
      for (desk, index) in contents.deletions
      where was.deletions[desk] != index || contents.deletions.count < was.deletions.count {
        try db.execute(
          sql: "INSERT OR REPLACE INTO deletion VALUES (?, ?)", arguments: [desk, Int64(bitPattern: index)])
      }
      if contents.detached != was.detached { try Self.save(contents.detached, db) }
      try Self.save(sumOf: contents, db)
    }
  }
}
