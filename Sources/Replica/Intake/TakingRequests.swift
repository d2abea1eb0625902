import Desk
internal import Protocol
import Wire

/// One request of a client connection, in the order in which the gateway took them.
extension ReplicaCore {
  func take(_ request: ClientRequest) {
    let connection = request.connection
    if case .disconnected = request.body {} else { followers.arrived(connection, request.person) }
    switch request.body {
    case .send(let session, let id, let body):
      guard desk.owner(of: session) != nil else {
        // Opened elsewhere a moment ago, perhaps: look again once this node is up to date.
        return reads.wait(.send(request), since: now)
      }
      if let failure = sendFailure(request.person, session, id) {
        return reply(connection, request.tag, failure)
      }
      let bytes = body.count + id.utf8.count
      if let failure = roomFailure(request.person, session, id, bytes: bytes) {
        return reply(connection, request.tag, .failed(failure))
      }
      enter(
        .send(
          SendMessage(
            session: session, epoch: Epoch(0), id: id, sender: request.person, kind: .text, body: body)),
        for: connection, tag: request.tag)
    case .open(let open):
      if let failure = openFailure(request.person, open.id) {
        return reply(connection, request.tag, .failed(failure))
      }
      enter(
        .open(
          OpenSession(
            customer: request.person, requestID: open.id, channel: open.channel, skill: open.skill,
            intent: open.intent, priority: open.priority, attributes: open.attributes,
            owner: chooseOwner())),
        for: connection, tag: request.tag)
    case .status(let status, let skills, let capacity):
      let command = SetAgentStatus(
        agent: AgentID(request.person.id), name: request.person.name, status: status, skills: skills,
        capacity: capacity, presence: Presence(server: server, connection: connection.number),
        grace: status == .offline ? bounds.grace : nil)
      presences.keep(command, connection: connection)
      guard presences.isAnnounced else { return presences.wait(connection, request.tag, command) }
      enter(.setStatus(command), for: connection, tag: request.tag)
    case .close(let session, let reason):
      guard desk.owner(of: session) != nil else { return reads.wait(.send(request), since: now) }
      guard desk.mayFollow(request.person, session: session) else {
        return reply(connection, request.tag, .failed(.notYours))
      }
      enter(
        .close(CloseSession(session: session, epoch: Epoch(0), by: request.person, reason: reason)),
        for: connection, tag: request.tag)
    case .transfer(let session, let id, let target):
      switch knownOutcome(of: request.person, session, transfer: id) {
      case nil:
        enter(
          .transfer(
            TransferSession(
              session: session, epoch: Epoch(0), requestID: id, by: request.person, target: target)),
          for: connection, tag: request.tag)
      case .done?: reply(connection, request.tag, .done)
      // Whoever comes from another node may know of more than this one has applied: look again once it is up to date.
      case .some: reads.wait(.send(request), since: now)
      }
    case .resume:
      // Without a quorum it waits: see `ReadBarriers.expire`.
      reads.wait(.client(request), since: now)
    case .join, .history:
      if let failure = readFailureNow() { return reply(connection, request.tag, .failed(failure)) }
      reads.wait(.client(request), since: now)
    case .typing(let session, let isOn): signal(session, .typing(isOn), by: request.person, from: connection)
    case .read(let session, let sequence):
      signal(session, .read(sequence), by: request.person, from: connection)
    case .disconnected:
      for session in followers.remove(connection) { followersChanged(session) }
      if let agent = presences.remove(connection) {
        enter(
          .endPresences(
            EndPresences(
              server: server, items: [EndPresences.Item(agent: agent, connection: connection.number)],
              bounds: bounds)),
          for: nil)
      }
    }
  }

  /// nil: the message may go on its way. The state machine checks all of this again; here it saves the trip.
  private func sendFailure(_ person: Person, _ session: SessionID, _ id: String) -> Reply? {
    guard let owner = desk.owner(of: session) else { return .failed(.noSuchSession) }
    if owner.isClosed {
      if let first = desk.stored(session, messageID: id) {
        return .acknowledged(session, first.0, time: first.time)
      }
      return .failed(.closed)
    }
    return desk.maySend(person, session: session) ? nil : .failed(.notYours)
  }

  /// nil: the state machine has to say, if it is asked.
  private func knownOutcome(of person: Person, _ session: SessionID, transfer id: String) -> Reply? {
    if desk.hasTransferred(person, session: session, requestID: id) { return .done }
    guard let owner = desk.owner(of: session) else { return .failed(.noSuchSession) }
    guard desk.mayTransfer(person, session: session) else { return .failed(.notYours) }
    return owner.isClosed ? .failed(.closed) : nil
  }

  /// A request that named a session this node did not know, now that the node is up to date.
  func takeAgain(_ request: ClientRequest) {
    guard followers.isPresent(request.connection) else { return }
    switch request.body {
    case .send(let session, _, _), .close(let session, _):
      guard desk.owner(of: session) != nil else {
        return reply(request.connection, request.tag, .failed(.noSuchSession))
      }
      take(request)
    case .transfer(let session, let id, _):
      if let outcome = knownOutcome(of: request.person, session, transfer: id) {
        return reply(request.connection, request.tag, outcome)
      }
      take(request)
    default:
      take(request)
    }
  }
}

extension Failure {
  static let noSuchSession = Failure(.notFound, "there is no such session")
  static let closed = Failure(.sessionClosed, "the session is closed; open a new one")
  static let noSuchAgent = Failure(.notFound, "there is no such agent")
  /// Without a time to wait: it may be long, and another agent or a skill can take the session now.
  static let agentUnavailable = Failure(
    .busy, "the agent is not online or has no room; the session stays where it was")
  static let notYours = Failure(.forbidden, "you are not part of this session")
}
