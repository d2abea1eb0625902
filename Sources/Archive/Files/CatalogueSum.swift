import Desk
import GRDB
import Kernel

/// A checksum over what the catalogue says, since SQLite has none: a flipped bit in a number is a number. It is a fact like the
/// others, which the release before passes over; where that one writes, a trigger says that the sum is not known.
extension Catalogue {
  func prepareSum() throws(ArchiveError) {
    let isThere = try connection.read { db in
      try Bool.fetchOne(db, sql: "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = 'sum_unknown'")
    }
    guard isThere != true else { return }
    try connection.write { db in
      try db.execute(
        sql: """
          INSERT OR IGNORE INTO fact VALUES ('sum', 0);
          CREATE TRIGGER sum_unknown AFTER UPDATE ON fact WHEN new.name = 'complete'
            BEGIN UPDATE fact SET value = 0 WHERE name = 'sum'; END
          """)
    }
  }

  /// - Parameter sum: as it stands there; nil or 0: it is not known.
  static func check(_ contents: Contents, _ sum: Int64?) throws(ArchiveError) {
    guard let sum, sum != 0, sum != contents.sum else { return }
    throw ArchiveError(.damaged, nil, "The catalogue of the archive is not what was written into it.")
  }

  /// The last thing that is written with them.
  static func save(sumOf contents: Contents, _ db: Database) throws {
    try db.cachedStatement(sql: "UPDATE fact SET value = ? WHERE name = 'sum'").execute(arguments: [
      contents.sum
    ])
  }
}

extension Catalogue.Contents {
  /// Over all but who was erased, which can be much, and of which the state has the most part. Never 0.
  var sum: Int64 {
    var sum: UInt32 = 0
    func mix(_ numbers: UInt64...) {
      for number in numbers { sum = CRC32C.checksum(number, continuing: sum) }
    }
    mix(
      UInt64(bitPattern: identity), completeIndex, needsWhole ? 1 : 0, UInt64(bitPattern: stamp),
      UInt64(droppedBefore))
    for entry in months {
      mix(
        UInt64(bitPattern: Int64(entry.month.number)), UInt64(bitPattern: Int64(entry.state.rawValue)),
        UInt64(bitPattern: Int64(entry.generation)), UInt64(bitPattern: entry.stamp),
        UInt64(bitPattern: entry.highest))
    }
    mix(UInt64(gaps.list.count))
    for gap in gaps.list { mix(UInt64(gap.month ?? .max), gap.after, gap.upTo) }
    for (desk, index) in deletions.sorted(by: { $0.key < $1.key }) { mix(UInt64(desk), index) }
    for (month, one) in detached.sorted(by: { $0.key < $1.key }) {
      mix(
        UInt64(bitPattern: Int64(month.number)), one.upTo, UInt64(bitPattern: one.highest),
        UInt64(bitPattern: one.token))
    }
    return Int64(sum) | 1 << 32
  }
}
