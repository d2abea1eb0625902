import Desk
import Kernel
import Node
import Raft

/// The archive of a node as a model: rows by their keys. What is written at once is in it as a whole or not at all; what is under
/// way when the process ends is lost.
struct SimulatedArchive {
  struct Key: Hashable {
    var session: SessionID
    /// nil: the session itself.
    var chunk: UInt32?
  }

  struct Kept {
    var origin: RowOrigin
    var bytes: [UInt8]
  }

  struct NotedLink {
    var made: UInt64
    var link: AuditLink
    /// Of the two files.
    var month: UInt32 { UInt32(truncatingIfNeeded: made) % SimulatedArchive.months }
    var calendarMonth: UInt32 { ArchiveRow.audit(link, RowOrigin(made)).month ?? 0 }
  }

  enum Job {
    case batch(ArchiveBatch)
    case page(ArchivePageToWrite)
  }

  private(set) var durable = LogIndex.zero
  private(set) var rows: [Key: Kept] = [:]
  /// What was noted, by desk and number.
  private(set) var audits: [ArchiveRowKey: NotedLink] = [:]
  private(set) var gaps = ArchiveGaps()
  /// A file was lost, and the state has not come since.
  private(set) var needsWhole = false
  /// By the number of the desk.
  private var deletions: [UInt16: UInt64] = [:]
  /// By the mark of the customer.
  private var erasures: [ErasureMark: UInt64] = [:]
  private var erasedSessions: Set<SessionID> = []
  /// Rows of earlier months are not kept: see `ReplicatedState`.
  private(set) var droppedBefore: UInt32 = 0
  /// Handed over and not written, oldest first.
  private var waiting: [Job] = []

  var isWriting: Bool { !waiting.isEmpty }

  mutating func submit(_ job: Job) { waiting.append(job) }

  /// All that waits is written.
  /// - Returns: what the node is told.
  mutating func write() -> [NodeInput] {
    var told: [NodeInput] = []
    for job in waiting {
      switch job {
      case .batch(let batch):
        // What came before it was lost, and both come again.
        guard batch.whole != nil || !needsWhole && batch.after <= durable else { continue }
        for row in batch.rows { take(row, ofLog: true) }
        // The state may be newer than they are.
        if let whole = batch.whole { fill(from: whole, batch) }
        dropErased()
        durable = max(durable, batch.upTo)
        told += [.archiveGaps(gaps), .archived(durable)]
      case .page(let page):
        guard !needsWhole else {
          told.append(.archivePageWritten(number: page.number, .failed("a file is lost")))
          continue
        }
        for deletion in page.page.deletions { delete(deletion.desk, before: deletion.index) }
        for row in page.page.rows where !row.isGone(by: { deletions[$0.rawValue] ?? 0 }) { take(row) }
        dropErased()
        if let filled = page.filled { gaps.remove(filled) }
        told.append(.archivePageWritten(number: page.number, .written(gaps)))
      }
    }
    waiting = []
    return told
  }

  /// Nothing of what waits gets to the disk.
  /// - Parameter month: of the files, those of this one are lost.
  /// - Returns: what the node is told.
  mutating func loseWaiting(_ reason: String, month: UInt32? = nil) -> [NodeInput] {
    if let month {
      rows = rows.filter { Self.month(of: $0.key) != month }
      audits = audits.filter { $0.value.month != month }
      gaps.add(ArchiveGap(month: month, after: 0, upTo: durable.rawValue))
      needsWhole = true
    }
    var told: [NodeInput] = [.archiveGaps(gaps), .archiveFailed(reason, needsWhole: needsWhole)]
    for case .page(let page) in waiting {
      told.append(.archivePageWritten(number: page.number, .failed(reason)))
    }
    waiting = []
    return told
  }

  /// The process ends.
  mutating func crash() { waiting = [] }

  /// There are two files.
  static let months: UInt32 = 2
  static func month(of key: Key) -> UInt32 { UInt32(truncatingIfNeeded: key.session.logIndex) % months }

  private mutating func fill(from state: ReplicatedState, _ batch: ArchiveBatch) {
    drop(before: batch.droppedBefore)
    let desks = state.archivedDesks
    rows = rows.filter { desks.contains($0.key.session.desk) }
    audits = audits.filter { desks.contains($0.value.link.desk) }
    state.forEachArchiveRow(asOf: batch.upTo.rawValue) { row in
      // From that level on nobody may rely on what is over.
      if !batch.wholeIsAll, let id = row.session, state.session(id)?.isClosed != false { return }
      take(row, ofLog: false)
    }
    for entry in batch.erasures.sorted { erasures[entry.mark] = max(erasures[entry.mark] ?? 0, entry.index) }
    dropErased()
    needsWhole = false
    if batch.wholeIsAll { gaps.removeAll() }
    if let missing = batch.missing { gaps.add(missing) }
  }

  private mutating func take(_ row: ArchiveRow, ofLog: Bool) {
    switch row {
    case .chunk(let chunk, let origin):
      let key = Key(session: chunk.session, chunk: chunk.number)
      keep(Kept(origin: origin, bytes: chunk.encoded()), key, ofLog)
    case .session(let session, let origin):
      let kept = Kept(origin: origin, bytes: session.stored)
      keep(kept, Key(session: session.session, chunk: nil), ofLog)
    case .audit(let link, let origin): keep(link, made: origin.made, ofLog: ofLog)
    case .deskDeleted(let desk, let index): delete(desk, before: index)
    case .monthsDropped(let month): drop(before: month)
    case .customerErased(let erased):
      erasures[erased.mark] = max(erasures[erased.mark] ?? 0, erased.index)
      dropErased()
    }
  }

