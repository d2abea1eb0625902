internal import Desk
package import Kernel

extension ClientConnection {
  /// What a frame from the server brings about.
  package mutating func received(_ frame: ReceivedFrame, at now: Instant) -> [ClientAction] {
    heard(at: now)
    let pending = requests.count
    var actions = read(frame, at: now)
    // An answer to something new, whatever it says.
    if frame.type != "welcome", requests.count < pending, isReady { proved() }
    // What was answered makes room for what is still to be resumed.
    let left = requests.count
    if left < pending { resumeMore() }
    if isCareful || requests.count > left { actions += sendWaiting(at: now) }
    return actions
  }

  private mutating func read(_ frame: ReceivedFrame, at now: Instant) -> [ClientAction] {
    if let id = frame.id, let session = resumption.session(of: id) {
      return resumed(session, id, by: frame, at: now)
    }
    switch frame.type {
    case "welcome": return welcomed(frame, at: now)
    case "message": return message(frame, at: now)
    case "ack": return acknowledged(frame)
    case "opened": return opened(frame)
    case "joined": return joined(frame)
    case "ok":
      if let told = renewal.answered(frame, at: now) { return told }
      guard let request = take(frame) else { return [] }
      if request.frame.operation is SetStatus { lastStatus = request.frame }
      return [.resolve(id: request.id, .done)]
    case "history": return history(frame)
    case "event": return event(frame)
    case "error": return renewal.answered(frame, at: now) ?? failed(frame, at: now)
    case "token_expires":
      renewal.ends(inMilliseconds: frame.inMilliseconds ?? 0, at: now)
      return renewal.isDue(at: now) ? [.needToken] : []
    case "goaway":
      route.goaway(
        to: frame.node, at: frame.clientURL, afterMilliseconds: frame.reconnectAfterMilliseconds ?? 0)
      leaves()
      return [.disconnect(reason: "the node sent this client away: \(frame.reason ?? "no reason given")")]
    case "ping": return [.transmit(.pong)]
    default:
      if Operations.answer(named: frame.type) != nil { return answered(frame) }
      // Newer servers may say more; what is not understood is not for this client.
      if frame.recovered == false, let session = frame.session { return lost(session) }
      return []
    }
  }

  private mutating func take(_ frame: ReceivedFrame) -> PendingRequest? {
    frame.id.flatMap { requests.remove($0) }
  }

  private mutating func message(_ frame: ReceivedFrame, at now: Instant) -> [ClientAction] {
    guard let message = ChatMessage(frame) else { return [] }
    if settings.receipts {
      unconfirmed.insert(message.session)
      confirmationDue = min(confirmationDue, now + Self.confirmationWait)
    }
    // A conversation that was assigned to an agent begins, for this client, with the first message it is told.
    var set = seen[message.session] ?? SequenceSet(floor: message.sequence == 0 ? 0 : message.sequence - 1)
    let isNew = set.insert(message.sequence)
    seen[message.session] = set
    // Our own, brought back by resuming: its acknowledgement was lost, not the message.
    if let request = requests[message.id], case .send(let send) = request.frame.content,
      send.session == SessionID(text: message.session)
    {
      requests.remove(message.id)
      let acknowledgement = Acknowledgement(
        id: message.id, session: message.session, sequence: message.sequence, time: message.time)
      return [.resolve(id: message.id, .acknowledged(acknowledgement))]
    }
    return isNew ? [.emit(.message(message))] : []
  }

  private mutating func acknowledged(_ frame: ReceivedFrame) -> [ClientAction] {
    guard let id = frame.id, let session = frame.session, let sequence = frame.seq else { return [] }
    if seen[session] == nil { seen[session] = SequenceSet(floor: sequence - min(sequence, 1)) }
    seen[session]?.insert(sequence)
    guard let request = requests[id], case .send(let send) = request.frame.content,
      send.session == SessionID(text: session)
    else { return [] }
    requests.remove(id)
    return [
      .resolve(
        id: id,
        .acknowledged(
          Acknowledgement(id: id, session: session, sequence: sequence, time: frame.time ?? 0)))
    ]
  }

  private func snapshot(_ frame: ReceivedFrame) -> SessionSnapshot? {
    guard let session = frame.session else { return nil }
    return SessionSnapshot(
      session: session, state: frame.state ?? "", position: frame.position ?? 0,
      etaMilliseconds: frame.etaMilliseconds ?? 0, etaRange: frame.etaRange, agents: frame.agents ?? [],
      sequence: frame.seq)
  }

  private mutating func opened(_ frame: ReceivedFrame) -> [ClientAction] {
    guard let request = take(frame) else { return [] }
    guard let snapshot = snapshot(frame) else {
      return [.resolve(id: request.id, .failed(.badAnswer("opened without a session")))]
    }
    if seen[snapshot.session] == nil { seen[snapshot.session] = SequenceSet() }
    return [.resolve(id: request.id, .opened(snapshot))]
  }

  private mutating func joined(_ frame: ReceivedFrame) -> [ClientAction] {
    var actions: [ClientAction] = []
    if frame.recovered == false, let session = frame.session { actions += lost(session) }
    guard let request = take(frame) else { return actions }
    guard let snapshot = snapshot(frame) else {
      return actions + [.resolve(id: request.id, .failed(.badAnswer("joined without a session")))]
    }
    // Followed again, by whatever way: there is something to resume.
    if snapshot.state != "closed" { ended.removeAll { $0 == snapshot.session } }
    return actions + [.resolve(id: request.id, .joined(snapshot))]
  }

