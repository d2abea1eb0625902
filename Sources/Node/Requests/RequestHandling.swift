import Desk
import Kernel
import Protocol

/// One request of a client connection, in the order in which the gateway took them.
extension Node {
  mutating func take(_ request: ClientRequest) {
    if case .disconnected = request.body {
    } else {
      subscriptions.arrived(request.connection, request.person)
      if let failure = deskFailure(request) { return mayBeCreated(request, failure) }
      if !request.stays { visits(request) }
      if let session = request.body.orderedSession, held.waitsForDesk(request.connection, session) {
        return waitForDesk(request)
      }
    }
    takeInOrder(request)
  }

  /// A request for the desk of whoever asks.
  mutating func takeInOrder(_ request: ClientRequest) {
    if let session = request.body.orderedSession, !has(.orderUnchecked) {
      if order.hasToWait(request, in: session), !mayHold(request) {
        return reply(request.connection, request.tag, request.replyWhenFull ?? .failed(.tooManyRequests))
      }
      guard order.mayBegin(request, in: session, at: now) else { return }
    }
    begin(request)
  }

  /// It is its turn.
  mutating func begin(_ request: ClientRequest) {
    if !waitsForNote(request) { beginNoted(request) }
  }

  /// What is noted of it, if anything, was noted.
  mutating func beginNoted(_ request: ClientRequest) {
    let connection = request.connection
    switch request.body {
    case .send, .perform:
      if let command = command(of: request) { take(command, for: request) }
    case .open(let open):
      guard let number = state.number(of: request.desk) else { return refuse(request, .noSuchDesk) }
      if let failure = openFailure(request.person, of: number, open.id) {
        return reply(connection, request.tag, .failed(failure))
      }
      enter(
        .open(
          OpenSession(
            customer: request.person, requestID: open.id, channel: open.channel, skill: open.skill,
            intent: open.intent, priority: open.priority, attributes: open.attributes,
            owner: chooseOwner(), desk: number)),
        for: connection, tag: request.tag)
    case .govern(let record):
      enter(.govern(ClusterEnvelope(record, by: request.person)), for: connection, tag: request.tag)
    case .arrange(let record, let stays):
      guard let number = state.number(of: request.desk) else { return refuse(request, .noSuchDesk) }
      arrange(record, stays: stays, in: number, for: request)
    case .resume:
      // Without a quorum it waits: see `ReadBarriers.expire`.
      wait(.client(request), for: request)
    case .query(let asked) where asked.isOfArchive: askArchive(request, .query(asked))
    case .query(let asked) where asked.isLocal || asked.query is Sessions && has(.sessionsFromStale):
      readsLocally(request)
    case .join, .history, .query:
      if let failure = readFailureNow() { return answer(request, .failed(failure)) }
      wait(.client(request), for: request)
    case .typing(let session, let isOn): tell(.typing(isOn), in: session, by: request.person, from: connection)
    case .read(let session, let sequence):
      tell(.read(sequence), in: session, by: request.person, from: connection)
    case .disconnected:
      let followed = subscriptions.remove(connection)
      if !request.stays { for session in followed { visited(session, by: request.person) } }
      order.forget(connection)
      for session in followed { followersChanged(session) }
      if let agent = agentConnections.remove(connection) {
        enter(
          .endPresences(
            EndPresences(
              server: server, items: [EndPresences.Item(agent: agent.id, connection: connection.number)],
              bounds: bounds, desk: agent.desk)),
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
    guard let session = command.orderedSession else { return }
    continueOrder(connection, session, isFollow: false)
  }

  /// What this connection has asked about the session since goes now.
  mutating func continueOrder(_ connection: ConnectionID, _ session: SessionID, isFollow: Bool) {
    for next in order.finished(connection, session, isFollow: isFollow) { begin(next) }
  }

  /// What a request asks for in the order of a session; nil: it asks for nothing there.
  func command(of request: ClientRequest) -> Command? {
    switch request.body {
    case .send(let session, let id, let body):
      .send(
        SendMessage(
          session: session, epoch: Epoch(0), id: id, sender: request.person, kind: .text, body: body))
    case .perform(let record):
      .perform(Envelope(record, by: request.person, epoch: Epoch(0), level: state.level))
    case .open, .join, .resume, .arrange, .govern, .history, .query, .typing, .read, .disconnected:
      nil
    }
  }

  /// Whoever comes from another node may know of more than this one has applied: what this state refuses and a newer one
  /// may allow is looked at again once this node is up to date. The state machine checks all of it again; here it saves
  /// the trip.
  private mutating func take(_ command: Command, for request: ClientRequest) {
    guard let session = command.session else { return }
    // While clients are told what a snapshot has brought, no answer may come from the state.
    if !held.holds(request.connection, session), !catchUp.holdsAll {
      if case .send(let send) = command, state.admits(send) { return enterIfThereIsRoom(command, for: request) }
      switch state.foresee(command) {
      case .undecided: return enterIfThereIsRoom(command, for: request)
      // In its turn behind what the client has said before.
      case .settled(.stored) where state.owner(of: session)?.isClosed == false:
        return enter(command, for: request.connection, tag: request.tag)
      case .settled(let outcome): return settled(outcome, command, for: request)
      case .doubtful(let outcome):
        if has(.doubtIgnored) { return answer(request, reply(to: command, outcome, since: now)) }
      }
    }
    guard mayHold(request), reads.count < configuration.maxReads else {
      return answer(request, .failed(.tooManyRequests))
    }
    held.add(request)
    reads.wait(.send(request), since: now)
  }

  /// What was kept before needs no room: a repeat gets its first answer.
  private mutating func enterIfThereIsRoom(_ command: Command, for request: ClientRequest) {
    if case .send(let send) = command,
      let failure = roomFailure(send.sender, send.session, bytes: send.body.count + send.id.utf8.count),
      state.stored(send.session, messageID: send.id, by: send.sender) == nil
    {
      return answer(request, .failed(failure))
    }
    enter(command, for: request.connection, tag: request.tag)
  }

  /// A request that was held, now that the node is up to date: a refusal is final.
  mutating func takeAgain(_ request: ClientRequest) {
    wasHeld(request)
    guard subscriptions.isPresent(request.connection), let command = command(of: request) else { return }
    switch state.foresee(command) {
    case .undecided: enterIfThereIsRoom(command, for: request)
    case .doubtful(.refused(.notFound)) where mayAnnotate(command):
      guard case .perform(let envelope) = command else { return }
      askArchive(
        request, .annotation(envelope, isCaughtUp: archiveIsCaughtUp(with: envelope.session)))
    case .settled(let outcome), .doubtful(let outcome): settled(outcome, command, for: request)
    }
  }

  /// It was done before, or cannot be done. Whoever asks to watch once more may do so on another connection.
  private mutating func settled(_ outcome: Answer, _ command: Command, for request: ClientRequest) {
    let connection = request.connection
    reply(connection, request.tag, reply(to: command, outcome, since: now))
    if outcome == .done { watches(command, connection) }
    if let session = request.body.orderedSession { continueOrder(connection, session, isFollow: false) }
  }

  /// Whether it is something that can be done to a session that has left the state, as this one may have.
  private func mayAnnotate(_ command: Command) -> Bool {
    guard case .perform(let envelope) = command, envelope.record.annotates else { return false }
    return state.level >= AnnotateSession.since && mayHaveLeft(envelope.session)
  }

  mutating func wasHeld(_ request: ClientRequest) {
    held.release(request)
  }
}

extension Failure {
  static let closed = Failure(.sessionClosed, "the session is closed; open a new one")
  static let tooLate = Failure(
    .sessionClosed, "the session was closed too long ago; nothing can be said of it any more")
  static let noSuchAgent = Failure(.notFound, "there is no such agent")
  /// Without a time to wait: it may be long, and another agent or a skill can take the session now.
  static let agentUnavailable = Failure(
    .busy, "the agent is not online or has no room; the session stays where it was", isOfAsker: true)
  /// Not to be repeated as it is: what was said first with the id stays.
  static let conflict = Failure(
    .conflict, "this id was used before, for something else; choose a new id for what is new")
  static let preconditionFailed = Failure(
    .preconditionFailed, "the session has changed since the version that you expect; nothing was done")
}
