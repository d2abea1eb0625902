package import Desk
import GRDB
import Kernel

extension ArchiveReader {
  /// Rows that are looked at for one page at the most.
  static let mostSessionRows = 5_000
  package static let mostSessions = 200

  /// - Parameter limit: `mostSessions` at the most.
  package func sessions(
    _ filter: ArchivedSessionFilter, before cursor: ArchivedSessionCursor? = nil, limit: Int
  ) throws(ArchiveError) -> ArchivedSessionPage {
    let contents = try contents()
    var page = ArchivedSessionPage(sessions: [], next: nil, isComplete: contents.isWhole)
    var rest = Self.mostSessionRows
    // A session is opened before it is closed.
    let first = max(filter.closed?.lowerBound ?? 0, filter.opened?.lowerBound ?? 0)
    let bounds = first..<max(filter.closed?.upperBound ?? UInt64(Int64.max), first)
    let isThere = contents.detached.keys.allSatisfy { month in
      month.next.start <= bounds.lowerBound || month.start >= bounds.upperBound
        || cursor.map { month > Month(ms: $0.closedAt) } ?? false
    }
    page.isComplete = page.isComplete && isThere
    for entry in contents.kept.reversed() where entry.stamp > 0 {
      guard entry.month.next.start > bounds.lowerBound, entry.month.start < bounds.upperBound else { continue }
      if let cursor, entry.month > Month(ms: cursor.closedAt) { continue }
      let goesOn = try file(entry).connection.read { db in
        try Self.add(
          filter, bounds, cursor, min(max(limit, 1), Self.mostSessions), entry.month, db, &rest, to: &page)
      }
      if !goesOn { break }
    }
    return page
  }

  /// - Returns: false: the page is at its end, and says where the next one begins.
  private static func add(
    _ filter: ArchivedSessionFilter, _ bounds: Range<UInt64>, _ cursor: ArchivedSessionCursor?, _ limit: Int,
    _ month: Month, _ db: Database, _ rest: inout Int, to page: inout ArchivedSessionPage
  ) throws -> Bool {
    let statement = try db.cachedStatement(
      sql: """
        SELECT id, sum, bytes, closed_at, opened_at, skill, channel, rating FROM session
        WHERE desk = :desk\(filter.customer == nil ? "" : " AND customer = :customer")
        AND closed_at >= :low AND closed_at < :high AND (closed_at, id) < (:cursor, :session)
        ORDER BY closed_at DESC, id DESC
        """)
    var arguments: StatementArguments = [
      "desk": filter.desk.rawValue, "low": Int64(clamping: bounds.lowerBound),
      "high": Int64(clamping: bounds.upperBound), "cursor": Int64(clamping: cursor?.closedAt ?? .max),
      "session": cursor?.session.stored ?? .max,
    ]
    if let customer = filter.customer { arguments += ["customer": customer] }
    let rows = try Row.fetchCursor(statement, arguments: arguments)
    while let row = try rows.next() {
      rest -= 1
      let place = ArchivedSessionCursor(
        closedAt: UInt64(clamping: try row.read(3, as: Int64.self)), session: SessionID(stored: try row.read(0))
      )
      if try filter.mayBe(row, db) {
        let session = try StoredSession.read(row, month)
        // The columns are there to find it; what counts is the record, which has a checksum.
        if filter.has(session) { page.sessions.append(session) }
      }
      guard page.sessions.count < limit, rest > 0 else {
        page.next = place
        return false
      }
    }
    return true
  }
}

extension ArchivedSessionFilter {
  /// By the columns and the table of participants.
  fileprivate func mayBe(_ row: Row, _ db: Database) throws -> Bool {
    if let opened, !opened.contains(UInt64(clamping: try row.read(4, as: Int64.self))) { return false }
    if let skill, !(try row.read(5, as: String.self)).hasSameBytes(as: skill) { return false }
    if let channel, !(try row.read(6, as: String.self)).hasSameBytes(as: channel) { return false }
    if let rating {
      guard let given = UInt32.fromDatabaseValue(row[7] as DatabaseValue), rating.contains(given) else {
        return false
      }
    }
    guard let agent else { return true }
    let was = try db.cachedStatement(sql: "SELECT 1 FROM participant WHERE person = ? AND session = ?")
    return try Bool.fetchOne(was, arguments: [Participant.staff(agent), try row.read(0, as: Int64.self)])
      ?? false
  }

  /// Whether a session is one of those that are asked for.
  func has(_ session: ArchivedSession) -> Bool {
    guard session.session.desk == desk else { return false }
    if let customer, !session.customer.hasSameBytes(as: customer) { return false }
    if let agent, !session.agents.contains(where: { $0.hasSameBytes(as: agent) }) { return false }
    if let skill, !session.skill.hasSameBytes(as: skill) { return false }
    if let channel, !session.channel.hasSameBytes(as: channel) { return false }
    if let rating, !(session.rating.map(rating.contains) ?? false) { return false }
    if let opened, !opened.contains(session.openedAt) { return false }
    if let closed, !closed.contains(session.closedAt) { return false }
    return true
  }
}
