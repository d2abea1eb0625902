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
    for row in page.rows { rows.append(try ArchiveRow(row)) }
    var next = contents
    for deletion in page.deletions where deletion.index > next.deletions[deletion.desk.rawValue] ?? 0 {
      try remove(deletion.desk, before: deletion.index, &next)
    }
    // The other archive may not have heard yet that a desk was deleted.
    let deletions = next.deletions
    rows.removeAll { row in
      guard let session = row.session else { return false }
      return session.logIndex < deletions[session.desk.rawValue] ?? 0
    }
    try write(rows, from: .elsewhere, &next)
    if let filled { next.gaps.remove(filled) }
    try save(next)
  }
}

extension ArchiveRow {
  fileprivate var session: SessionID? {
    switch self {
    case .chunk(let chunk, _): chunk.session
    case .session(let session, _): session.session
    case .deskDeleted, .customerErased, .monthsDropped: nil
    }
  }

  /// - Throws: `.refused`
  package init(_ row: StoredArchiveRow) throws(ArchiveError) {
    if let number = row.chunk {
      guard row.bytes.withUnsafeBytes({ StoredChunk.sum(row.session, number, $0) }) == row.sum,
        let chunk = try? ArchivedChunk(session: row.session, number: number, row.bytes)
      else { throw .refused(row) }
      self = .chunk(chunk, row.origin)
    } else {
      guard row.bytes.withUnsafeBytes({ StoredSession.sum(row.session, $0) }) == row.sum,
        let record = try? ArchivedSession.fields.decode(row.bytes), record.session == row.session
      else { throw .refused(row) }
      self = .session(record, row.origin)
    }
  }
}

extension ArchiveError {
  fileprivate static func refused(_ row: StoredArchiveRow) -> ArchiveError {
    ArchiveError(
      .refused, nil,
      "A row of session \(row.session) that another node has sent is not what its checksum says. It is asked for "
        + "again, of another one.")
  }
}
