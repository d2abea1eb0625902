package import Desk
import Kernel

extension ArchiveWriter {
  /// Rows of another archive. Those that are there already change nothing.
  /// - Parameter filled: with this page the rows of these entries are all there; nil: nothing is claimed.
  /// - Throws: `ArchiveError`: nothing more is claimed than before. `.refused`: a row is not what its checksum says.
  ///   `.needsWhole`: a file was lost since the page was asked for; it is to be asked for anew.
  package func write(_ page: ArchiveRowPage, filling filled: ArchiveGap?) throws(ArchiveError) {
    guard !needsWhole else {
      throw ArchiveError(.needsWhole, nil, "The archive has lost a file. A whole state has to come first.")
    }
    var rows: [ArchiveRow] = []
    var next = contents
    for deletion in page.deletions where deletion.index > next.deletions[deletion.desk.rawValue] ?? 0 {
      try remove(deletion.desk, before: deletion.index, &next)
    }
    // The other archive may not have heard yet that a desk was deleted.
    for row in page.rows where !row.isGone(by: { next.deletions[$0.rawValue] ?? 0 }) {
      rows.append(try ArchiveRow(row))
    }
    try write(rows, from: .elsewhere, &next)
    if let filled { next.gaps.remove(filled) }
    try save(next)
  }
}

extension ArchiveRow {
  /// - Throws: `.refused`
  package init(_ row: StoredArchiveRow) throws(ArchiveError) {
    switch row.key {
    case .chunk(let session, let number):
      guard row.bytes.withUnsafeBytes({ StoredChunk.sum(session, number, $0) }) == row.sum,
        let chunk = try? ArchivedChunk(session: session, number: number, row.bytes)
      else { throw .refused(row) }
      self = .chunk(chunk, row.origin)
    case .session(let session):
      guard row.bytes.withUnsafeBytes({ StoredSession.sum(session, $0) }) == row.sum,
        let record = try? ArchivedSession(stored: row.bytes), record.session == session
      else { throw .refused(row) }
      self = .session(record, row.origin)
    case .audit(let desk, let number):
      guard row.bytes.withUnsafeBytes({ StoredAudit.sum(desk, number, $0) }) == row.sum,
        let link = try? AuditLink(desk: desk, row.bytes), link.entry.number == number
      else { throw .refused(row) }
      self = .audit(link, row.origin)
    }
  }
}

extension ArchiveRowKey {
  /// For people.
  var about: String {
    switch self {
    case .chunk(let session, _), .session(let session): "session \(session)"
    case .audit(let desk, let number): "the audit of desk \(desk), number \(number),"
    }
  }
}

extension ArchiveError {
  fileprivate static func refused(_ row: StoredArchiveRow) -> ArchiveError {
    ArchiveError(
      .refused, nil,
      "A row of \(row.key.about) that another node has sent is not what its checksum says. It is asked for "
        + "again, of another one.")
  }
}
