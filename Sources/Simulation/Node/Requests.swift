import Desk
internal import Kernel
import NIOCore
import Protocol
import Raft
import Storage
import Wire

/// From the node where a request came in to the owner of its session, and again when that goes wrong; as `Replica`
/// does, without its limits.
extension World {
  private var retryAfter: Int { 2 * plan.electionTime }

  func take(_ request: ClientRequest, at node: SimulatedNode) {
    mix(8, node.place)
    tell(
      "request",
      [
        "node": .number(node.id.rawValue), "client": .number(UInt64(request.client)),
        "what": .text("\(request.wish)"),
      ])
    switch request.wish {
    case .read:
      node.waitingReads.append(WaitingRead(request: request, since: now))
    case .open(let open):
      var open = open
      open.owner = ownerForNewSession(at: node)
      enter(.open(open), request, at: node)
    case .status(let status):
      // Agents of this life come after those of the last.
      guard node.isAnnounced else { return reply(node, request, .tryAgain) }
      guard let status = take(status, of: request.client, at: node) else { return }
      enter(.setStatus(status), request, at: node)
    case .send(let session, let id, let body):
      guard node.desk.owner(of: session) != nil else { return reply(node, request, .tryAgain) }
      let send = SendMessage(
        session: session, epoch: Epoch(0), id: id, sender: request.person, kind: .text, body: body)
      enter(.send(send), request, at: node)
    case .close(let session):
      guard node.desk.owner(of: session) != nil else { return reply(node, request, .tryAgain) }
      enter(
        .close(CloseSession(session: session, epoch: Epoch(0), by: request.person, reason: "done")), request,
        at: node)
    case .transfer(let session, let id, let target):
      guard node.desk.owner(of: session) != nil else { return reply(node, request, .tryAgain) }
      let transfer = TransferSession(
        session: session, epoch: Epoch(0), requestID: id, by: request.person, target: target)
      enter(.transfer(transfer), request, at: node)
    }
    comeToAnEnd(node)
  }

  private func enter(_ command: Command, _ request: ClientRequest, at node: SimulatedNode) {
    node.lastRequest += 1
    node.pending.append(
      PendingRequest(
        number: node.lastRequest, request: request, command: command, since: now, lastAttempt: now))
    route(node.pending.count - 1, at: node)
  }

  private func route(_ position: Int, at node: SimulatedNode) {
    node.pending[position].lastAttempt = now
    let waiting = node.pending[position]
    if case .setStatus(let status) = waiting.command, !isConnected(status, at: node) {
      node.pending.remove(at: position)
      return
    }
    let origin = Origin(server: node.server, request: waiting.number)
    guard let session = waiting.session else {
      return node.gathered.append(Submission(origin: origin, command: waiting.command))
    }
    guard let owner = node.desk.owner(of: session) else { return }
    // A closed session changes no more, and its owner may be gone for good: the answer is known here.
    if owner.isClosed { return answerClosed(waiting, session, at: node) }
    let command = waiting.command.under(owner.epoch)
    if owner.server == node.server || mistake == .ownerUnchecked {
      node.gathered.append(Submission(origin: origin, command: command))
    } else {
      let place = Int(owner.server.rawValue) - 1
      guard node.forwards.indices.contains(place) else { return }
      node.forwards[place].append(
        Forward(request: waiting.number, session: session, epoch: owner.epoch, command: command))
    }
  }

  private func answerClosed(_ waiting: PendingRequest, _ session: SessionID, at node: SimulatedNode) {
    node.pending.removeAll { $0.number == waiting.number }
    guard case .settled(let answer) = node.desk.foresee(waiting.command) else { return }
    reply(node, waiting.request, .done(answer))
  }

  func retry(_ node: SimulatedNode, where condition: (PendingRequest) -> Bool) {
    var position = 0
    while position < node.pending.count {
      let number = node.pending[position].number
      if condition(node.pending[position]) { route(position, at: node) }
      if position < node.pending.count, node.pending[position].number == number { position += 1 }
    }
  }

  /// Repeats what has had no answer for long and gives up what has had none for too long.
  func sweep(_ node: SimulatedNode) {
    guard !node.pending.isEmpty || !node.readRounds.isEmpty || !node.waitingReads.isEmpty else { return }
    let patience = 6 * plan.electionTime
    node.pending.removeAll { now - $0.since > patience }
    retry(node) { now - $0.lastAttempt > retryAfter }
    // Rounds that had no answer go again under a new number: a new leader has never seen them.
    var again: [WaitingRead] = []
    node.readRounds.removeAll { round in
      guard round.index == nil, now - round.since > retryAfter else { return false }
      again += round.reads
      return true
    }
    node.waitingReads = (again + node.waitingReads).filter { now - $0.since <= patience }
  }

