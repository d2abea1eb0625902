import Desk
import GRDB

/// The sums of days once more, from the rows of sessions alone: what the kept ones are checked with.
struct RecountedSums {
  private var days: [DayOfDesk: ReportSums] = [:]

  mutating func add(_ session: ArchivedSession) {
    let place = DayOfDesk(desk: session.session.desk.rawValue, day: session.reportDay)
    for (_, sums) in session.reportSums { days[place, default: ReportSums()].add(sums) }
  }

  /// By days: which names are kept apart depends on which came first. What is not counted yet is not compared.
  func isWhatIsKept(_ db: Database) throws -> Bool {
    guard try SumsOfBatch.counted(db) == .max else { return true }
    var kept: [DayOfDesk: ReportSums] = [:]
    let desks = try Int64.fetchAll(db, sql: "SELECT DISTINCT desk FROM day")
    for number in desks {
      guard let desk = UInt16(exactly: number) else { throw DamagedRow() }
      let rows = try Row.fetchCursor(
        db, sql: "SELECT day, other, agent, skill, channel, sum, sums FROM day WHERE desk = ?",
        arguments: [number])
      while let row = try rows.next() {
        let (stored, sums) = try StoredSums.read(row, desk: desk)
        kept[stored.place, default: ReportSums()].add(sums)
      }
    }
    return kept == days.filter { !$0.value.isZero }
  }
}
