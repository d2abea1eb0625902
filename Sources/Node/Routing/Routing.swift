import Desk
import Kernel
import Protocol
import Raft

/// From the node where a request came in to the owner of its session, and again when that goes wrong.
extension Node {
  /// Takes a command in the name of a connection; its answer comes when the command is applied here.
  mutating func enter(_ command: Command, for connection: ConnectionID?, tag: UInt32 = 0) {
    let bytes = command.mostBytes
    let client = connection.flatMap { subscriptions.person(of: $0) }
      .map { PendingRequest.Client(person: $0, desk: command.desk) }
    if let connection {
      if let failure = refusalNow() {
        reply(connection, tag, .failed(failure))
        if takesNoWork { sendElsewhere(connection, reason: "disk_full") }
        return wasToldOutcome(of: command, connection)
      }
      if let failure = memoryFailure(command) {
        reply(connection, tag, .failed(failure))
        sendElsewhere(connection, reason: "memory_short") { !$0.memoryIsShort }
        return wasToldOutcome(of: command, connection)
      }
      if let failure = archiveFailure(command) { return refuse(command, connection, tag, failure) }
      if bytes > configuration.maxCommandBytes {
        return refuse(command, connection, tag, .commandTooLarge(configuration.maxCommandBytes))
      }
      if let failure = pending.failure(adding: bytes, by: client, configuration) {
        return refuse(command, connection, tag, failure)
      }
    }
    if let failure = upgradeFailure(command) {
      if let connection { refuse(command, connection, tag, failure) }
      return
    }
    let request = PendingRequest(
      connection: connection, tag: tag, command: command, since: now, lastAttempt: now, client: client,
      bytes: bytes)
    let number = pending.add(request)
    if let session = request.session, !pipelines.enter(session, number, bytes: bytes) {
      return
    }
    route(number)
  }

  private mutating func refuse(
    _ command: Command, _ connection: ConnectionID, _ tag: UInt32, _ failure: Failure
  ) {
    reply(connection, tag, .failed(failure))
    wasToldOutcome(of: command, connection)
  }

  /// A client of a node that can keep nothing is better off with another one.
  ///
  /// - Parameter isBetter: of what another node has said of itself.
  private mutating func sendElsewhere(
    _ connection: ConnectionID, reason: String, to isBetter: (NodeNotice) -> Bool = { _ in true }
  ) {
    let others = group.members.filter { member in
      let id = NodeID(member.id)
      return canOwn(id) && peers.report(of: id).map(isBetter) ?? false
    }
    guard !others.isEmpty else { return }
    let other = others[placement.draw(below: others.count)]
    put(
      .goaway(
        connection, reason: reason, node: other.name, afterMilliseconds: placement.draw(below: 500)),
      into: connection.sink)
  }

  /// What stands against any request at this moment: no quorum, or no room on the disk.
  private func refusalNow() -> Failure? {
    if leadership.isLost(for: configuration.quorumGrace, now: now) {
      return Failure(
        .noQuorum, "this node sees no majority of the cluster; nothing can be kept now",
        retryAfterMilliseconds: 500)
    }
    if takesNoWork {
      let state = diskIsFull ? "is full" : "does not keep up"
      return Failure(.busy, "the disk of this node \(state); try another node", retryAfterMilliseconds: 2_000)
    }
    return nil
  }

  /// Sends a pending request where it belongs now: into this node's next entry, or to the session's owner.
  mutating func route(_ number: UInt64) {
    guard let request = pending[number] else { return }
    // Its answer could overtake what a snapshot has brought.
    if catchUp.holdsAll { return sendAgain([number]) }
    if let status = request.command.agentStatus, !isPresent(status, on: request.connection) {
      // Repeated after the connection has gone, it would bring back a presence that has ended.
      _ = pending.remove(number)
      return
    }
    if case .attend(let attendance) = request.command, !isCustomerHere(attendance.session) {
      // They have left since: what is said so late would bring them back.
      absenceWatch.endReturn(attendance.session)
      _ = pending.remove(number)
      return
    }
    let session = request.session
    var owner: (server: ServerID, epoch: Epoch, isClosed: Bool)?
    if let session { owner = state.owner(of: session) }
    pending.wasAttempted(number, at: now, owner: owner?.server)
    let origin = Origin(server: server, request: number)
    guard let session else {
      return batch.add(Submission(origin: origin, command: request.command))
    }
    guard let owner else { return answer(number, .refused(.notFound)) }
    // Nothing moves a closed session to another owner, so its own may be gone; what is final is known here.
    if owner.isClosed, case .settled(let final) = state.foresee(request.command) {
      return answer(number, final)
    }
    let command = request.command.under(owner.epoch)
    if owner.server == server || has(.ownerUnchecked) {
      batch.add(Submission(origin: origin, command: command))
    } else {
      // The node's own commands go on whatever happens; people are told.
      if request.connection != nil, let wait = routes.wait(for: owner.server, now) {
        return giveUp(
          number,
          Failure(
            .busy,
            "\(name(of: NodeID(owner.server.rawValue))) does not answer; repeat the request with the same id",
            retryAfterMilliseconds: wait))
      }
      routes.add(
        Forward(request: number, session: session, epoch: owner.epoch, command: command), to: owner.server)
    }
  }

  /// - Parameter connection: nil: this node's own word on an agent who is connected to it.
  private func isPresent(_ status: SetAgentStatus, on connection: ConnectionID?) -> Bool {
    if let connection { return subscriptions.isPresent(connection) }
    return agentConnections.connection(status.presence.connection) != nil
  }

