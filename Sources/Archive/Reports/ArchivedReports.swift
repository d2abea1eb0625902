package import Desk
import GRDB

extension ArchiveReader {
  /// Rows of days that are added up for one report: about a second of work.
  package static let mostReportRows = 100_000

  /// - Returns: nil: it would have to add up more than `mostReportRows`.
  package func report(_ question: ReportQuestion, most: Int = mostReportRows) throws(ArchiveError)
    -> ArchivedReport?
  {
    let contents = try contents()
    var rest = most
    var groups: [ReportGroup: ReportSums] = [:]
    var isComplete = contents.isWhole
    let first = Month(ms: UInt64(question.days.lowerBound) * 86_400_000)
    let last = Month(ms: UInt64(question.days.upperBound) * 86_400_000)
    for entry in contents.kept where entry.stamp > 0 && entry.month >= first && entry.month <= last {
      let isCounted = try file(entry).connection.read { db in
        let counted = try SumsOfBatch.counted(db)
        // A file that only an earlier release has written has no sums at all.
        if counted > .min { try Self.add(question, db, &rest, to: &groups) }
        return counted == .max
      }
      isComplete = isComplete && isCounted
      if rest < 0 { return nil }
    }
    let rows = groups.sorted { $0.key < $1.key }.map { (group: $0.key, sums: $0.value) }
    return ArchivedReport(rows: rows, isComplete: isComplete)
  }

  private static func add(
    _ question: ReportQuestion, _ db: Database, _ rest: inout Int, to groups: inout [ReportGroup: ReportSums]
  ) throws {
    let desk = question.desk.rawValue
    let found = try db.cachedStatement(
      sql: """
        SELECT day, other, agent, skill, channel, sum, sums FROM day WHERE desk = ? AND day >= ? AND day < ?
        """)
    let rows = try Row.fetchCursor(
      found,
      arguments: [Int64(desk), Int64(question.days.lowerBound), Int64(question.days.upperBound)])
    while let row = try rows.next() {
      rest -= 1
      guard rest >= 0 else { return }
      let (stored, sums) = try StoredSums.read(row, desk: desk)
      let group = ReportGroup(
        question.by, day: stored.place.day, key: stored.key, isOther: stored.isOther)
      groups[group, default: ReportSums()].add(sums)
    }
  }
}
