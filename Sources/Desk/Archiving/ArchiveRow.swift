/// What goes into an archive. The same log makes the same rows on every node, and a row that comes again says the same or
/// what is newer: to write it twice is to write it once.
package enum ArchiveRow: Sendable {
  case chunk(ArchivedChunk, RowOrigin)
  /// Takes the place of what was there of that session.
  case session(ArchivedSession, RowOrigin)
  /// The same again, whenever it comes.
  case audit(AuditLink, RowOrigin)
  /// The desk of that number was deleted by the log entry `index`: all rows of its sessions go. Sessions of a later desk that
  /// has the number have higher ids.
  case deskDeleted(DeskNumber, index: UInt64)
  /// All rows of the customer's sessions go that were opened before.
  case customerErased(ErasedCustomer)
  /// All that lies in earlier months goes, and what comes later of it is not kept. Months since January of the year 0.
  case monthsDropped(before: UInt32)

  /// About what it takes in memory, in bytes.
  package var bytes: Int {
    switch self {
    case .chunk(let chunk, _): chunk.bytes
    case .session(let session, _): session.bytes
    case .deskDeleted, .monthsDropped: 64
    case .customerErased, .audit: 512
    }
  }
}

extension ReplicatedState {
  /// What an entry gives to an archive: chunks that are full, and sessions that are over, with the chunk that they have begun.
  /// To be asked after each entry, with its effects. Nothing of the state depends on it.
  /// - Parameter index: the entry's.
  package func archive(_ effects: [Effect], index: UInt64, into rows: inout [ArchiveRow]) {
    for effect in effects {
      switch effect {
      case .message(let session, let sequence):
        // The first message behind a full chunk: from here on nothing changes in the chunk.
        guard sequence.rawValue > 1, (sequence.rawValue - 1) % UInt64(MessageChunk.capacity) == 0 else {
          continue
        }
        archive(
          session, chunk: Int(sequence.rawValue - 1) / MessageChunk.capacity - 1, index, into: &rows)
      case .session(let session, .closed):
        guard let closed = self.session(session), closed.isClosed else { continue }
        if closed.chunks > 0 { archive(session, chunk: closed.chunks - 1, index, into: &rows) }
        if let row = closed.archived { rows.append(.session(row, RowOrigin(index))) }
      case .news(let session, _):
        // What is done to a session after its end, as a rating is.
        if let row = self.session(session)?.archived { rows.append(.session(row, RowOrigin(index))) }
      case .audited(let link): rows.append(.audit(link, RowOrigin(index)))
      case .annotated(let row): rows.append(.session(row, RowOrigin(index)))
      case .answer, .session, .agent, .serverLost, .timePassed, .levelRaised: continue
      }
    }
    for desk in deletedOfLate { rows.append(.deskDeleted(desk, index: index)) }
    for erased in servers.erasedOfLate { rows.append(.customerErased(erased)) }
    if servers.retention.isNew { rows.append(.monthsDropped(before: droppedBefore)) }
  }

  private func archive(_ session: SessionID, chunk: Int, _ index: UInt64, into rows: inout [ArchiveRow]) {
    guard let row = self.session(session)?.chunk(chunk) else { return }
    rows.append(.chunk(row, RowOrigin(index)))
  }
}