  mutating func forwardWasRefused(_ refusal: ForwardRefusal) {
    guard pending[refusal.request] != nil else { return }
    switch refusal.reason {
    case .notOwner, .noLeader:
      // The owner has moved and one of the two nodes has not applied that yet; or an election is under way.
      routes.postpone(refusal.request)
    case .busy:
      if let owner = pending[refusal.request]?.lastOwner { wasNotAnswered(by: owner) }
      requestWasBusy(refusal.request)
    case .unreadable: forwardWasUnreadable(refusal.request)
    }
  }

  mutating func requestWasBusy(_ number: UInt64) {
    guard let request = pending[number] else { return }
    guard request.connection != nil else { return routes.postpone(number) }
    giveUp(
      number, Failure(.busy, "the cluster has more to do than it can; try again", retryAfterMilliseconds: 100))
  }

  /// Repeats all that is under way: a new leader may never have seen it.
  mutating func retryAll() {
    retry { _ in true }
  }

  mutating func retry(where condition: (PendingRequest) -> Bool) {
    if has(.neverRepeats) { return }
    sendAgain(
      pending.numbers(where: condition).filter { number in
        pending[number]?.session.map { !pipelines.isWaiting($0, number) } ?? true
      })
  }

  /// Repeats what has had no answer for long, and gives up what has had none for too long.
  mutating func sweep() {
    guard pending.count > 0 || reads.isWaiting || !audited.isEmpty else { return }
    let noQuorum = leadership.isLost(for: configuration.quorumGrace, now: now)
    let patience = Span.milliseconds(configuration.requestTimeout)
    let now = now
    let expired = pending.numbers { $0.connection != nil && (noQuorum || now - $0.since > patience) }
    for number in expired {
      giveUp(
        number,
        noQuorum
          ? Failure(
            .noQuorum,
            "this node sees no majority of the cluster; the request may or may not be kept: repeat it",
            retryAfterMilliseconds: 500)
          : Failure(
            .busy, "no answer in time; the request may or may not be kept: repeat it with the same id",
            retryAfterMilliseconds: 200))
    }
    if leadership.lostAt == nil { repeatLate() }
    giveUpHeldRequests(noQuorum: noQuorum)
    expireNotes(noQuorum: noQuorum, patience: .milliseconds(configuration.readTimeout))
    let subscriptions = subscriptions
    reads.expire(
      now, noQuorum: noQuorum, roundPatience: .milliseconds(configuration.readPatience),
      patience: .milliseconds(configuration.readTimeout)
    ) { subscriptions.isPresent($0) }
  }

  /// Each copy that is not lost is one more entry in the log: see `RetryPace`.
  private mutating func repeatLate() {
    if has(.neverRepeats) { return }
    let now = now
    let pace = retryPace
    let late = pending.numbers {
      now - $0.lastAttempt > pace.wait(afterRepeats: $0.repeats, isOwn: $0.connection == nil)
    }
    var again: [UInt64] = []
    for number in late where !routedAgain.contains(number) {
      guard let request = pending[number] else { continue }
      if let session = request.session {
        if pipelines.isWaiting(session, number) { continue }
        if let owner = request.lastOwner { wasNotAnswered(by: owner) }
      }
      again.append(number)
    }
    for number in again { pending.isRepeated(number) }
    sendAgain(again)
  }

  /// What waits behind a `join` or `resume` of its connection has never gone anywhere: it is as it was not sent.
  private mutating func giveUpHeldRequests(noQuorum: Bool) {
    let now = now
    let patience = Span.milliseconds(configuration.requestTimeout)
    let (late, next) = order.takeLate { noQuorum || now - $0 > patience }
    let failure =
      noQuorum
      ? Failure(
        .noQuorum, "this node sees no majority of the cluster; nothing can be kept now",
        retryAfterMilliseconds: 500)
      : Failure(
        .busy, "what was asked before has no answer yet; repeat the request with the same id",
        retryAfterMilliseconds: 200)
    for request in late { reply(request.connection, request.tag, .failed(failure)) }
    for request in next { begin(request) }
  }

  /// A command came back through the log; if it was passed on, whoever took it is well.
  mutating func wasAnswered(_ request: PendingRequest) {
    if let first = request.firstAttempt { retryPace.answered(after: now - first) }
    guard let owner = request.lastOwner, owner != server else { return }
    routes.record(owner, isGood: true, at: now)
  }

  private mutating func wasNotAnswered(by owner: ServerID) {
    guard owner != server else { return }
    routes.record(owner, isGood: false, at: now)
  }

  mutating func giveUp(_ number: UInt64, _ failure: Failure) {
    guard let request = pending.remove(number) else { return }
    if let connection = request.connection {
      reply(connection, request.tag, .failed(failure))
      wasToldOutcome(of: request.command, connection)
    }
    leavePipeline(request, number)
  }

  mutating func leavePipeline(_ request: PendingRequest, _ number: UInt64) {
    guard let session = request.session else { return }
    if pipelines.withdraw(session, number) { return }
    for next in pipelines.finished(session) { route(next) }
  }
}

extension Failure {
  fileprivate static func commandTooLarge(_ limit: Int) -> Failure {
    Failure(.tooLarge, "the request is larger than the \(limit) bytes that the log takes; say it in parts")
  }
}
