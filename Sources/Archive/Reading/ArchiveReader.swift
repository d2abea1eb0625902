package import Desk

/// Reads an archive while another thread writes it. One thread's; its connections are its own.
package final class ArchiveReader {
  /// A part of what was said in a session, as `Session.page` gives it, over all its chunks here. What is not in the archive yet
  /// is not in it: `more` says only whether the archive has more.
  package func page(
    _ session: SessionID, _ range: TranscriptRange, limit: Int, bytes: Int = .max
  ) throws(ArchiveError) -> TranscriptPage { TranscriptPage(of: [], more: false) }

  /// nil: it is not in the archive, or not over.
  package func session(_ session: SessionID) throws(ArchiveError) -> ArchivedSession? { nil }

  package func sessions(
    _ filter: ArchivedSessionFilter, before: ArchivedSessionCursor? = nil, limit: Int
  ) throws(ArchiveError) -> ArchivedSessionPage { ArchivedSessionPage(sessions: [], next: nil) }

  /// - Parameter text: what somebody has typed; nothing in it has a meaning but a `*` behind three letters or more.
  package func search(
    _ text: String, in scope: SearchScope, after cursor: SearchCursor? = nil, limit: Int
  ) throws(ArchiveError) -> SearchPage { SearchPage(hits: [], next: nil) }

  package func figures() throws(ArchiveError) -> ArchiveFigures {
    ArchiveFigures(completeIndex: 0, needsWhole: true, months: [])
  }
}