  /// A row of another archive.
  private mutating func take(_ row: StoredArchiveRow) {
    let kept = Kept(origin: row.origin, bytes: row.bytes)
    switch row.key {
    case .chunk(let session, let number): keep(kept, Key(session: session, chunk: number), false)
    case .session(let session): keep(kept, Key(session: session, chunk: nil), false)
    case .audit(let desk, _):
      guard let link = try? AuditLink(desk: desk, row.bytes) else { return }
      keep(link, made: row.origin.made, ofLog: false)
    }
  }

  private mutating func keep(_ link: AuditLink, made: UInt64, ofLog: Bool) {
    let key = ArchiveRowKey.audit(link.desk, link.entry.number)
    let noted = NotedLink(made: made, link: link)
    guard droppedBefore == 0 || noted.calendarMonth >= droppedBefore else { return }
    if let had = audits[key], !ofLog, had.made >= made { return }
    audits[key] = noted
  }

  /// Whatever came in which way.
  private mutating func dropErased() {
    guard !erasures.isEmpty else { return }
    for (key, kept) in rows {
      let customers =
        if let number = key.chunk {
          (try? ArchivedChunk(session: key.session, number: number, kept.bytes))?.customers ?? []
        } else {
          (try? ArchivedSession(stored: kept.bytes)).map { [$0.customer] } ?? []
        }
      let isErased = customers.contains { customer in
        erasures[ErasureMark(desk: key.session.desk, customer: customer)].map { key.session.logIndex < $0 }
          ?? false
      }
      if isErased { erasedSessions.insert(key.session) }
    }
    rows = rows.filter { !erasedSessions.contains($0.key.session) }
  }

  var sessions: [SessionID] { Set(rows.keys.map(\.session)).sorted() }

  private mutating func drop(before month: UInt32) {
    guard month > droppedBefore else { return }
    droppedBefore = month
    rows = rows.filter { !isDropped($0.value, $0.key) }
    audits = audits.filter { $0.value.calendarMonth >= month }
  }

  private func isDropped(_ kept: Kept, _ key: Key) -> Bool {
    droppedBefore > 0 && kept.month(of: key).map { $0 < droppedBefore } ?? false
  }

  private mutating func keep(_ kept: Kept, _ key: Key, _ isOfLog: Bool) {
    guard !isDropped(kept, key) else { return }
    guard let had = rows[key] else { return rows[key] = kept }
    if let number = key.chunk {
      let (old, new) = (Self.count(had.bytes, key, number), Self.count(kept.bytes, key, number))
      if old > new || old == new && (had.origin.isExact || !kept.origin.isExact) { return }
    } else if !isOfLog, had.bytes == kept.bytes ? had.origin.isExact : had.origin.made > kept.origin.made {
      return
    }
    rows[key] = kept
  }

  private static func count(_ bytes: [UInt8], _ key: Key, _ number: UInt32) -> Int {
    (try? ArchivedChunk(session: key.session, number: number, bytes))?.count ?? 0
  }

  private mutating func delete(_ desk: DeskNumber, before index: UInt64) {
    deletions[desk.rawValue] = max(deletions[desk.rawValue] ?? 0, index)
    rows = rows.filter { !$0.key.session.wasOpened(in: desk, before: index) }
    audits = audits.filter { $0.value.link.desk != desk || $0.value.made >= index }
  }
}

extension SimulatedArchive {
  /// Rows of one page; few, so that pages have borders.
  private static let pageRows = 3

  /// The parts of what is asked for over which nothing is missing.
  func complete(in asked: ArchiveGap) -> [ArchiveGap] {
    guard !needsWhole else { return [] }
    var asked = asked
    asked.upTo = min(asked.upTo, durable.rawValue)
    return gaps.complete(in: asked, most: ArchiveRowPage.mostParts)
  }

  func page(_ request: ArchivePageRequest) -> ArchiveRowPage {
    var page = ArchiveRowPage()
    page.complete = complete(in: request.gap)
    guard page.complete == [request.gap] || request.takesIncomplete else { return page }
    if request.place == nil {
      page.deletions = deletions.sorted { $0.key < $1.key }.map {
        ArchiveRowPage.Deletion(desk: DeskNumber($0.key), index: $0.value)
      }
    }
    var found: [StoredArchiveRow] = []
    for (key, kept) in rows where kept.origin.mayBe(after: request.gap.after, upTo: request.gap.upTo) {
      if let month = request.gap.month, Self.month(of: key) != month { continue }
      let row = StoredArchiveRow(
        origin: kept.origin, key: ArchiveRowKey(key.session, chunk: key.chunk), sum: 0, bytes: kept.bytes)
      if request.place.map({ $0 < row.place }) ?? true { found.append(row) }
    }
    for (key, noted) in audits where noted.made > request.gap.after && noted.made <= request.gap.upTo {
      if let month = request.gap.month, noted.month != month { continue }
      let row = StoredArchiveRow(
        origin: RowOrigin(noted.made), key: key, sum: 0, bytes: noted.link.encoded())
      if request.place.map({ $0 < row.place }) ?? true { found.append(row) }
    }
    found.sort { $0.place < $1.place }
    page.rows = Array(found.prefix(Self.pageRows))
    if found.count > Self.pageRows { page.next = page.rows.last?.place }
    return page
  }
}

extension ArchiveRow {
  fileprivate var session: SessionID? {
    switch self {
    case .chunk(let chunk, _): chunk.session
    case .session(let session, _): session.session
    case .deskDeleted, .customerErased, .monthsDropped, .audit: nil
    }
  }
}
