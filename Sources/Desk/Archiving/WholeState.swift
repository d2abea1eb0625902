/// All that a state has for an archive: what an archive with a gap is filled from.
extension ReplicatedState {
  /// Gives each row of the state once: full chunks of all sessions, and sessions that are over, with their last chunk. In the
  /// order of desks, and no other one.
  /// - Parameter body: what it throws ends this and is thrown on.
  package func forEachArchiveRow<Fault: Error>(_ body: (ArchiveRow) throws(Fault) -> Void) throws(Fault) {
    try main.forEachArchiveRow(body)
    for desk in others where !desk.isVacant && !desk.isDeleted { try desk.forEachArchiveRow(body) }
  }
}

extension DeskState {
  fileprivate func forEachArchiveRow<Fault: Error>(_ body: (ArchiveRow) throws(Fault) -> Void) throws(Fault) {
    for shard in sessionTable.shards {
      for id in shard.keys.sorted() {
        guard let session = shard[id] else { continue }
        let final = session.isClosed ? session.chunks : session.chunks - 1
        for number in stride(from: 0, to: final, by: 1) {
          if let chunk = session.chunk(number) { try body(.chunk(chunk)) }
        }
        if let row = session.archived { try body(.session(row)) }
      }
    }
  }
}
