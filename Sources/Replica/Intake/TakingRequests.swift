import Desk
internal import Protocol
import Wire

/// One request of a client connection, in the order in which the gateway took them.
extension ReplicaCore {
  func take(_ request: ClientRequest) {
    let connection = request.connection
    if case .disconnected = request.body {} else { followers.arrived(connection, request.person) }
    switch request.body {
    case .send, .close, .transfer:
      if let command = command(of: request) { take(command, for: request) }
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

  /// What a request asks for in the order of a session; nil: it asks for nothing there.
  private func command(of request: ClientRequest) -> Command? {
    switch request.body {
    case .send(let session, let id, let body):
      .send(
        SendMessage(
          session: session, epoch: Epoch(0), id: id, sender: request.person, kind: .text, body: body))
    case .close(let session, let reason):
      .close(CloseSession(session: session, epoch: Epoch(0), by: request.person, reason: reason))
    case .transfer(let session, let id, let target):
      .transfer(
        TransferSession(session: session, epoch: Epoch(0), requestID: id, by: request.person, target: target))
    default: nil
    }
  }

  /// Whoever comes from another node may know of more than this one has applied: what this state refuses and a newer one
  /// may allow is looked at again once this node is up to date. The state machine checks all of it again; here it saves
  /// the trip.
  private func take(_ command: Command, for request: ClientRequest) {
    guard let session = command.session else { return }
    if !held.holds(request.connection, session) {
      switch desk.foresee(command) {
      case .undecided: return enterIfThereIsRoom(command, for: request)
      // In its turn behind what the client has said before.
      case .settled(.stored) where desk.owner(of: session)?.isClosed == false:
        return enter(command, for: request.connection, tag: request.tag)
      case .settled(let answer):
        return reply(request.connection, request.tag, reply(to: command, answer, since: now))
      case .doubtful: break
      }
    }
    held.add(request.connection, session)
    reads.wait(.send(request), since: now)
  }

  private func enterIfThereIsRoom(_ command: Command, for request: ClientRequest) {
    if case .send(let send) = command,
      let failure = roomFailure(send.sender, send.session, bytes: send.body.count + send.id.utf8.count)
    {
      return reply(request.connection, request.tag, .failed(failure))
    }
    enter(command, for: request.connection, tag: request.tag)
  }

  /// A request that was held, now that the node is up to date: a refusal is final.
  func takeAgain(_ request: ClientRequest) {
    wasHeld(request)
    guard followers.isPresent(request.connection), let command = command(of: request) else { return }
    switch desk.foresee(command) {
    case .undecided: enterIfThereIsRoom(command, for: request)
    case .settled(let answer), .doubtful(let answer):
      reply(request.connection, request.tag, reply(to: command, answer, since: now))
    }
  }

  func wasHeld(_ request: ClientRequest) {
    if let session = command(of: request)?.session { held.release(request.connection, session) }
  }
}

extension Failure {
  static let noSuchSession = Failure(.notFound, "there is no such session")
  static let closed = Failure(.sessionClosed, "the session is closed; open a new one")
  static let noSuchAgent = Failure(.notFound, "there is no such agent")
  /// Without a time to wait: it may be long, and another agent or a skill can take the session now.
  static let agentUnavailable = Failure(
    .busy, "the agent is not online or has no room; the session stays where it was")
  /// Not to be repeated as it is: what was said first with the id stays.
  static let conflict = Failure(
    .conflict, "this id was used before, for something else; choose a new id for what is new")
  static let notYours = Failure(.forbidden, "you are not part of this session")
}
