package import Desk
import GRDB
import Kernel

extension ArchiveWriter {
  /// All rows of customers go, and what was set aside with them. Of several at once each file is put in order once.
  func erase(_ customers: [ErasedCustomer], _ next: inout Catalogue.Contents) throws(ArchiveError) {
    guard !customers.isEmpty else { return }
    for customer in customers { next.note(customer.mark, at: customer.index) }
    var named: [Month: [SessionID]] = [:]
    for entry in next.kept {
      let file = try file(entry.month)
      for customer in customers {
        named[entry.month, default: []] += try MonthWriting.sessions(of: customer.customer, in: file).filter {
          $0.desk == customer.desk && $0.logIndex < customer.index
        }
      }
    }
    try eraseAll(named, &next)
  }

  /// The same where only marks are known: of erasures that happened while nothing was given to this archive. Each month is looked
  /// through, which takes seconds for each million of sessions.
  func erase(
    _ entries: [ErasureLedger.Entry], _ next: inout Catalogue.Contents
  ) throws(ArchiveError) {
    let new = entries.filter { next.erasures[$0.mark] ?? 0 < $0.index }
    guard !new.isEmpty else { return }
    for entry in new { next.note(entry.mark, at: entry.index) }
    var named: [Month: [SessionID]] = [:]
    for entry in next.kept {
      named[entry.month] = try MonthWriting.erased(by: next, in: try file(entry.month))
    }
    try eraseAll(named, &next)
  }

  /// - Parameter named: by the month that names their customers.
  private func eraseAll(
    _ named: [Month: [SessionID]], _ next: inout Catalogue.Contents
  ) throws(ArchiveError) {
    let beside = try eraseBeside(by: next)
    try erase(beside.union(named.values.joined()), named: named, &next)
    try eraseBeside(next.erasedSessions.map(SessionID.init(stored:)))
    try folder.removeSetAside()
    try folder.removeEarlier()
  }

  /// The same for an archive that begins with a state from a backup.
  package func erase(_ entries: [ErasureLedger.Entry]) throws(ArchiveError) {
    var next = contents
    try erase(entries, &next)
    try save(next)
  }

  /// They are remembered: a chunk of one of them may come later, and say nothing of whose it is.
  /// - Parameter named: months may know who was in a session of which they have no row.
  func erase(
    _ sessions: Set<SessionID>, named: [Month: [SessionID]] = [:], _ next: inout Catalogue.Contents
  ) throws(ArchiveError) {
    guard !sessions.isEmpty else { return }
    let ids = sessions.sorted()
    for entry in next.kept {
      let here = Set(try MonthWriting.present(ids, in: try file(entry.month)) + (named[entry.month] ?? []))
      try remove(here.sorted(), from: entry, &next)
    }
    next.erasedSessions += ids.map(\.stored)
  }

  /// Takes out of rows what is of sessions that were erased.
  /// - Returns: those of which something may have been written before it was known whose they are.
  func withoutErased(
    _ rows: [ArchiveRow], _ known: Catalogue.Contents, _ kept: inout [ArchiveRow]
  ) throws(ArchiveError) -> Set<SessionID> {
    var gone: Set<SessionID> = []
    for row in rows {
      switch row {
      case .chunk(let chunk, _):
        let isErased = chunk.customers.contains { known.hasErased($0, in: chunk.session) }
        guard !isErased, !known.erasedSessions.contains(chunk.session.stored),
          try !catalogue.isErased(chunk.session)
        else { continue }
        kept.append(row)
      case .session(let session, _):
        if known.hasErased(session.customer, in: session.session) {
          gone.insert(session.session)
        } else {
          kept.append(row)
        }
      case .deskDeleted, .customerErased, .monthsDropped, .audit: kept.append(row)
      }
    }
    return gone
  }
}

extension Catalogue.Contents {
  mutating func note(_ mark: ErasureMark, at index: UInt64) {
    erasures[mark] = max(erasures[mark] ?? 0, index)
  }

  /// Whether that session of the customer is to be nowhere any more.
  func hasErased(_ customer: String, in session: SessionID) -> Bool {
    guard let index = erasures[ErasureMark(desk: session.desk, customer: customer)] else { return false }
    return session.logIndex < index
  }
}

extension MonthWriting {
  /// Sessions in which the customer was, as far as this month knows.
  static func sessions(of customer: String, in file: MonthFile) throws(ArchiveError) -> [SessionID] {
    try file.connection.read { db in
      let ids = try Int64.fetchAll(
        db.cachedStatement(sql: "SELECT session FROM participant WHERE person = ?"),
        arguments: [Participant.customer(customer)])
      return ids.map(SessionID.init(stored:))
    }
  }

  /// Those of the sessions that have a row in this month.
  static func present(_ sessions: [SessionID], in file: MonthFile) throws(ArchiveError) -> [SessionID] {
    try file.connection.read { db in
      let any = try db.cachedStatement(
        sql: """
          SELECT 1 WHERE EXISTS (SELECT 1 FROM session WHERE id = ?1)
            OR EXISTS (SELECT 1 FROM chunk WHERE session = ?1)
          """)
      return try sessions.filter { try Int.fetchOne(any, arguments: [$0.stored]) != nil }
    }
  }

  /// Sessions of customers who were erased, told by their marks.
  static func erased(by contents: Catalogue.Contents, in file: MonthFile) throws(ArchiveError) -> [SessionID] {
    try file.connection.read { db in
      var found: [SessionID] = []
      let all = try Row.fetchCursor(
        db, sql: "SELECT person, session FROM participant WHERE person >= 'c' AND person < 'd' ORDER BY person")
      var last: (person: String, desk: DeskNumber, index: UInt64?)?
      while let row = try all.next() {
        let person: String = try row.read(0)
        let session = SessionID(stored: try row.read(1))
        if last?.person != person || last?.desk != session.desk {
          let mark = ErasureMark(desk: session.desk, customer: String(person.dropFirst()))
          last = (person, session.desk, contents.erasures[mark])
        }
        if let index = last?.index, session.logIndex < index { found.append(session) }
      }
      return found
    }
  }
}
