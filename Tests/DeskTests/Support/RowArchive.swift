import Kernel

@testable import Desk

/// What rows say, kept in memory.
struct RowArchive: ArchiveReading {
  private var chunks: [SessionID: [UInt32: ArchivedChunk]] = [:]
  private var sessions: [SessionID: ArchivedSession] = [:]
  private var isComplete = true

  mutating func take(_ row: ArchiveRow) {
    switch row {
    case .chunk(let chunk, _): chunks[chunk.session, default: [:]][chunk.number] = chunk
    case .session(let session, _): sessions[session.session] = session
    case .deskDeleted, .customerErased, .monthsDropped, .audit: break
    }
  }

  /// What lies in earlier months goes, as an archive does it.
  mutating func dropMonths(before month: UInt32) {
    for session in chunks.keys {
      chunks[session] = chunks[session]?.filter {
        CalendarDay(milliseconds: $0.value.lastTime).monthNumber >= month
      }
    }
    sessions = sessions.filter { CalendarDay(milliseconds: $0.value.closedAt).monthNumber >= month }
  }

  /// From here on it misses something, and knows it.
  mutating func beginGap() { isComplete = false }

  mutating func drop(chunksFrom first: UInt32) {
    for session in chunks.keys { chunks[session] = chunks[session]?.filter { $0.key < first } }
    isComplete = false
  }

  func words(_ text: String) throws(Failure) -> ModelArchive.AnyWords { throw .noArchive }
  func found(
    _ words: ModelArchive.AnyWords, in scope: SearchScope, after cursor: SearchCursor?, limit: Int
  ) throws(Failure) -> SearchPage { throw .noArchive }
  func listed(
    _ filter: ArchivedSessionFilter, before: ArchivedSessionCursor?, limit: Int
  ) throws(Failure) -> ArchivedSessionPage { throw .noArchive }
  func report(_ question: ReportQuestion) throws(Failure) -> ArchivedReport { throw .noArchive }
  func audit(
    of desk: DeskNumber, after number: UInt64, limit: Int
  ) throws(Failure) -> (links: [AuditLink], isComplete: Bool) { throw .noArchive }
  func session(_ id: SessionID) throws(Failure) -> ArchivedSession? { sessions[id] }

  func page(
    _ id: SessionID, _ range: TranscriptRange, limit: Int, bytes: Int
  ) throws(Failure) -> (page: TranscriptPage, isComplete: Bool) {
    let all = (chunks[id] ?? [:]).values.sorted { $0.number < $1.number }.flatMap(\.messages).filter {
      message in
      switch range {
      case .after(let sequence): message.sequence > sequence
      case .before(let sequence): message.sequence < sequence
      case .since(let time): message.time >= time
      }
    }
    var (some, size) = ([Message](), 0)
    for message in range.isBackwards ? all.reversed() : all {
      size += message.body.count + TranscriptPage.overhead
      guard some.count < limit, size <= bytes || some.isEmpty else { break }
      some.append(message)
    }
    return (
      TranscriptPage(of: range.isBackwards ? some.reversed() : some, more: some.count < all.count), isComplete
    )
  }
}
