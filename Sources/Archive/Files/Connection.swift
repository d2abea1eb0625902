import GRDB

/// An open SQLite file, one thread's. Every call gives its errors as `ArchiveError`.
struct Connection {
  /// nil: the catalogue.
  let month: Month?
  let path: String
  private let queue: DatabaseQueue

  struct Options {
    var isReadOnly = false
    /// Of SQLite's page cache, in KiB: the most memory that the connection keeps.
    var cacheKiB = 2_048
    /// The file never gets larger than so many pages of 4 KiB; nil: than the disk.
    var mostPages: Int?
    /// What is committed goes to a log beside the file first, so that others read it meanwhile. Without it the file is alone.
    var keepsLog = true
  }

  init(_ path: String, _ month: Month?, _ options: Options) throws(ArchiveError) {
    (self.path, self.month) = (path, month)
    var configuration = GRDB.Configuration()
    configuration.readonly = options.isReadOnly
    // Another connection checkpoints: that is short.
    configuration.busyMode = .timeout(10)
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA cache_size = -\(options.cacheKiB)")
      try db.execute(sql: "PRAGMA temp_store = MEMORY")
      try db.execute(sql: "PRAGMA cell_size_check = ON")
      try db.execute(sql: "PRAGMA trusted_schema = OFF")
      guard !options.isReadOnly else { return }
      try db.execute(sql: "PRAGMA journal_mode = \(options.keepsLog ? "WAL" : "DELETE")")
      // What is committed is on the disk: with NORMAL it is so after the next checkpoint only.
      try db.execute(sql: "PRAGMA synchronous = FULL")
      // What is erased is overwritten, not only unlinked.
      try db.execute(sql: "PRAGMA secure_delete = ON")
      try db.execute(sql: "PRAGMA wal_autocheckpoint = 2000")
      if let pages = options.mostPages { try db.execute(sql: "PRAGMA max_page_count = \(pages)") }
    }
    do { queue = try DatabaseQueue(path: path, configuration: configuration) } catch {
      throw ArchiveError(error, month, file: path)
    }
  }

  /// - Parameter body: what it does is done as a whole or not at all.
  func write<Result>(_ body: (Database) throws -> Result) throws(ArchiveError) -> Result {
    try catching {
      try queue.inDatabase { db in
        var result: Result?
        try db.inTransaction(.immediate) {
          result = try body(db)
          return .commit
        }
        guard let result else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
        return result
      }
    }
  }

  /// Sees the file as it is at one moment.
  func read<Result>(_ body: (Database) throws -> Result) throws(ArchiveError) -> Result {
    try catching { try queue.read(body) }
  }

  /// Without a transaction around it.
  func plainly<Result>(_ body: (Database) throws -> Result) throws(ArchiveError) -> Result {
    try catching { try queue.inDatabase(body) }
  }

  func migrate(_ migrator: DatabaseMigrator) throws(ArchiveError) {
    let isNewer = try catching {
      try queue.read { try migrator.hasBeenSuperseded($0) }
    }
    guard !isNewer else {
      throw ArchiveError(
        .unusable, month,
        "\(path) was written by a newer version of this program. Run that one, or a newer one.")
    }
    try catching { try migrator.migrate(queue) }
  }

  /// Puts all that was committed into the file itself and leaves nothing beside it.
  func checkpoint() throws(ArchiveError) {
    try plainly { _ = try $0.checkpoint(.truncate) }
  }

  /// Called by any thread, it lets the statement fail that is under way, and none that comes next.
  var interrupting: @Sendable () -> Void { { [queue] in queue.interrupt() } }

  /// Nothing may be done with it afterwards.
  func close() { try? queue.close() }

  private func catching<Result>(_ body: () throws -> Result) throws(ArchiveError) -> Result {
    do { return try body() } catch { throw ArchiveError(error, month, file: path) }
  }
}
