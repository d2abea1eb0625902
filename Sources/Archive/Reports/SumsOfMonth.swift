import GRDB

/// How far the sums of a month are those of its rows.
///
/// The table is no migration: a file with one that it does not know is not opened by the release before this one, and a node
/// may be taken back to that while its cluster is upgraded. What such a release has written meanwhile is not in the sums, and
/// shows: `counted_stamp` is not the stamp of the file then.
extension MonthFile {
  func prepareSums() throws(ArchiveError) {
    let (isThere, isCurrent) = try connection.read { db in
      let stamps = try Int64.fetchAll(
        db, sql: "SELECT value FROM fact WHERE name IN ('stamp', 'counted_stamp')")
      return (try db.tableExists("day"), stamps.count == 2 && stamps[0] == stamps[1])
    }
    guard !isThere || !isCurrent else { return }
    try connection.write { db in
      try db.execute(sql: isThere ? "DELETE FROM day" : StoredSums.table)
      // What is there already is counted part by part: a month can have very many.
      let isEmpty = try Int.fetchOne(db, sql: "SELECT 1 FROM session LIMIT 1") == nil
      try SumsOfBatch.setCounted(isEmpty ? .max : .min, db)
      try db.execute(
        sql: """
          INSERT OR REPLACE INTO fact SELECT 'counted_stamp', value FROM fact WHERE name = 'stamp'
          """)
    }
  }

  /// All its sessions are in the sums of their days.
  func isCounted() throws(ArchiveError) -> Bool {
    try connection.read { try SumsOfBatch.counted($0) == .max }
  }
}
