import Desk
import GRDB

/// Months that were written before there were sums are counted afterwards, part by part, while nothing else is to be done.
extension MonthWriting {
  /// The next sessions of a month, by their ids.
  /// - Returns: whether all of them are in the sums now.
  mutating func countSome(_ most: Int, of file: MonthFile) throws(ArchiveError) -> Bool {
    let month = file.month
    return try file.connection.write { db in
      let counted = try SumsOfBatch.counted(db)
      guard counted < .max else { return true }
      let some = try db.cachedStatement(
        sql: "SELECT id, sum, bytes FROM session WHERE id > ? ORDER BY id LIMIT ?")
      let rows = try Row.fetchAll(some, arguments: [counted, most])
      let last = rows.count < most ? Int64.max : try rows.last?.read(0) ?? .max
      var sums = SumsOfBatch(counted: last, mostNames: mostNames)
      for row in rows { sums.add(try StoredSession.read(row, month)) }
      try SumsOfBatch.setCounted(last, db)
      return try sums.save(db) && last == .max
    }
  }
}

extension ArchiveWriter {
  /// Sessions that one transaction counts: some ten milliseconds of work.
  package static let mostCounted = 1_000

  /// There are sessions that are in no sums yet.
  package var hasUncounted: Bool { !writing.uncounted.isEmpty }

  /// Counts a part of them, those of the newest month first. To be called again while `hasUncounted`.
  package func countSome() throws(ArchiveError) {
    guard let month = writing.uncounted.max() else { return }
    guard contents.entry(month)?.state == .kept else {
      writing.uncounted.remove(month)
      return
    }
    if try writing.countSome(Self.mostCounted, of: try file(month)) { writing.uncounted.remove(month) }
  }
}
