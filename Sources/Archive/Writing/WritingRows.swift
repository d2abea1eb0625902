package import Desk
import GRDB
import Kernel

extension ArchiveWriter {
  /// Bytes of rows that go into one transaction.
  private static let mostBytes = 16 << 20

  /// What the log has given since `completeIndex`, in its order. Rows that are there already change nothing.
  /// - Throws: `ArchiveError`: nothing more is claimed than before, and the same can be written again. `.needsWhole`: there is a
  ///   gap, which rows of the log do not fill.
  package func write(_ rows: [ArchiveRow], upTo index: UInt64) throws(ArchiveError) {
    guard !needsWhole else {
      throw ArchiveError(.needsWhole, nil, "The archive has a gap. It has to be filled from a whole state.")
    }
    var next = contents
    try write(rows, from: .log, &next)
    try claim(index, &next)
  }

  /// Everything that a state has, and rows of the log around it. These come first: none is of an entry behind the state, and where
  /// a snapshot of the leader has taken the place of entries between them, the state is newer.
  /// - Parameter whole: says which gaps there are then.
  package func fill(
    _ whole: ArchiveWhole, then rows: [ArchiveRow], upTo index: UInt64
  ) throws(ArchiveError) {
    var next = contents
    next.drop(before: whole.droppedBefore)
    try write(rows, from: .log, &next)
    var some: [ArchiveRow] = []
    var bytes = 0
    do {
      try whole.forEachRow { row in
        some.append(row)
        bytes += row.bytes
        guard bytes >= Self.mostBytes else { return }
        try write(some, from: .elsewhere, &next)
        (some, bytes) = ([], 0)
      }
    } catch { throw ArchiveError(error, nil, file: folder.path) }
    try write(some, from: .elsewhere, &next)
    try removeDesks(without: whole.desks, &next)
    try erase(whole.erasures, &next)
    next.needsWhole = false
    if whole.isAll { next.gaps.removeAll() }
    if let missing = whole.missing { next.gaps.add(missing) }
    try claim(index, &next)
  }

  private func claim(_ index: UInt64, _ next: inout Catalogue.Contents) throws(ArchiveError) {
    next.completeIndex = max(next.completeIndex, index)
    guard
      next.completeIndex != contents.completeIndex || next.stamp != contents.stamp
        || next.needsWhole != contents.needsWhole || next.gaps != contents.gaps
        || next.deletions != contents.deletions || next.erasures != contents.erasures
        || next.droppedBefore != contents.droppedBefore
    else { return }
    try save(next)
  }

  /// - Parameter next: what the catalogue is to say of it, once all is written.
  func write(
    _ rows: [ArchiveRow], from source: RowSource, _ next: inout Catalogue.Contents
  ) throws(ArchiveError) {
    var rows = rows
    if !next.erasures.isEmpty {
      var kept: [ArchiveRow] = []
      try erase(try withoutErased(rows, next, &kept), &next)
      rows = kept
    }
    var batch: [Month: RowsOfMonth] = [:]
    var erased: [ErasedCustomer] = []
    var bytes = 0
    for row in rows {
      switch row {
      case .chunk(let chunk, let origin):
        let month = Month(ms: chunk.lastTime)
        batch[month, default: RowsOfMonth()].chunks.append((chunk, origin))
        let opened = Month(ms: chunk.openedAt)
        if opened < month {
          let people = Set(chunk.speakers.map(Participant.name)).sorted()
          tell(people, of: chunk.session, from: opened, before: month, next, &batch)
        }
      case .session(let session, let origin):
        let month = Month(ms: session.closedAt)
        batch[month, default: RowsOfMonth()].sessions.append((session, origin))
        let opened = Month(ms: session.openedAt)
        tell(session.participants, of: session.session, from: opened, before: month, next, &batch)
      case .audit(let link, let origin):
        batch[Month(ms: link.entry.time), default: RowsOfMonth()].audits.append((link, origin))
      case .deskDeleted(let desk, let index):
        try write(&batch, source, &next)
        try remove(desk, before: index, &next)
      case .customerErased(let customer):
        erased.append(customer)
      case .monthsDropped(let month):
        next.drop(before: month)
      }
      bytes += row.bytes
      if bytes >= Self.mostBytes {
        try write(&batch, source, &next)
        bytes = 0
      }
    }
    try write(&batch, source, &next)
    try erase(erased, &next)
  }

