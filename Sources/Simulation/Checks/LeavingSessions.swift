import Desk

/// Sessions leave the state in their order, as far as the limit goes, and none before its time.
extension Oracle {
  typealias Standing = (server: ServerID, epoch: Epoch, isClosed: Bool)

  /// - Returns: what is wrong; nil: nothing.
  mutating func retire(_ time: TimePasses, _ ownerNow: (SessionID) -> Standing?) -> String? {
    guard let before = time.endedBefore else { return nil }
    guard before + linger <= now else {
      return "sessions leave that ended only \(now - min(now, before)) ms ago"
    }
    var stays: SessionID?
    var left = 0
    // Those of a desk that is deleted go with it, in an order of their own.
    let others = ended.count { $0.id.desk != .main && ownerNow($0.id) == nil }
    for (id, session) in ended where id.desk == .main && session.endedAt < before {
      guard ownerNow(id) == nil else {
        stays = stays ?? id
        continue
      }
      if let stays { return "session \(id) has left the state, and \(stays) has not, which ended before it" }
      left += 1
    }
    if left > max(1, Int(time.limit)) { return "\(left) sessions leave at once" }
    if let stays, left + others == 0 { return "session \(stays) is due to leave, and stays" }
    if let early = ended.first(where: {
      $0.entry.endedAt >= before && $0.id.desk == .main && ownerNow($0.id) == nil
    }) {
      return "session \(early.id) has left before its time"
    }
    for (id, _) in ended where ownerNow(id) == nil { forget(id) }
    return nil
  }

  /// Those that are over and in the state, in the order in which they are to leave it.
  private var ended: [(id: SessionID, entry: Entry)] {
    sessions.filter { $0.value.isClosed }.sorted { ($0.value.endedAt, $0.key) < ($1.value.endedAt, $1.key) }
      .map { ($0.key, $0.value) }
  }

  mutating func forget(_ id: SessionID) {
    guard let entry = sessions[id] else { return }
    over[id] = messages(of: id)
    drop(id, request: entry.request)
  }

  /// The ids of a session's messages in their order, also when it has left the state.
  func messages(of session: SessionID) -> [String] {
    over[session]
      ?? (sessions[session]?.sequences ?? [:]).values.sorted { $0.sequence < $1.sequence }.map(\.id)
  }
}
