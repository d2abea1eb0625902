import Desk

/// Which connections of this node get the messages of which sessions.
struct Followers {
  private var bySession: [SessionID: [ConnectionID]] = [:]
  private var byConnection: [ConnectionID: [SessionID]] = [:]
  /// Connections that have asked for anything and are not gone. An answer can come after its connection has left:
  /// that one must not be made a follower, for nobody would ever take it out again.
  private var present: Set<ConnectionID> = []

  mutating func arrived(_ connection: ConnectionID) {
    present.insert(connection)
  }

  func isPresent(_ connection: ConnectionID) -> Bool {
    present.contains(connection)
  }

  /// In order, so that nothing depends on how a dictionary lies in memory.
  var sessions: [SessionID] { bySession.keys.sorted() }

  func connections(of session: SessionID) -> [ConnectionID] {
    bySession[session] ?? []
  }

  /// - Returns: false when it follows already, or is gone.
  mutating func follow(_ session: SessionID, by connection: ConnectionID) -> Bool {
    guard present.contains(connection) else { return false }
    if bySession[session]?.contains(connection) == true { return false }
    bySession[session, default: []].append(connection)
    byConnection[connection, default: []].append(session)
    return true
  }

  mutating func remove(_ connection: ConnectionID) {
    present.remove(connection)
    for session in byConnection.removeValue(forKey: connection) ?? [] {
      bySession[session]?.removeAll { $0 == connection }
      if bySession[session]?.isEmpty == true { bySession[session] = nil }
    }
  }
}
