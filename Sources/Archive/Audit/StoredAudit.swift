import Desk
import Foundation
import GRDB
import Kernel

/// An entry of an audit as a row of the table `audit`: its bytes with a checksum over them and their key. Whether it fits to the
/// entries around it the checksum does not say: whoever can change the row can change the checksum.
enum StoredAudit {
  private static let table = """
    CREATE TABLE audit(desk INTEGER NOT NULL, number INTEGER NOT NULL, sum INTEGER NOT NULL, bytes BLOB NOT NULL,
      since INTEGER NOT NULL, made INTEGER NOT NULL, PRIMARY KEY(desk, number)) WITHOUT ROWID;
    CREATE INDEX audit_by_entry ON audit(made);
    """

  /// No migration: see `Catalogue`. The release before keeps the table as it is.
  static func prepare(_ connection: Connection) throws(ArchiveError) {
    guard try !connection.read({ try isThere($0) }) else { return }
    try connection.write { try $0.execute(sql: table) }
  }

  /// A file that no writer of this release has opened has none.
  static func isThere(_ db: Database) throws -> Bool { try db.tableExists("audit") }

  static func sum(_ desk: DeskNumber, _ number: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    CRC32C.checksum(
      bytes,
      continuing: CRC32C.checksum(
        number, continuing: CRC32C.checksum(UInt64(desk.rawValue), continuing: 0)))
  }

  /// - Parameter row: desk, number, sum, bytes.
  static func read(_ row: Row, _ month: Month) throws -> AuditLink {
    let (desk, number): (Int64, Int64) = (try row.read(0), try row.read(1))
    let (sum, bytes): (UInt32, Data) = (try row.read(2), try row.read(3))
    guard let small = UInt16(exactly: desk), number > 0 else { throw damaged(desk, number, month) }
    guard bytes.withUnsafeBytes({ Self.sum(DeskNumber(small), UInt64(number), $0) }) == sum,
      let link = try? AuditLink(desk: DeskNumber(small), Array(bytes)), link.entry.number == UInt64(number)
    else { throw damaged(desk, number, month) }
    return link
  }

  static func damaged(_ desk: Int64, _ number: Int64, _ month: Month) -> ArchiveError {
    ArchiveError(
      .damaged, month,
      "Entry \(number) of the audit of desk \(desk) is not what was written into \(month).sqlite. The month has to be "
        + "set aside and filled again.")
  }
}

extension MonthWriting {
  static func write(_ link: AuditLink, _ origin: RowOrigin, _ source: RowSource, _ db: Database) throws {
    let bytes = link.encoded()
    let (desk, number) = (Int64(link.desk.rawValue), Int64(clamping: link.entry.number))
    let known = try db.cachedStatement(
      sql: "SELECT bytes, made FROM audit WHERE desk = ? AND number = ?")
    if let row = try Row.fetchOne(known, arguments: [desk, number]) {
      // The same entry again; or one of another desk that had the number before.
      if Array(try row.read(0, as: Data.self)) == bytes { return }
      let made: Int64 = try row.read(1)
      guard source == .log || Int64(clamping: origin.made) > made else { return }
    }
    let sum = bytes.withUnsafeBytes { StoredAudit.sum(link.desk, link.entry.number, $0) }
    try db.cachedStatement(sql: "INSERT OR REPLACE INTO audit VALUES (?, ?, ?, ?, ?, ?)").execute(arguments: [
      desk, number, sum, Data(bytes), Int64(clamping: origin.since), Int64(clamping: origin.made),
    ])
  }

  /// - Parameter condition: of the columns `desk`, `number` and `made`.
  /// - Returns: how many went.
  static func removeAudit(
    where condition: String, _ arguments: StatementArguments, from file: MonthFile
  ) throws(ArchiveError) -> Int {
    let isAny = try file.connection.read { db in
      try Bool.fetchOne(db, sql: "SELECT 1 FROM audit WHERE \(condition) LIMIT 1", arguments: arguments)
        ?? false
    }
    guard isAny else { return 0 }
    return try file.connection.write { db in
      try db.execute(sql: "DELETE FROM audit WHERE \(condition)", arguments: arguments)
      return db.changesCount
    }
  }
}
