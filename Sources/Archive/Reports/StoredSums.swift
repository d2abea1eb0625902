import Desk
import Foundation
import GRDB
import Kernel

/// The days of a desk.
struct DayOfDesk: Hashable, Comparable {
  let desk: UInt16
  let day: ReportDay

  static func < (left: DayOfDesk, right: DayOfDesk) -> Bool {
    left.desk != right.desk ? left.desk < right.desk : left.day < right.day
  }
}

/// A row of the table `day`: sums of one day, with a checksum over them and their key. Names are kept as bytes.
struct StoredSums {
  let place: DayOfDesk
  let key: ReportKey
  /// It has all that has no row of its own; its names are empty then.
  let isOther: Bool

  static let table = """
    CREATE TABLE day(desk INTEGER NOT NULL, day INTEGER NOT NULL, other INTEGER NOT NULL, agent BLOB NOT NULL,
      skill BLOB NOT NULL, channel BLOB NOT NULL, sum INTEGER NOT NULL, sums BLOB NOT NULL,
      PRIMARY KEY(desk, day, other, agent, skill, channel)) WITHOUT ROWID;
    """

  init(_ place: DayOfDesk, _ key: ReportKey) { (self.place, self.key, isOther) = (place, key, false) }

  init(otherOf place: DayOfDesk) {
    (self.place, key, isOther) = (place, ReportKey(agent: "", skill: "", channel: ""), true)
  }

  private static let whereKey = "desk = ? AND day = ? AND other = ? AND agent = ? AND skill = ? AND channel = ?"

  private var arguments: [any DatabaseValueConvertible] {
    [
      Int64(place.desk), Int64(place.day), isOther, Self.data(key.agent), Self.data(key.skill),
      Self.data(key.channel),
    ]
  }

  private static func data(_ name: TextKey) -> Data { Data(name.text.utf8) }

  /// nil: there is no such row.
  /// - Throws: `DamagedRow`
  func read(_ db: Database) throws -> ReportSums? {
    let found = try db.cachedStatement(
      sql: "SELECT day, other, agent, skill, channel, sum, sums FROM day WHERE \(Self.whereKey)")
    guard let row = try Row.fetchOne(found, arguments: StatementArguments(arguments)) else { return nil }
    return try Self.read(row, desk: place.desk).sums
  }

  /// - Parameter row: day, other, agent, skill, channel, sum, sums.
  /// - Throws: `DamagedRow`
  static func read(_ row: Row, desk: UInt16) throws -> (row: StoredSums, sums: ReportSums) {
    func name(_ column: Int) throws -> String {
      String(decoding: try row.read(column, as: Data.self), as: UTF8.self)
    }
    let place = DayOfDesk(desk: desk, day: try row.read(0))
    let key = ReportKey(agent: try name(2), skill: try name(3), channel: try name(4))
    let stored = try row.read(1, as: Bool.self) ? StoredSums(otherOf: place) : StoredSums(place, key)
    let bytes: Data = try row.read(6)
    guard bytes.withUnsafeBytes({ stored.sum($0) }) == (try row.read(5, as: UInt32.self)),
      let sums = try? ReportSums(Array(bytes))
    else { throw DamagedRow() }
    return (stored, sums)
  }

  func write(_ sums: ReportSums, _ db: Database) throws {
    let bytes = sums.encoded()
    let insert = try db.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO day(desk, day, other, agent, skill, channel, sum, sums)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try insert.execute(
      arguments: StatementArguments(arguments + [bytes.withUnsafeBytes { sum($0) }, Data(bytes)]))
  }

  func remove(_ db: Database) throws {
    try db.cachedStatement(sql: "DELETE FROM day WHERE \(Self.whereKey)").execute(
      arguments: StatementArguments(arguments))
  }

  /// Rows of a day that have names.
  static func count(_ place: DayOfDesk, _ db: Database) throws -> Int {
    let count = try db.cachedStatement(sql: "SELECT count(*) FROM day WHERE desk = ? AND day = ? AND other = 0")
    return try Int.fetchOne(count, arguments: [Int64(place.desk), Int64(place.day)]) ?? 0
  }

  private func sum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var writer = ByteWriter()
    writer.writeVarint(UInt64(place.desk))
    writer.writeVarint(UInt64(place.day))
    writer.write(UInt8(isOther ? 1 : 0))
    for name in [key.agent, key.skill, key.channel] { writer.write(string: name.text) }
    return CRC32C.checksum(bytes, continuing: CRC32C.checksum(writer.bytes))
  }
}
