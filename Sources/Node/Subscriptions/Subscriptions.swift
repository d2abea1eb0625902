import Desk
import Protocol

/// Which connections of this node get the messages of which sessions.
struct Subscriptions {
  /// Connections of this node that join or resume one session at the most: each of its messages goes to all of them.
  static let mostFollowers = 1_000

  private var bySession: [SessionID: [ConnectionID]] = [:]
  private var byConnection: [ConnectionID: [SessionID]] = [:]
  /// Connections that have asked for anything and are not gone. An answer can come after its connection has left:
  /// that one must not be made a follower, for nobody would ever take it out again.
  /// With who is behind them.
  private var present: [ConnectionID: Person] = [:]

  mutating func arrived(_ connection: ConnectionID, _ person: Person) {
    if present[connection] == nil { present[connection] = person }
  }

  func person(of connection: ConnectionID) -> Person? { present[connection] }

  func isPresent(_ connection: ConnectionID) -> Bool {
    present[connection] != nil
  }

  /// In order, so that nothing depends on how a dictionary lies in memory.
  var sessions: [SessionID] { bySession.keys.sorted() }

  func connections(of session: SessionID) -> [ConnectionID] {
    bySession[session] ?? []
  }

  func connections(of session: SessionID, but one: ConnectionID?) -> [ConnectionID] {
    guard let followers = bySession[session] else { return [] }
    guard let one else { return followers }
    // Most often whoever speaks follows alone: nothing is copied then.
    return followers.count == 1 && followers[0] == one ? [] : followers.filter { $0 != one }
  }

  /// Whether the connection may follow a session that it was neither given nor has opened.
  func hasRoom(in session: SessionID, for connection: ConnectionID) -> Bool {
    guard let followers = bySession[session], followers.count >= Self.mostFollowers else { return true }
    return followers.contains(connection)
  }

  /// - Returns: false when it follows already, or is gone.
  mutating func follow(_ session: SessionID, by connection: ConnectionID) -> Bool {
    guard present[connection] != nil else { return false }
    if bySession[session]?.contains(connection) == true { return false }
    bySession[session, default: []].append(connection)
    byConnection[connection, default: []].append(session)
    return true
  }

  /// Takes out those who may follow the session no longer.
  /// - Returns: them, in the order in which they came.
  mutating func dismiss(from session: SessionID, unless mayFollow: (Person) -> Bool) -> [ConnectionID] {
    let dismissed = connections(of: session).filter { connection in
      present[connection].map { !mayFollow($0) } ?? true
    }
    for connection in dismissed {
      bySession[session]?.removeAll { $0 == connection }
      byConnection[connection]?.removeAll { $0 == session }
    }
    if bySession[session]?.isEmpty == true { bySession[session] = nil }
    return dismissed
  }

  /// - Returns: the sessions that it followed.
  @discardableResult
  mutating func remove(_ connection: ConnectionID) -> [SessionID] {
    present[connection] = nil
    let followed = byConnection.removeValue(forKey: connection) ?? []
    for session in followed {
      bySession[session]?.removeAll { $0 == connection }
      if bySession[session]?.isEmpty == true { bySession[session] = nil }
    }
    return followed
  }
}
