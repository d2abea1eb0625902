import Desk

/// What a batch has for one month.
struct RowsOfMonth {
  var chunks: [ArchivedChunk] = []
  var sessions: [ArchivedSession] = []
  /// Who was in sessions that have chunks here, as it is known from rows of later months.
  var participants: [(person: String, session: SessionID)] = []
}