  // MARK: Proposing

  func proposeGathered(_ node: SimulatedNode) {
    guard !node.gathered.isEmpty, let role = node.raft?.role else { return }
    if role != .leader, node.raft?.leader == nil {
      for submission in node.gathered where submission.origin.server != node.server {
        refuse(submission.origin, .noLeader, at: node)
      }
      node.gathered.removeAll(keepingCapacity: true)
      return
    }
    let batch = node.gathered
    node.gathered.removeAll(keepingCapacity: true)
    checks.sawProposed(batch, by: node, in: self)
    let data = CommandCodec.encode(batch)
    let outcome = node.raft?.propose([Payload(checksum: CRC32C.checksum(data), data: data)])
    switch outcome {
    case .appended, .forwarded:
      if mistake == .answerAtProposal { answerEarly(batch, at: node) }
    default:
      tell(
        "refused",
        [
          "node": .number(node.id.rawValue), "commands": .number(UInt64(batch.count)),
          "outcome": .text("\(outcome ?? .noLeader)"),
        ])
      for submission in batch where submission.origin.server != node.server {
        refuse(submission.origin, .busy, at: node)
      }
    }
  }

  private func refuse(_ origin: Origin, _ reason: ForwardRefusal.Reason, at node: SimulatedNode) {
    let place = Int(origin.server.rawValue) - 1
    guard origin.request != 0, node.refusals.indices.contains(place) else { return }
    node.refusals[place].append(ForwardRefusal(request: origin.request, reason: reason))
  }

  /// The mistake `answerAtProposal`: what the command will bring is guessed from the state as it is.
  private func answerEarly(_ batch: [Submission], at node: SimulatedNode) {
    for submission in batch where submission.origin.server == node.server {
      guard case .send(let send) = submission.command, let session = node.desk.session(send.session),
        node.desk.stored(send.session, messageID: send.id, by: send.sender) == nil
      else { continue }
      answer(
        submission.origin.request,
        .stored(send.session, session.sequence.next, time: node.desk.now, isNew: true), at: node)
    }
  }

  // MARK: Forwarding

  func takeForward(_ forward: Forward, from sender: Int, at node: SimulatedNode) {
    let origin = Origin(server: nodes[sender].server, request: forward.request)
    let owner = node.desk.owner(of: forward.session)
    guard mistake == .ownerUnchecked || (owner?.server == node.server && owner?.epoch == forward.epoch) else {
      return refuse(origin, .notOwner, at: node)
    }
    node.gathered.append(Submission(origin: origin, command: forward.command))
  }

  func wasRefused(_ refusal: ForwardRefusal, at node: SimulatedNode) {
    guard let position = node.pending.firstIndex(where: { $0.number == refusal.request }) else { return }
    // Again at the next sweep: whoever was asked does not own the session, or cannot take it now.
    node.pending[position].lastAttempt = now - retryAfter
  }

  func sendForwards(_ node: SimulatedNode) {
    for place in nodes.indices {
      if !node.forwards[place].isEmpty {
        var bytes = ByteBuffer()
        ForwardCodec.encode(node.forwards[place], into: &bytes, for: .newest)
        node.forwards[place].removeAll(keepingCapacity: true)
        ship(bytes, .forward, from: node, to: place)
      }
      if !node.refusals[place].isEmpty {
        var bytes = ByteBuffer()
        ForwardCodec.encode(node.refusals[place], into: &bytes)
        node.refusals[place].removeAll(keepingCapacity: true)
        ship(bytes, .refused, from: node, to: place)
      }
    }
  }

  // MARK: Answers

  func answer(_ number: UInt64, _ answer: Answer, at node: SimulatedNode) {
    guard let position = node.pending.firstIndex(where: { $0.number == number }) else { return }
    if case .refused(.staleEpoch) = answer { return route(position, at: node) }
    let waiting = node.pending.remove(at: position)
    reply(node, waiting.request, .done(answer))
  }

  func reply(_ node: SimulatedNode, _ request: ClientRequest, _ body: ClientAnswer.Body) {
    // The connection of a client can break as well.
    if !isCalm, dice.chance(permille: 10) { return }
    schedule(
      .answer(client: request.client, ClientAnswer(operation: request.operation, body: body)),
      in: 100 + dice.below(1_000))
  }
}

extension PendingRequest {
  /// The session whose owner has to propose it, if it is one's.
  var session: SessionID? { command.session }
}
