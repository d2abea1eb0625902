import Desk

/// Which connections of this node get the messages of which sessions.
struct Followers {
  private var bySession: [SessionID: [ConnectionID]] = [:]
  private var byConnection: [ConnectionID: [SessionID]] = [:]

  /// In order, so that nothing depends on how a dictionary lies in memory.
  var sessions: [SessionID] { bySession.keys.sorted() }

  func connections(of session: SessionID) -> [ConnectionID] {
    bySession[session] ?? []
  }

  /// - Returns: false when it followed already.
  mutating func follow(_ session: SessionID, by connection: ConnectionID) -> Bool {
    if bySession[session]?.contains(connection) == true { return false }
    bySession[session, default: []].append(connection)
    byConnection[connection, default: []].append(session)
    return true
  }

  mutating func remove(_ connection: ConnectionID) {
    for session in byConnection.removeValue(forKey: connection) ?? [] {
      bySession[session]?.removeAll { $0 == connection }
      if bySession[session]?.isEmpty == true { bySession[session] = nil }
    }
  }
}
