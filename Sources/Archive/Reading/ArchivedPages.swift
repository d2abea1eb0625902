package import Desk
import GRDB

/// A page while it is filled, message by message in the order that was asked for.
private struct PageBuilding {
  let limit: Int
  let bytes: Int
  var messages: [Message] = []
  var more = false
  private var size = 0
  /// The chunk that has to come next; nil: any.
  private var expected: UInt32?

  init(limit: Int, bytes: Int) { (self.limit, self.bytes) = (max(limit, 0), bytes) }

  /// - Returns: false: the page is full, and this message is not in it.
  mutating func add(_ message: Message) -> Bool {
    size += message.body.count + TranscriptPage.overhead
    guard messages.count < limit, size <= bytes || messages.isEmpty else {
      more = true
      return false
    }
    messages.append(message)
    return true
  }

  /// - Returns: whether the chunk is the one behind the last.
  mutating func follows(_ number: UInt32, isBackwards: Bool) -> Bool {
    defer { expected = isBackwards ? number &- 1 : number &+ 1 }
    return expected.map { $0 == number } ?? true
  }
}

extension ArchiveReader {
  /// A part of what was said in a session, as `Session.page` gives it, over all its chunks here. What is not in the archive yet
  /// is not in it: `more` says only whether the archive has more. What a dropped month had is passed over.
  /// - Parameter bytes: of messages, each counted with `TranscriptPage.overhead`; the first is given whatever it takes.
  /// - Throws: `.needsWhole` where something is missing in the middle and is still to be filled.
  package func page(
    _ session: SessionID, _ range: TranscriptRange, limit: Int, bytes: Int = .max
  ) throws(ArchiveError) -> TranscriptPage {
    try part(of: session, range, limit: limit, bytes: bytes).page
  }

  /// The same, with whether the archive has all that it should have: else something may be missing at the ends of the page, and
  /// `more` may say too little.
  package func part(
    of session: SessionID, _ range: TranscriptRange, limit: Int, bytes: Int
  ) throws(ArchiveError) -> (page: TranscriptPage, isComplete: Bool) {
    let contents = try contents()
    let months = months(of: session, in: contents)
    var page = PageBuilding(limit: limit, bytes: bytes)
    let isBackwards = range.isBackwards
    for entry in isBackwards ? months.reversed() : months {
      if case .since(let time) = range, entry.month < Month(ms: time) { continue }
      let goesOn = try file(entry).connection.read { db in
        try Self.add(session, range, entry.month, !contents.isWhole, db, to: &page)
      }
      if !goesOn { break }
    }
    let messages = isBackwards ? page.messages.reversed() : page.messages
    let hasAll = try hasNothingElsewhere(of: session, contents)
    return (TranscriptPage(of: messages, more: page.more), contents.isWhole && hasAll)
  }

  /// - Returns: false: the page is full.
  private static func add(
    _ session: SessionID, _ range: TranscriptRange, _ month: Month, _ hasGap: Bool, _ db: Database,
    to page: inout PageBuilding
  ) throws -> Bool {
    let (condition, bound): (String, UInt64) =
      switch range {
      case .after(let sequence): ("number >= ? ORDER BY number", sequence.rawValue / 64)
      case .since(let time): ("last_time >= ? ORDER BY number", time)
      case .before(let sequence): ("number <= ? ORDER BY number DESC", (max(sequence.rawValue, 2) - 2) / 64)
      }
    let statement = try db.cachedStatement(
      sql: "SELECT session, number, sum, bytes FROM chunk WHERE session = ? AND \(condition)")
    let rows = try Row.fetchCursor(statement, arguments: [session.stored, Int64(clamping: bound)])
    while let row = try rows.next() {
      let chunk = try StoredChunk.read(row, month)
      guard page.follows(chunk.number, isBackwards: range.isBackwards) || !hasGap else {
        throw ArchiveError(
          .needsWhole, month,
          "A part of session \(session) is still to be filled into the archive. Ask again later.")
      }
      for step in 0..<chunk.count {
        guard let message = chunk.message(range.isBackwards ? chunk.count - 1 - step : step) else { continue }
        let isMeant =
          switch range {
          case .after(let sequence): message.sequence > sequence
          case .since(let time): message.time >= time
          case .before(let sequence): message.sequence < sequence
          }
        guard isMeant else { continue }
        guard page.add(message) else { return false }
      }
    }
    return true
  }
}
