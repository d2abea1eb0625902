import Desk
import Kernel
package import Protocol

/// One request of a client connection, in the order in which the gateway took them.
extension Node {
  mutating func take(_ request: ClientRequest) {
    if case .disconnected = request.body {} else { subscriptions.arrived(request.connection, request.person) }
    if let session = request.body.orderedSession, !has(.orderUnchecked),
      !order.mayBegin(request, in: session, at: now)
    {
      return
    }
    begin(request)
  }

  /// It is its turn.
  mutating func begin(_ request: ClientRequest) {
    let connection = request.connection
    switch request.body {
    case .send(let session, let id, let body):
      guard desk.owner(of: session) != nil else {
        // Opened elsewhere a moment ago, perhaps: look again once this node is up to date.
        return reads.wait(.send(request), since: now)
      }
      if let failure = sendFailure(request.person, session, id) {
        return answer(request, failure)
      }
      enter(
        .send(
          SendMessage(
            session: session, epoch: Epoch(0), id: id, sender: request.person, kind: .text, body: body)),
        for: connection, tag: request.tag)
    case .open(let open):
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
      agentConnections.keep(command, connection: connection)
      guard agentConnections.isAnnounced else { return agentConnections.wait(connection, request.tag, command) }
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
      if let failure = readFailureNow() { return answer(request, .failed(failure)) }
      reads.wait(.client(request), since: now)
    case .typing(let session, let isOn): tell(.typing(isOn), in: session, by: request.person, from: connection)
    case .read(let session, let sequence):
      tell(.read(sequence), in: session, by: request.person, from: connection)
    case .disconnected:
      let followed = subscriptions.remove(connection)
      order.forget(connection)
      for session in followed { followersChanged(session) }
      if let agent = agentConnections.remove(connection), !has(.departureUntold) {
        enter(
          .endPresences(
            EndPresences(
              server: server, items: [EndPresences.Item(agent: agent, connection: connection.number)],
              bounds: bounds)),
          for: nil)
      }
    }
  }

  /// The answer to a request that never became a command.
  mutating func answer(_ request: ClientRequest, _ answer: Reply) {
    reply(request.connection, request.tag, answer)
    if let session = request.body.orderedSession {
      continueOrder(request.connection, session, isFollow: request.body.isFollow)
    }
  }

  /// A command of a connection has its answer, be it that it was refused or given up.
  mutating func wasToldOutcome(of command: Command, _ connection: ConnectionID) {
    guard case .send(let send) = command else { return }
    continueOrder(connection, send.session, isFollow: false)
  }

  /// What this connection has asked about the session since goes now.
  mutating func continueOrder(_ connection: ConnectionID, _ session: SessionID, isFollow: Bool) {
    for next in order.finished(connection, session, isFollow: isFollow) { begin(next) }
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
  mutating func takeAgain(_ request: ClientRequest) {
    guard subscriptions.isPresent(request.connection) else { return }
    switch request.body {
    case .send(let session, _, _), .close(let session, _):
      guard desk.owner(of: session) != nil else {
        return answer(request, .failed(.noSuchSession))
      }
      begin(request)
    case .transfer(let session, let id, _):
      if let outcome = knownOutcome(of: request.person, session, transfer: id) {
        return answer(request, outcome)
      }
      begin(request)
    case .open, .join, .resume, .status, .history, .typing, .read, .disconnected:
      begin(request)
    }
  }
}

extension Failure {
  package static let noSuchSession = Failure(.notFound, "there is no such session")
  static let closed = Failure(.sessionClosed, "the session is closed; open a new one")
  static let noSuchAgent = Failure(.notFound, "there is no such agent")
  /// Without a time to wait: it may be long, and another agent or a skill can take the session now.
  static let agentUnavailable = Failure(
    .busy, "the agent is not online or has no room; the session stays where it was")
  static let notYours = Failure(.forbidden, "you are not part of this session")
}
