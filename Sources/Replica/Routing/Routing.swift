import Desk
import NIOCore
internal import Protocol
import Raft
import Wire

/// From the node where a request came in to the owner of its session, and again when that goes wrong.
extension ReplicaCore {
  /// Takes a command in the name of a connection; its answer comes when the command is applied here.
  func enter(_ command: Command, for connection: ConnectionID?, tag: UInt32 = 0) {
    if let connection {
      if let failure = refusalNow() {
        reply(connection, tag, .failed(failure))
        if takesNoWork { sendElsewhere(connection, reason: "disk_full") }
        return
      }
      if let failure = memoryFailure(command) {
        reply(connection, tag, .failed(failure))
        return sendElsewhere(connection, reason: "memory_short") { !$0.memoryIsShort }
      }
      if command.mostBytes > options.maxCommandBytes {
        return reply(connection, tag, .failed(.commandTooLarge(options.maxCommandBytes)))
      }
      if pending.count >= options.maxPending {
        return reply(
          connection, tag,
          .failed(Failure(.busy, "too many requests wait on this node; try again", retryAfterMilliseconds: 200))
        )
      }
    }
    if let failure = upgradeFailure(command) {
      if let connection { reply(connection, tag, .failed(failure)) }
      return
    }
    let request = PendingRequest(
      connection: connection, tag: tag, command: command, since: now, lastAttempt: now)
    let number = pending.add(request)
    if let session = request.session, !lanes.enter(session, number, bytes: command.mostBytes) { return }
    route(number)
  }

  /// A client of a node that can keep nothing is better off with another one.
  ///
  /// - Parameter isBetter: of what another node has said of itself.
  private func sendElsewhere(
    _ connection: ConnectionID, reason: String, to isBetter: (NodeNotice) -> Bool = { _ in true }
  ) {
    let others = members.filter { member in
      let id = NodeID(member.id)
      return canOwn(id) && notices[id].map { isBetter($0.notice) } ?? false
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
    if let lost = leaderLostAt, now - lost > .milliseconds(Int64(options.quorumGrace)) {
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
  func route(_ number: UInt64) {
    guard let request = pending[number] else { return }
    if case .setStatus(let status) = request.command, !isPresent(status, on: request.connection) {
      // Repeated after the connection has gone, it would bring back a presence that has ended.
      _ = pending.remove(number)
      return
    }
    let session = request.session
    var owner: (server: ServerID, epoch: Epoch, isClosed: Bool)?
    if let session { owner = desk.owner(of: session) }
    pending.wasAttempted(number, at: now, owner: owner?.server)
    let origin = Origin(server: server, request: number)
    guard let session else {
      return gathered.add(Submission(origin: origin, command: request.command))
    }
    guard let owner else { return answer(number, .refused(.notFound)) }
    // Nothing moves a closed session to another owner, so its own may be gone; what is final is known here.
    if owner.isClosed, case .settled(let final) = desk.foresee(request.command) { return answer(number, final) }
    let command = request.command.under(owner.epoch)
    if owner.server == server {
      gathered.add(Submission(origin: origin, command: command))
    } else {
      // The node's own commands go on whatever happens; people are told.
      if request.connection != nil, let wait = breakers[owner.server, default: CircuitBreaker()].wait(now) {
        return giveUp(
          number,
          Failure(
            .busy, "\(name(of: owner.server)) does not answer; repeat the request with the same id",
            retryAfterMilliseconds: wait))
      }
      forwards[owner.server, default: []].append(
        Forward(request: number, session: session, epoch: owner.epoch, command: command))
    }
  }

  /// - Parameter connection: nil: this node's own word on an agent who is connected to it.
  private func isPresent(_ status: SetAgentStatus, on connection: ConnectionID?) -> Bool {
    if let connection { return followers.isPresent(connection) }
    return presences.connection(status.presence.connection) != nil
  }

  func forwardWasRefused(_ refusal: ForwardRefusal) {
    guard pending[refusal.request] != nil else { return }
    switch refusal.reason {
    case .notOwner, .noLeader:
      // The owner has moved and one of the two nodes has not applied that yet; or an election is under way.
      deferred.append(refusal.request)
    case .busy:
      if let owner = pending[refusal.request]?.lastOwner { wasNotAnswered(by: owner) }
      requestWasBusy(refusal.request)
    case .unreadable: forwardWasUnreadable(refusal.request)
    }
  }

  func requestWasBusy(_ number: UInt64) {
    guard let request = pending[number] else { return }
    guard request.connection != nil else { return deferred.append(number) }
    giveUp(
      number, Failure(.busy, "the cluster has more to do than it can; try again", retryAfterMilliseconds: 100))
  }

  /// Repeats all that is under way: a new leader may never have seen it.
  func retryAll() {
    retry { _ in true }
  }

  func retry(where condition: (PendingRequest) -> Bool) {
    for number in pending.numbers(where: condition) {
      guard let request = pending[number] else { continue }
      if let session = request.session, lanes.isWaiting(session, number) { continue }
      route(number)
    }
  }

  /// Repeats what has had no answer for long, and gives up what has had none for too long.
  func sweep() {
    guard pending.count > 0 || reads.isWaiting else { return }
    let noQuorum = leaderLostAt.map { now - $0 > .milliseconds(Int64(options.quorumGrace)) } ?? false
    let patience = TimeAmount.milliseconds(Int64(options.requestTimeout))
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
    if leaderLostAt == nil {
      let late = pending.numbers { now - $0.lastAttempt > retryPace.wait(afterRepeats: $0.repeats) }
      var again: [UInt64] = []
      for number in late {
        guard let request = pending[number] else { continue }
        if let session = request.session {
          if lanes.isWaiting(session, number) { continue }
          if let owner = request.lastOwner { wasNotAnswered(by: owner) }
        }
        again.append(number)
      }
      for number in again {
        pending.isRepeated(number)
        route(number)
      }
    }
    reads.expire(now, noQuorum: noQuorum) { followers.isPresent($0) }
  }

  /// A command came back through the log; if it was passed on, whoever took it is well.
  func wasAnswered(_ request: PendingRequest) {
    if let first = request.firstAttempt { retryPace.answered(after: now - first) }
    guard let owner = request.lastOwner, owner != server else { return }
    breakers[owner]?.record(isGood: true, at: now)
  }

  private func wasNotAnswered(by owner: ServerID) {
    guard owner != server else { return }
    breakers[owner, default: CircuitBreaker()].record(isGood: false, at: now)
  }

  func giveUp(_ number: UInt64, _ failure: Failure) {
    guard let request = pending.remove(number) else { return }
    if let connection = request.connection { reply(connection, request.tag, .failed(failure)) }
    leaveLane(request, number)
  }

  func leaveLane(_ request: PendingRequest, _ number: UInt64) {
    guard let session = request.session else { return }
    if lanes.withdraw(session, number) { return }
    for next in lanes.finished(session) { route(next) }
  }
}

extension Failure {
  fileprivate static func commandTooLarge(_ limit: Int) -> Failure {
    Failure(.tooLarge, "the request is larger than the \(limit) bytes that the log takes; say it in parts")
  }
}
