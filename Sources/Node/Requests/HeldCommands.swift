import Desk
import Protocol

/// Commands of clients that wait until this node is up to date, counted by connection and session: what the same client
/// says later in that session waits behind them, so that nothing overtakes.
struct HeldCommands {
  private struct Key: Hashable {
    let connection: ConnectionID
    let session: SessionID?
  }

  private var counts: [Key: Int] = [:]
  /// Of those, what waits for its desk, and has no place in the order of its connection yet.
  private var countsForDesk: [Key: Int] = [:]
  /// Of all of them.
  private(set) var bytes = 0

  var isEmpty: Bool { counts.isEmpty }

  func holds(_ connection: ConnectionID, _ session: SessionID) -> Bool {
    !counts.isEmpty && counts[Key(connection: connection, session: session)] != nil
  }

  /// Whether something that the client has said in that session before waits for its desk.
  func waitsForDesk(_ connection: ConnectionID, _ session: SessionID) -> Bool {
    !countsForDesk.isEmpty && countsForDesk[Key(connection: connection, session: session)] != nil
  }

  mutating func add(_ request: ClientRequest, forDesk: Bool = false) {
    let key = Key(connection: request.connection, session: request.body.orderedSession)
    counts[key, default: 0] += 1
    if forDesk { countsForDesk[key, default: 0] += 1 }
    bytes += request.heldBytes
  }

  mutating func release(_ request: ClientRequest, forDesk: Bool = false) {
    let key = Key(connection: request.connection, session: request.body.orderedSession)
    guard let count = counts[key] else { return }
    counts[key] = count > 1 ? count - 1 : nil
    if forDesk, let count = countsForDesk[key] { countsForDesk[key] = count > 1 ? count - 1 : nil }
    bytes -= request.heldBytes
  }
}