  private mutating func history(_ frame: ReceivedFrame) -> [ClientAction] {
    guard let request = take(frame) else { return [] }
    let session = frame.session ?? (request.frame.operation as? History)?.session.text ?? ""
    let page = HistoryPage(
      messages: (frame.messages ?? []).map { ChatMessage($0, session: session) }, more: frame.more ?? false,
      isComplete: frame.complete ?? true)
    return [.resolve(id: request.id, .history(page))]
  }

  /// The answer to a query.
  private mutating func answered(_ frame: ReceivedFrame) -> [ClientAction] {
    guard let request = take(frame) else { return [] }
    guard let answer = frame.answer else {
      return [
        .resolve(id: request.id, .failed(.badAnswer("`\(frame.type)` has not the fields that it declares")))
      ]
    }
    return [.resolve(id: request.id, .answer(answer))]
  }

  private mutating func event(_ frame: ReceivedFrame) -> [ClientAction] {
    guard let session = frame.session, let kind = frame.kind else { return [] }
    switch kind {
    case "queued":
      return [
        .emit(
          .queued(
            session: session, position: frame.position ?? 0, etaMilliseconds: frame.etaMilliseconds ?? 0,
            range: frame.etaRange))
      ]
    case "assigned":
      let agent = frame.agent ?? ""
      // Given away once and back again: there is something to resume.
      if agent == user { ended.removeAll { $0 == session } }
      return [.emit(.assigned(session: session, agent: agent, name: frame.name ?? agent))]
    case "transferred":
      let target: TransferTarget
      if let agent = frame.to { target = .agent(agent) } else { target = .skill(frame.skill ?? "") }
      if let from = frame.from, from == user { forgetLater(session) }
      return [.emit(.transferred(session: session, from: frame.from, to: target))]
    case "invited" where frame.agent == user: ended.removeAll { $0 == session }
    case "invite_ended" where frame.agent == user: forgetLater(session)
    case "closed":
      forgetLater(session)
      return [
        .emit(.closed(session: session, by: frame.by ?? frame.from ?? "", reason: frame.reason ?? ""))
      ]
    case "typing":
      let by = frame.by ?? ""
      return [.emit(.typing(session: session, by: by, name: frame.name ?? by, isOn: frame.on ?? false))]
    case "read":
      return [.emit(.read(session: session, by: frame.by ?? "", sequence: frame.seq ?? 0))]
    case "presence":
      guard let user = frame.user, let isOnline = frame.online else { return [] }
      return [
        .emit(
          .presence(
            session: session, user: user, name: frame.name ?? user, role: frame.role ?? "", isOnline: isOnline))
      ]
    case "resumed" where frame.recovered == false, "lost":
      return lost(session)
    default: if frame.recovered == false { return lost(session) }
    }
    if let offer = frame.event?.opened(as: Offered.self) {
      return [.emit(.offered(session: session, ConversationOffer(offer)))]
    }
    if let ended = frame.event?.opened(as: OfferEnded.self) {
      return [
        .emit(
          .offerEnded(
            session: session, agent: ended.agent, number: Int(ended.offer), reason: ended.reason.name))
      ]
    }
    return frame.event.map { [.emit(.declared(session: session, $0))] } ?? []
  }

  mutating func forgetLater(_ session: String) {
    guard !ended.contains(session) else { return }
    ended.append(session)
    if ended.count > Self.endedRemembered { seen[ended.removeFirst()] = nil }
  }

  /// What was said meanwhile is not told on this connection.
  mutating func lost(_ session: String) -> [ClientAction] {
    seen[session]?.goOnAnywhere()
    return [.emit(.historyLost(session: session))]
  }

  private mutating func failed(_ frame: ReceivedFrame, at now: Instant) -> [ClientAction] {
    let code = frame.code ?? "error"
    let text = frame.message ?? ""
    guard let id = frame.id, let request = requests[id] else {
      // An agent's status that was told again after a reconnection belongs to nobody; it is tried once more then.
      if code == "not_found" || code == "forbidden" || code == "session_closed", let session = frame.session {
        // Not resumed again, and still known: an agent may get it back, and what comes then was partly shown before.
        if seen[session] != nil { forgetLater(session) }
      }
      return [.emit(.serverError(code: code, message: text))]
    }
    // An agent who cannot take a conversation now may not be able to for long: whoever hands it on chooses anew.
    let isFinal = request.frame.operation is any SessionOperation && frame.retryAfterMilliseconds == nil
    guard !isFinal, let wait = putOff(id, frame, at: now) else {
      requests.remove(id)
      if let join = request.frame.join { seen[join.session.text] = nil }
      return [.resolve(id: id, .failed(.refused(code: code, message: text)))]
    }
    return [.emit(.retrying(id: id, code: code, message: text, afterMilliseconds: wait))]
  }

  /// The request is sent again later, if its error is one that passes.
  /// - Returns: after how many milliseconds; nil: it does not pass.
  mutating func putOff(_ id: String, _ frame: ReceivedFrame, at now: Instant) -> Int? {
    guard let request = requests[id], Failure.Code(rawValue: frame.code ?? "")?.isTemporary == true else {
      return nil
    }
    // Doubling from 50 ms to 1.6 s when the server names no wait.
    let named = frame.retryAfterMilliseconds.map { min(max($0, 1), ReceivedFrame.longestWait) }
    let wait = named ?? 50 << min(request.refusals, 5)
    requests.update(id) {
      $0.retryAt = now + .milliseconds(wait)
      $0.refusals += 1
    }
    return wait
  }
}
