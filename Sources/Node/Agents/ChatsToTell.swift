import Desk
import Protocol

/// Agents who are to learn which chats are theirs and to which they are invited, part by part: some have thousands.
struct ChatsToTell {
  private var agents: [(agent: AgentOfDesk, connection: ConnectionID, after: SessionID?)] = []
  private var room = 0

  mutating func beginTurn(_ limit: Int) { room = limit }

  var isWaiting: Bool { !agents.isEmpty }

  /// Whoever is being told already is told all of it anew: what it follows by then is passed over.
  mutating func add(_ agent: AgentOfDesk, _ connection: ConnectionID) {
    if let place = agents.firstIndex(where: { $0.connection == connection }) {
      agents[place].after = nil
    } else {
      agents.append((agent, connection, nil))
    }
  }

  /// - Returns: who is told of how many chats, behind which one; nil: nobody, or not in this turn.
  var next: (agent: AgentOfDesk, connection: ConnectionID, after: SessionID?, limit: Int)? {
    guard room > 0, let first = agents.first else { return nil }
    return (first.agent, first.connection, first.after, room)
  }

  /// - Parameters:
  ///   - chats: of the next one.
  ///   - isAll: there are no more.
  mutating func told(_ chats: [SessionID], isAll: Bool) {
    if isAll { agents.removeFirst() } else { agents[0].after = chats.last ?? agents[0].after }
    room -= max(1, chats.count)
  }
}

extension Node {
  /// An agent that comes (back) online follows all of its chats: it learns which they are, and what was said in them. It
  /// waits for the end of the turn, when nothing is half told.
  mutating func tellChats(_ status: SetAgentStatus, _ connection: ConnectionID) {
    guard status.status != .offline else { return }
    chatsToTell.add(AgentOfDesk(status.desk, status.agent), connection)
  }

  /// An agent is there on other connections than before, maybe by a word that this node has given up meanwhile.
  mutating func tellChats(of agent: AgentOfDesk) {
    for presence in state.agent(agent.id, in: agent.desk)?.presences ?? [] where presence.server == server {
      guard let connection = agentConnections.connection(presence.connection) else { continue }
      chatsToTell.add(agent, connection)
    }
  }

  /// Part by part, as far as the budgets of the turn go. Not while clients are told what a snapshot has brought: whoever
  /// followed a session from here on would be told of it twice.
  mutating func tellMoreChats() {
    while !catchUp.holdsAll, !reading.isSpent, let next = chatsToTell.next {
      let chats =
        subscriptions.isPresent(next.connection)
        ? state.followed(by: next.agent.id, in: next.agent.desk, after: next.after, limit: next.limit) : []
      var told: [SessionID] = []
      for session in chats {
        if reading.isSpent { break }
        told.append(session)
        tellChat(session, of: next.agent.id, to: next.connection)
      }
      let isAll = told.count == chats.count && chats.count < next.limit
      if isAll { tellOffers(to: next.agent, on: next.connection) }
      chatsToTell.told(told, isAll: isAll)
    }
  }

  private mutating func tellChat(_ session: SessionID, of agent: AgentID, to connection: ConnectionID) {
    // What it resumes or joins at this moment comes from where it wants it.
    guard !order.isReading(session, by: connection), subscriptions.follow(session, by: connection) else {
      return
    }
    let name = state.agent(agent, in: session.desk)?.name ?? agent.rawValue
    if has(.chatsUnfollowed) { _ = subscriptions.dismiss(from: session) { $0.role != .agent } }
    let serves = state.session(session)?.agents.contains(agent) ?? false
    let event: SessionEvent =
      serves
      ? .assigned(agent, name: name)
      : .news(NewsRecord(Invited(agent: agent.rawValue, shown: name, by: nil)))
    put(.event(session, event, to: [connection]), into: connection.sink)
    tellBacklog(of: session, to: [connection], before: nil)
    tellNotes(of: session, to: [connection])
    attends(session, connection)
  }
}
