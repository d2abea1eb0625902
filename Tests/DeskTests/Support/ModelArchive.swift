@testable import Desk

/// All that a state has for an archive, in memory. Any words are in any message.
struct ModelArchive: ArchiveReading {
  private var chunks: [ArchivedChunk] = []
  private var sessions: [ArchivedSession] = []

  init(_ state: ReplicatedState) {
    var (chunks, sessions) = ([ArchivedChunk](), [ArchivedSession]())
    state.forEachArchiveRow { row in
      switch row {
      case .chunk(let chunk, _): chunks.append(chunk)
      case .session(let session, _): sessions.append(session)
      case .deskDeleted, .customerErased, .monthsDropped, .audit: break
      }
    }
    (self.chunks, self.sessions) = (chunks, sessions)
  }

  struct AnyWords: SearchWords {
    func hit(in message: Message, of session: SessionID) -> SearchHit? {
      SearchHit(
        session: session, sequence: message.sequence, sender: message.sender, time: message.time,
        snippet: String(decoding: message.body, as: UTF8.self), place: 0..<1)
    }
  }

  func words(_ text: String) throws(Failure) -> AnyWords { AnyWords() }

  func found(
    _ words: AnyWords, in scope: SearchScope, after cursor: SearchCursor?, limit: Int
  ) throws(Failure) -> SearchPage {
    let own = chunks.filter { chunk in
      guard chunk.session.desk == scope.desk else { return false }
      switch scope {
      case .desk: return true
      case .customer(_, let id): return sessions.contains { $0.session == chunk.session && $0.customer == id }
      case .staff(_, let id): return sessions.contains { $0.session == chunk.session && $0.agents.contains(id) }
      }
    }
    let hits = own.flatMap { chunk in chunk.messages.compactMap { words.hit(in: $0, of: chunk.session) } }
    return SearchPage(hits: Array(hits.prefix(limit)), next: nil, isComplete: true)
  }

  func listed(
    _ filter: ArchivedSessionFilter, before: ArchivedSessionCursor?, limit: Int
  ) throws(Failure) -> ArchivedSessionPage {
    let found = sessions.filter { session in
      session.session.desk == filter.desk && filter.customer.map { $0 == session.customer } ?? true
        && filter.agent.map { session.agents.contains($0) } ?? true
    }
    return ArchivedSessionPage(sessions: Array(found.prefix(limit)), next: nil, isComplete: true)
  }

  func report(_ question: ReportQuestion) throws(Failure) -> ArchivedReport {
    var groups: [ReportGroup: ReportSums] = [:]
    for session in sessions
    where session.session.desk == question.desk && question.days.contains(session.reportDay) {
      for (key, sums) in session.reportSums {
        let group = ReportGroup(question.by, day: session.reportDay, key: key, isOther: false)
        groups[group, default: ReportSums()].add(sums)
      }
    }
    return ArchivedReport(
      rows: groups.sorted { $0.key < $1.key }.map { (group: $0.key, sums: $0.value) }, isComplete: true)
  }

  func audit(
    of desk: DeskNumber, after number: UInt64, limit: Int
  ) throws(Failure) -> (links: [AuditLink], isComplete: Bool) { ([], true) }
  func session(_ id: SessionID) throws(Failure) -> ArchivedSession? { sessions.first { $0.session == id } }

  func page(
    _ id: SessionID, _ range: TranscriptRange, limit: Int, bytes: Int
  ) throws(Failure) -> (page: TranscriptPage, isComplete: Bool) {
    let all = chunks.filter { $0.session == id }.sorted { $0.number < $1.number }.flatMap(\.messages)
    let meant = all.filter { message in
      switch range {
      case .after(let sequence): message.sequence > sequence
      case .before(let sequence): message.sequence < sequence
      case .since(let time): message.time >= time
      }
    }
    var (rest, page) = (bytes, [Message]())
    for message in range.isBackwards ? meant.reversed() : meant {
      rest -= message.body.count + TranscriptPage.overhead
      guard page.count < limit, rest >= 0 || page.isEmpty else { break }
      page.append(message)
    }
    let more = page.count < meant.count
    return (TranscriptPage(of: range.isBackwards ? page.reversed() : page, more: more), true)
  }
}