  /// Earlier months that may have chunks of a session learn who else was in it.
  private func tell(
    _ people: [String], of session: SessionID, from first: Month, before last: Month,
    _ known: Catalogue.Contents,
    _ batch: inout [Month: RowsOfMonth]
  ) {
    guard first < last else { return }
    for month in known.kept.map(\.month) + batch.keys where month >= first && month < last {
      batch[month, default: RowsOfMonth()].participants += people.map { ($0, session) }
    }
  }

  private func write(
    _ batch: inout [Month: RowsOfMonth], _ source: RowSource, _ next: inout Catalogue.Contents
  ) throws(ArchiveError) {
    for (month, rows) in batch.sorted(by: { $0.key < $1.key }) where !next.isDropped(month) {
      var entry = next.entry(month) ?? Catalogue.Entry(month: month)
      guard entry.state == .kept else { continue }
      var rows = rows
      // They are in the file that is elsewhere: after a crash the log makes them once more.
      if let detached = next.detached[month], rows.leaveOut(upTo: detached.upTo) { continue }
      next.stamp += 1
      entry.stamp = next.stamp
      let ids = rows.chunks.map(\.chunk.session.logIndex) + rows.sessions.map(\.session.session.logIndex)
      entry.highest = max(entry.highest, Int64(ids.max() ?? 0))
      try writing.write(rows, from: source, into: try file(month), stamp: next.stamp)
      next.set(entry)
    }
    batch = [:]
  }

  /// All sessions of a desk that is deleted.
  func remove(
    _ desk: DeskNumber, before index: UInt64, _ next: inout Catalogue.Contents
  ) throws(ArchiveError) {
    next.deletions[desk.rawValue] = max(next.deletions[desk.rawValue] ?? 0, index)
    for entry in next.kept {
      let found = try MonthWriting.sessions(in: desk.stored, of: try file(entry.month))
      try remove(found.filter { $0.logIndex < index }, from: entry, &next)
      try removeAudit(
        where: "desk = ? AND made < ?", [desk.rawValue, Int64(clamping: index)], from: entry, &next)
    }
  }

  /// Sessions of desks that are gone, of whose deletion the archive may have heard nothing.
  private func removeDesks(
    without kept: Set<DeskNumber>, _ next: inout Catalogue.Contents
  ) throws(ArchiveError) {
    for entry in next.kept {
      let file = try file(entry.month)
      let main = DeskNumber.main.stored
      let above = try MonthWriting.sessions(in: (main.upperBound + 1)...Int64.max, of: file)
      let negative = try MonthWriting.sessions(in: Int64.min...(main.lowerBound - 1), of: file)
      try remove((above + negative).filter { !kept.contains($0.desk) }, from: entry, &next)
      let numbers = kept.map { "\($0.rawValue)" }.sorted().joined(separator: ",")
      try removeAudit(where: "desk NOT IN (\(numbers))", [], from: entry, &next)
    }
  }

  private func removeAudit(
    where condition: String, _ arguments: StatementArguments, from entry: Catalogue.Entry,
    _ next: inout Catalogue.Contents
  ) throws(ArchiveError) {
    guard next.entry(entry.month)?.stamp ?? 0 > 0 else { return }
    _ = try MonthWriting.removeAudit(where: condition, arguments, from: try file(entry.month))
  }

  func remove(
    _ sessions: [SessionID], from entry: Catalogue.Entry, _ next: inout Catalogue.Contents
  ) throws(ArchiveError) {
    guard !sessions.isEmpty else { return }
    next.stamp += 1
    var entry = entry
    entry.stamp = next.stamp
    try writing.remove(sessions, from: try file(entry.month), stamp: next.stamp)
    next.set(entry)
  }
}
