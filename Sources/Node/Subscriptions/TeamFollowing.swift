import Desk
import Protocol

/// What is told of those who take part in a session beside its customer and whoever serves it, and to whom.
extension Node {
  /// An operation tells something: to those who follow the session, as far as it is for them.
  /// - Parameter next: what else the entry has brought about: told after this.
  mutating func tell(_ session: SessionID, _ news: NewsRecord, before next: ArraySlice<Effect>) {
    fanOut(hearers(of: news, in: session)) { .event(session, .news(news), to: $0) }
    switch news.number {
    case Invited.number:
      guard let agent = news.opened(as: Invited.self)?.agent else { return }
      let newcomers = newcomers(of: AgentID(agent), in: session)
      fanOut(newcomers) { .event(session, .news(news), to: $0) }
      followersChanged(session)
      tellBacklog(of: session, to: newcomers, before: Self.firstMessage(of: session, in: next))
      tellNotes(of: session, to: newcomers)
      for connection in newcomers { attends(session, connection) }
    case InviteEnded.number:
      // Whoever leaves is told so, and hears no more of it.
      let state = state
      _ = subscriptions.dismiss(from: session) { state.mayFollow($0, session: session) }
      followersChanged(session)
    case Offered.number, OfferEnded.number:
      tellOffer(news, of: session)
    case Watched.number:
      guard let watched = news.opened(as: Watched.self), !watched.on else { return }
      let person = Person(id: watched.by, role: watched.role, name: watched.shown)
      guard !state.takesPart(person, in: session) else { return }
      _ = subscriptions.dismiss(from: session) { !$0.isSame(as: person) }
      followersChanged(session)
    default: break
    }
  }

  private func hearers(of news: NewsRecord, in session: SessionID) -> [ConnectionID] {
    let followers = subscriptions.connections(of: session)
    guard !followers.isEmpty, news.audience != .everybody, !has(.noteToldToCustomer) else { return followers }
    guard let told = news.news else { return [] }
    return followers.filter { connection in
      subscriptions.person(of: connection).map { told.isFor($0) } ?? false
    }
  }

  /// Connections of the agent on this node, that follow the session from now on.
  mutating func newcomers(of agent: AgentID, in session: SessionID) -> [ConnectionID] {
    var newcomers: [ConnectionID] = []
    for presence in state.agent(agent, in: session.desk)?.presences ?? [] where presence.server == server {
      guard let connection = agentConnections.connection(presence.connection) else { continue }
      if subscriptions.follow(session, by: connection) { newcomers.append(connection) }
    }
    return newcomers
  }

  /// Staff who follow the session anew, or were away, are told up to where there are notes. What they have of them nobody knows.
  mutating func tellNotes(of session: SessionID, to connections: [ConnectionID]) {
    guard !connections.isEmpty, let last = state.lastNote(of: session) else { return }
    let staff = connections.filter { connection in
      subscriptions.person(of: connection).map { $0.role != .customer } ?? false
    }
    fanOut(staff) { .event(session, .news(NewsRecord(NotesTold(seq: last))), to: $0) }
  }

  /// Whoever watches follows the session on the connection that has said so, from its first message on.
  /// - Parameter next: what else the entry has brought about: told after this.
  mutating func watches(_ command: Command, _ connection: ConnectionID, before next: ArraySlice<Effect> = []) {
    guard case .perform(let envelope) = command, envelope.operation == Watch.number else { return }
    let session = envelope.session
    guard state.mayFollow(envelope.by, session: session), subscriptions.hasRoom(in: session, for: connection),
      subscriptions.follow(session, by: connection)
    else { return }
    replay(session, after: .zero, before: Self.firstMessage(of: session, in: next), to: connection)
    tellNotes(of: session, to: [connection])
    attends(session, connection)
  }

  /// A snapshot has taken the state's place: what it has brought of who takes part, and of notes.
  /// - Parameter before: the session as those who follow it know it.
  mutating func tellTeam(of id: SessionID, since before: Session?) {
    let connections = subscriptions.connections(of: id)
    guard !connections.isEmpty, let now = state.session(id), before?.team != nil || now.team != nil else {
      return
    }
    let had = before?.invited ?? []
    for agent in now.invited where !had.contains(agent) {
      let name = state.agent(agent, in: id.desk)?.name ?? agent.rawValue
      let news = NewsRecord(Invited(agent: agent.rawValue, shown: name, by: nil))
      fanOut(connections) { .event(id, .news(news), to: $0) }
    }
    for agent in had where !now.invited.contains(agent) && !now.agents.contains(agent) {
      let news = NewsRecord(InviteEnded(agent: agent.rawValue, reason: .left))
      fanOut(connections) { .event(id, .news(news), to: $0) }
    }
    if now.team?.notes.last != before?.team?.notes.last { tellNotes(of: id, to: connections) }
  }
}
