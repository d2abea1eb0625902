import Desk
import Protocol

/// What was said, as the real archive gives it. Nobody searches here: that is for the tests of the archive itself.
extension SimulatedArchive: ArchiveReading {
  struct NoWords: SearchWords {
    func hit(in message: Desk.Message, of session: SessionID) -> SearchHit? { nil }
  }

  func words(_ text: String) throws(Failure) -> NoWords { throw .noArchive }

  func found(
    _ words: NoWords, in scope: SearchScope, after cursor: SearchCursor?, limit: Int
  ) throws(Failure) -> SearchPage {
    throw .noArchive
  }

  func listed(
    _ filter: ArchivedSessionFilter, before: ArchivedSessionCursor?, limit: Int
  ) throws(Failure) -> ArchivedSessionPage {
    throw .noArchive
  }

  func report(_ question: ReportQuestion) throws(Failure) -> ArchivedReport { throw .noArchive }

  func audit(
    of desk: DeskNumber, after number: UInt64, limit: Int
  ) throws(Failure) -> (links: [AuditLink], isComplete: Bool) {
    let own = audits.values.map(\.link).filter { $0.desk == desk && $0.entry.number > number }
    let links = own.sorted { $0.entry.number < $1.entry.number }.prefix(limit)
    return (Array(links), !isWriting && gaps.list.isEmpty && !needsWhole)
  }

  func session(_ id: SessionID) throws(Failure) -> ArchivedSession? {
    rows[Key(session: id, chunk: nil)].flatMap { try? ArchivedSession(stored: $0.bytes) }
  }

  /// What was said in a session, as far as it is here.
  func messages(of session: SessionID) -> [Desk.Message] {
    rows.filter { $0.key.session == session && $0.key.chunk != nil }
      .sorted { ($0.key.chunk ?? 0) < ($1.key.chunk ?? 0) }
      .flatMap { key, kept in
        (try? ArchivedChunk(session: session, number: key.chunk ?? 0, kept.bytes))?.messages ?? []
      }
  }

  func page(
    _ id: SessionID, _ range: TranscriptRange, limit: Int, bytes: Int
  ) throws(Failure) -> (page: TranscriptPage, isComplete: Bool) {
    let all = messages(of: id).filter { message in
      switch range {
      case .after(let sequence): message.sequence > sequence
      case .before(let sequence): message.sequence < sequence
      case .since(let time): message.time >= time
      }
    }
    let some = range.isBackwards ? Array(all.suffix(limit)) : Array(all.prefix(limit))
    let isComplete = !isWriting && gaps.list.isEmpty
    // A hole is never passed over while it may be filled.
    let isWhole = zip(some, some.dropFirst()).allSatisfy { $0.sequence.rawValue + 1 == $1.sequence.rawValue }
    guard isWhole || isComplete else { throw .notInArchive }
    return (TranscriptPage(of: some, more: some.count < all.count), isComplete)
  }
}
