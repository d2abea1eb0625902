package import Desk

package struct ArchiveFigures: Hashable, Sendable {
  package struct OfMonth: Hashable, Sendable {
    package var month: Month
    package var state: MonthState
    package var sessions: Int
    package var chunks: Int
    package var messages: Int
    /// Of the bodies of its messages.
    package var textBytes: Int
    /// On disk, with what SQLite keeps beside the file.
    package var fileBytes: Int
  }
  /// It has all that was applied up to here.
  package var completeIndex: UInt64
  /// It has to be filled from a whole state.
  package var needsWhole: Bool
  /// What it misses, and other archives may have.
  package var gaps: ArchiveGaps
  /// Ascending.
  package var months: [OfMonth]

  package var sessions: Int { months.reduce(0) { $0 + $1.sessions } }
  package var messages: Int { months.reduce(0) { $0 + $1.messages } }
  package var fileBytes: Int { months.reduce(0) { $0 + $1.fileBytes } }
}

package enum MonthState: Int, Hashable, Sendable {
  case kept = 0
  /// On purpose: what belongs there is not written any more.
  case dropped = 1
  /// Its file was moved elsewhere, and can be attached again. No catalogue says so in the place of a state: see `Catalogue.Detachment`.
  case detached = 2
}
