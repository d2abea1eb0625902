import Desk
import Kernel

/// Which rows go with a month. The files that a simulated archive loses are others: what is tried there is the loss, here the
/// calendar.
extension ArchiveRow {
  /// Months since January of the year 0; nil: it is no row of a month.
  var month: UInt32? {
    switch self {
    case .chunk(let chunk, _): CalendarDay(milliseconds: chunk.lastTime).monthNumber
    case .session(let session, _): CalendarDay(milliseconds: session.closedAt).monthNumber
    case .audit(let link, _): CalendarDay(milliseconds: link.entry.time).monthNumber
    case .deskDeleted, .customerErased, .monthsDropped: nil
    }
  }
}

extension SimulatedArchive {
  /// Those that have a row in an earlier month.
  func sessions(before border: UInt32) -> [SessionID] {
    rows.filter { key, kept in kept.month(of: key).map { $0 < border } ?? false }.map(\.key.session).sorted()
  }
}

extension SimulatedArchive.Kept {
  func month(of key: SimulatedArchive.Key) -> UInt32? {
    if let number = key.chunk {
      return (try? ArchivedChunk(session: key.session, number: number, bytes))
        .flatMap { ArchiveRow.chunk($0, origin).month }
    }
    return (try? ArchivedSession(stored: bytes)).flatMap { ArchiveRow.session($0, origin).month }
  }
}
