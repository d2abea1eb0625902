package import Desk
import GRDB

extension ArchiveReader {
  /// The first entries of a desk's audit behind a number, ascending. Whether they fit to each other is not looked at.
  /// - Returns: `isComplete` is false while something is still to be filled, or is elsewhere.
  /// - Throws: `.damaged`
  package func audit(
    of desk: DeskNumber, after number: UInt64, limit: Int
  ) throws(ArchiveError) -> (links: [AuditLink], isComplete: Bool) {
    let contents = try contents()
    var links: [AuditLink] = []
    // Months follow each other as the numbers do.
    for entry in contents.kept where entry.stamp > 0 && links.count < limit {
      let rest = limit - links.count
      links += try file(entry).connection.read { db in
        guard try StoredAudit.isThere(db) else { return [] }
        let rows = try Row.fetchAll(
          db.cachedStatement(
            sql: """
              SELECT desk, number, sum, bytes FROM audit WHERE desk = ? AND number > ? ORDER BY number LIMIT ?
              """), arguments: [desk.rawValue, Int64(clamping: number), rest])
        return try rows.map { try StoredAudit.read($0, entry.month) }
      }
    }
    return (links, contents.isWhole && contents.detached.isEmpty)
  }
}

extension MonthFile {
  /// Reads all entries of audits, and compares each with its checksum, its hash, and the one before it.
  /// - Returns: how many there are.
  /// - Throws: `.damaged`, with the first that does not fit.
  static func checkAudit(_ month: Month, _ db: Database) throws -> Int {
    guard try StoredAudit.isThere(db) else { return 0 }
    var count = 0
    var last: AuditLink?
    let rows = try Row.fetchCursor(
      db, sql: "SELECT desk, number, sum, bytes FROM audit ORDER BY desk, number")
    while let row = try rows.next() {
      let link = try StoredAudit.read(row, month)
      let follows =
        last.map { last in
          last.desk != link.desk || last.entry.number + 1 != link.entry.number || last.hash == link.previous
        } ?? true
      guard link.isSound, follows else {
        throw ArchiveError(
          .damaged, month,
          "Entry \(link.entry.number) of the audit of desk \(link.desk) does not fit to the one before it in "
            + "\(month).sqlite: one of them was changed. The month has to be set aside and filled again.")
      }
      (count, last) = (count + 1, link)
    }
    return count
  }
}
