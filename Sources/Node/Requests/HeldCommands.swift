import Desk
import Protocol

/// Commands of clients that wait until this node is up to date, counted by connection and session: what the same client
/// says later in that session waits behind them, so that nothing overtakes.
struct HeldCommands {
  private struct Key: Hashable {
    let connection: ConnectionID
    let session: SessionID
  }

  private var counts: [Key: Int] = [:]

  var isEmpty: Bool { counts.isEmpty }

  func holds(_ connection: ConnectionID, _ session: SessionID) -> Bool {
    !counts.isEmpty && counts[Key(connection: connection, session: session)] != nil
  }

  mutating func add(_ connection: ConnectionID, _ session: SessionID) {
    counts[Key(connection: connection, session: session), default: 0] += 1
  }

  mutating func release(_ connection: ConnectionID, _ session: SessionID) {
    let key = Key(connection: connection, session: session)
    guard let count = counts[key] else { return }
    counts[key] = count > 1 ? count - 1 : nil
  }
}
