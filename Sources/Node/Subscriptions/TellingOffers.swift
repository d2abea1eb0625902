import Desk
import Protocol

/// What agents are told of sessions that they are asked for, and do not follow yet.
extension Node {
  /// Those who follow the session have been told.
  mutating func tellOffer(_ news: NewsRecord, of session: SessionID) {
    guard let name = news.opened(as: Offered.self)?.agent ?? news.opened(as: OfferEnded.self)?.agent else {
      return
    }
    let told = Set(subscriptions.connections(of: session))
    var connections: [ConnectionID] = []
    for presence in state.agent(AgentID(name), in: session.desk)?.presences ?? []
    where presence.server == server {
      guard let connection = agentConnections.connection(presence.connection), !told.contains(connection) else {
        continue
      }
      connections.append(connection)
    }
    fanOut(connections) { .event(session, .news(news), to: $0) }
  }

  /// An agent has come (back): what it is asked for now, and for how long.
  mutating func tellOffers(to agent: AgentOfDesk, on connection: ConnectionID) {
    guard subscriptions.isPresent(connection) else { return }
    for session in state.agent(agent.id, in: agent.desk)?.offers ?? [] {
      guard let offer = state.offered(session) else { continue }
      put(.event(session, .news(NewsRecord(offer)), to: [connection]), into: connection.sink)
    }
  }
}
