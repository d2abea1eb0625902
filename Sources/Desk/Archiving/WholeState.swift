/// All that a state has for an archive: what an archive with a gap is filled from.
extension ReplicatedState {
  /// Gives each row of the state once: full chunks of all sessions, and sessions that are over, with their last chunk. In the
  /// order of desks, and no other one.
  /// - Parameters:
  ///   - index: of the last entry that was applied: which one has made a row is not known, but none behind this one.
  ///   - body: what it throws ends this and is thrown on.
  package func forEachArchiveRow<Fault: Error>(
    asOf index: UInt64 = .max, _ body: (ArchiveRow) throws(Fault) -> Void
  ) throws(Fault) {
    try main.forEachArchiveRow(index, body)
    for desk in others where !desk.isVacant && !desk.isDeleted { try desk.forEachArchiveRow(index, body) }
  }

  /// So many of the first chunks of a session have left the state and are in archives alone; nil: all of the session is, or it
  /// was never there.
  package func leftChunks(of session: SessionID) -> Int? { self.session(session)?.transcript.left.chunks }

  /// The desks that there are.
  package var archivedDesks: Set<DeskNumber> {
    var numbers: Set<DeskNumber> = [.main]
    for desk in others where !desk.isVacant && !desk.isDeleted { numbers.insert(desk.number) }
    return numbers
  }
}

extension DeskState {
  fileprivate func forEachArchiveRow<Fault: Error>(
    _ index: UInt64, _ body: (ArchiveRow) throws(Fault) -> Void
  ) throws(Fault) {
    for shard in sessionTable.shards {
      for id in shard.keys.sorted() {
        guard let session = shard[id] else { continue }
        let origin = RowOrigin(since: id.logIndex, made: index)
        let final = session.isClosed ? session.chunks : session.chunks - 1
        for number in stride(from: session.transcript.left.chunks, to: final, by: 1) {
          if let chunk = session.chunk(number) { try body(.chunk(chunk, origin)) }
        }
        if let row = session.archived { try body(.session(row, origin)) }
      }
    }
  }
}
