import Desk
import Node
import Raft

/// The archive of a node as a model: rows by their keys. A batch is in it with all its rows or not at all; what is under way
/// when the process ends is lost.
struct SimulatedArchive {
  struct Chunk: Hashable {
    var session: SessionID
    var number: UInt32
  }

  private(set) var durable = LogIndex.zero
  private(set) var chunks: [Chunk: [UInt8]] = [:]
  private(set) var sessions: [SessionID: ArchivedSession] = [:]
  /// Handed over and not written, oldest first.
  private var waiting: [ArchiveBatch] = []

  var isWriting: Bool { !waiting.isEmpty }

  mutating func submit(_ batch: ArchiveBatch) { waiting.append(batch) }

  /// All that waits is written.
  /// - Returns: so far it is complete now.
  mutating func write() -> LogIndex {
    for batch in waiting {
      if let whole = batch.whole { fill(from: whole) }
      for row in batch.rows { take(row) }
      durable = max(durable, batch.upTo)
    }
    waiting = []
    return durable
  }

  /// Nothing of what waits gets to the disk.
  mutating func loseWaiting() { waiting = [] }

  private mutating func fill(from state: ReplicatedState) {
    chunks = chunks.filter { state.session($0.key.session) != nil }
    sessions = sessions.filter { state.session($0.key) != nil }
    state.forEachArchiveRow { take($0) }
  }

  private mutating func take(_ row: ArchiveRow) {
    switch row {
    case .chunk(let chunk): chunks[Chunk(session: chunk.session, number: chunk.number)] = chunk.encoded()
    case .session(let session): sessions[session.session] = session
    case .deskDeleted(let desk, let index):
      chunks = chunks.filter { !$0.key.session.wasOpened(in: desk, before: index) }
      sessions = sessions.filter { !$0.key.wasOpened(in: desk, before: index) }
    }
  }

  /// What it has and the state has not, or the other way round, or otherwise; nil: nothing.
  func difference(from state: ReplicatedState) -> String? {
    var wanted = SimulatedArchive()
    state.forEachArchiveRow { wanted.take($0) }
    for (session, row) in wanted.sessions where sessions[session] != row {
      return sessions[session] == nil
        ? "has no row of session \(session)" : "has session \(session) otherwise than it is"
    }
    for (chunk, bytes) in wanted.chunks where !isSame(chunks[chunk], bytes, chunk) {
      return
        "has \(chunks[chunk] == nil ? "not" : "otherwise") chunk \(chunk.number) of session \(chunk.session)"
    }
    if sessions.count != wanted.sessions.count || chunks.count != wanted.chunks.count {
      return
        "has \(sessions.count) sessions and \(chunks.count) chunks, and there are \(wanted.sessions.count) and "
        + "\(wanted.chunks.count)"
    }
    return nil
  }

  /// The table of people that a chunk was taken with may have been shorter than it is at the end.
  private func isSame(_ bytes: [UInt8]?, _ others: [UInt8], _ key: Chunk) -> Bool {
    guard let bytes, let one = try? ArchivedChunk(session: key.session, number: key.number, bytes),
      let other = try? ArchivedChunk(session: key.session, number: key.number, others)
    else { return false }
    return one.messages == other.messages
  }
}
