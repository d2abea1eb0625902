import Desk

/// What archives have to have at the end.
extension SimulatedArchive {
  /// What it has not though the state has it, or has otherwise; nil: nothing. What it knows to miss it may miss.
  func difference(from state: ReplicatedState) -> String? {
    var wanted: [(key: Key, row: ArchiveRow, origin: RowOrigin)] = []
    state.forEachArchiveRow { row in
      if let month = row.month, month < state.droppedBefore { return }
      switch row {
      case .chunk(let chunk, let origin):
        wanted.append((Key(session: chunk.session, chunk: chunk.number), row, origin))
      case .session(let session, let origin): wanted.append((Key(session: session.session), row, origin))
      case .deskDeleted, .customerErased, .monthsDropped, .audit: break
      }
    }
    for (key, row, origin) in wanted where !isSame(rows[key], row) && !mayMiss(key, origin) {
      return "has \(rows[key] == nil ? "not" : "otherwise") \(Self.name(key))"
    }
    let keys = Set(wanted.map(\.key))
    let desks = state.archivedDesks
    for key in rows.keys
    where !keys.contains(key) && !Self.hasLeft(key, state)
      && (state.session(key.session) != nil || !desks.contains(key.session.desk))
    {
      return "has \(Self.name(key)), and the state has not"
    }
    return nil
  }

  private static func hasLeft(_ key: Key, _ state: ReplicatedState) -> Bool {
    guard let chunk = key.chunk, let left = state.leftChunks(of: key.session) else { return false }
    return Int(chunk) < left
  }

  /// What this one has not though the other one has it; nil: nothing.
  func difference(from other: SimulatedArchive) -> String? {
    for (key, kept) in other.rows where rows[key] == nil && !mayMiss(key, kept.origin) {
      return "has not \(Self.name(key))"
    }
    return nil
  }

  private func mayMiss(_ key: Key, _ origin: RowOrigin) -> Bool {
    gaps.list.contains { gap in
      (gap.month.map { $0 == Self.month(of: key) } ?? true) && origin.mayBe(after: gap.after, upTo: gap.upTo)
    }
  }

  private static func name(_ key: Key) -> String {
    key.chunk.map { "chunk \($0) of session \(key.session)" } ?? "session \(key.session)"
  }

  /// The table of people that a chunk was taken with may have been shorter than it is at the end.
  private func isSame(_ kept: Kept?, _ row: ArchiveRow) -> Bool {
    guard let kept else { return false }
    switch row {
    case .chunk(let chunk, _):
      let own = try? ArchivedChunk(session: chunk.session, number: chunk.number, kept.bytes)
      return own.map { $0.messages == chunk.messages } ?? false
    case .session(let session, _): return kept.bytes == session.stored
    case .deskDeleted, .customerErased, .monthsDropped, .audit: return true
    }
  }
}
