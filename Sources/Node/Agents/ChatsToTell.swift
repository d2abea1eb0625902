import Desk
import Protocol

/// Agents who are to learn which chats are theirs, part by part: some have thousands.
struct ChatsToTell {
  private var agents: [(agent: AgentID, connection: ConnectionID, after: SessionID?)] = []
  private var room = 0

  mutating func beginTurn(_ limit: Int) { room = limit }

  var isWaiting: Bool { !agents.isEmpty }

  mutating func add(_ agent: AgentID, _ connection: ConnectionID) {
    agents.append((agent, connection, nil))
  }

  /// - Returns: who is told of how many chats, behind which one; nil: nobody, or not in this turn.
  var next: (agent: AgentID, connection: ConnectionID, after: SessionID?, limit: Int)? {
    guard room > 0, let first = agents.first else { return nil }
    return (first.agent, first.connection, first.after, room)
  }

  /// - Parameter chats: of the next one; fewer than asked for: there are no more.
  mutating func told(_ chats: [SessionID]) {
    if chats.count < room { agents.removeFirst() } else { agents[0].after = chats.last }
    room -= max(1, chats.count)
  }
}

extension Node {
  /// An agent that comes (back) online learns which chats are theirs; `join` brings what was said in them.
  mutating func tellChats(_ status: SetAgentStatus, _ connection: ConnectionID) {
    guard status.status != .offline else { return }
    chatsToTell.add(status.agent, connection)
    tellMoreChats()
  }

  mutating func tellMoreChats() {
    while let next = chatsToTell.next {
      let chats =
        subscriptions.isPresent(next.connection)
        ? desk.chats(of: next.agent, after: next.after, limit: next.limit) : []
      let name = desk.agent(next.agent)?.name ?? next.agent.rawValue
      for session in chats where !subscriptions.connections(of: session).contains(next.connection) {
        put(
          .event(session, .assigned(next.agent, name: name), to: [next.connection]),
          into: next.connection.sink)
      }
      chatsToTell.told(chats)
    }
  }
}
