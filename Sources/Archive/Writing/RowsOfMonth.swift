import Desk

/// What a batch has for one month.
struct RowsOfMonth {
  var chunks: [(chunk: ArchivedChunk, origin: RowOrigin)] = []
  var sessions: [(session: ArchivedSession, origin: RowOrigin)] = []
  var audits: [(link: AuditLink, origin: RowOrigin)] = []
  /// Who was in sessions that have chunks here, as it is known from rows of later months.
  var participants: [(person: String, session: SessionID)] = []

  var isEmpty: Bool { chunks.isEmpty && sessions.isEmpty && audits.isEmpty && participants.isEmpty }

  /// What the entries up to there have made.
  /// - Returns: whether nothing is left.
  mutating func leaveOut(upTo index: UInt64) -> Bool {
    chunks.removeAll { $0.origin.made <= index }
    sessions.removeAll { $0.origin.made <= index }
    audits.removeAll { $0.origin.made <= index }
    return isEmpty
  }
}

/// Where rows come from, for what takes the place of what.
enum RowSource {
  /// In the order of the log: the last one stands.
  case log
  /// From a state or another archive: what is newer stands.
  case elsewhere
}

extension RowOrigin {
  init(storedSince since: Int64, made: Int64) {
    self.init(since: UInt64(clamping: since), made: UInt64(clamping: made))
  }

  /// Of the same chunk, with the same messages, from two places: it was made once.
  func narrowed(by other: RowOrigin) -> RowOrigin {
    if isExact { return self }
    if other.isExact { return other }
    let (low, high) = (max(since, other.since), min(made, other.made))
    return low <= high ? RowOrigin(since: low, made: high) : self
  }
}
