import Desk
import GRDB

/// What the sessions of one transaction add to the sums of their days, and take out: the sums are a function of the rows of
/// sessions, and change with them or not at all.
///
/// A day of a desk keeps so many names apart; what comes beyond them is in one row. As long as there is that row, no name gets one
/// of its own: so all sessions of a name are in one place, from which they can be taken out.
struct SumsOfBatch {
  /// Combinations of agent, skill and channel that a day of a desk keeps apart.
  static let mostNames = 10_000

  /// The sums do not have what is to be taken out of them.
  private struct Mismatch: Error {}

  /// Sessions with higher ids are not in the sums yet: see `MonthWriting.countSome`.
  private let counted: Int64
  private let mostNames: Int
  private var days: [DayOfDesk: [ReportKey: ReportSums]] = [:]

  init(_ db: Database, mostNames: Int = Self.mostNames) throws {
    self.init(counted: try Self.counted(db), mostNames: mostNames)
  }

  init(counted: Int64, mostNames: Int = Self.mostNames) {
    (self.counted, self.mostNames) = (counted, mostNames)
  }

  /// The highest id that is in the sums, of what is there; `Int64.max`: all are.
  static func counted(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(db.cachedStatement(sql: "SELECT value FROM fact WHERE name = 'counted'")) ?? .min
  }

  static func setCounted(_ id: Int64, _ db: Database) throws {
    try db.cachedStatement(sql: "INSERT OR REPLACE INTO fact VALUES ('counted', ?)").execute(arguments: [id])
  }

  /// - Parameter sign: 1, or -1: its row goes.
  mutating func add(_ session: ArchivedSession, sign: Int64 = 1) {
    guard session.session.stored <= counted else { return }
    let place = DayOfDesk(desk: session.session.desk.rawValue, day: session.reportDay)
    for (key, sums) in session.reportSums {
      days[place, default: [:]][key, default: ReportSums()].add(sums, sign: sign)
    }
  }

  /// - Returns: false: the sums of the month were not those of its rows. They were thrown away, and it has to be counted anew.
  func save(_ db: Database) throws -> Bool {
    do {
      for (place, names) in days.sorted(by: { $0.key < $1.key }) {
        try save(names.filter { !$0.value.isZero }.sorted { $0.key < $1.key }, of: place, db)
      }
      return true
    } catch is Mismatch {
      try db.execute(sql: "DELETE FROM day")
      try Self.setCounted(.min, db)
      return false
    }
  }

  private func save(
    _ changes: [(key: ReportKey, value: ReportSums)], of place: DayOfDesk, _ db: Database
  ) throws {
    var count: Int?
    for (key, change) in changes {
      let own = StoredSums(place, key)
      if let sums = try own.read(db) {
        if try !set(own, to: sums, changedBy: change, db) { count = count.map { $0 - 1 } }
        continue
      }
      let other = StoredSums(otherOf: place)
      if let sums = try other.read(db) {
        _ = try set(other, to: sums, changedBy: change, db)
        continue
      }
      let before = try count ?? StoredSums.count(place, db)
      count = before
      let isRoom = before < mostNames
      if try set(isRoom ? own : other, to: ReportSums(), changedBy: change, db), isRoom { count = before + 1 }
    }
  }

  /// - Returns: whether there is a row now.
  private func set(
    _ row: StoredSums, to was: ReportSums, changedBy change: ReportSums, _ db: Database
  ) throws -> Bool {
    var sums = was
    sums.add(change)
    if sums.isBelowZero { throw Mismatch() }
    guard !sums.isZero else {
      try row.remove(db)
      return false
    }
    try row.write(sums, db)
    return true
  }
}
