package import Desk
import Kernel

/// From verdicts and deliveries to frames for the client.
extension ServerConnection {
  /// What became of the token that was given out for verification.
  /// - Parameters:
  ///   - node: the name of this node.
  ///   - members: where clients may connect, told in `welcome`.
  package mutating func decide(
    _ verdict: Verdict, node: String, members: [MemberAddress], now: Moment,
    into output: inout ConnectionOutput
  ) {
    guard phase == .verifying else { return decideRenewal(verdict, now: now, into: &output) }
    switch verdict {
    case .busy:
      close(.tryAnotherNode, "too many tokens wait to be verified", now: now, into: &output)
    case .rejected(let reason):
      refuseToken(Failure(.unauthorized, reason), now: now, into: &output)
    case .accepted(let claims) where claims.expiresAtMilliseconds <= now.wall:
      refuseToken(.expiredToken, now: now, into: &output)
    case .accepted(let claims): welcome(claims, node: node, members: members, now: now, into: &output)
    }
  }

  private mutating func refuseToken(
    _ failure: Failure, now: Moment, into output: inout ConnectionOutput
  ) {
    sendError(id: "", session: nil, failure, now: now, into: &output)
    close(.unauthorized, "the token was not accepted", now: now, into: &output)
  }

  private mutating func welcome(
    _ claims: Claims, node: String, members: [MemberAddress], now: Moment, into output: inout ConnectionOutput
  ) {
    phase = .open
    phaseDeadline = now.instant + .milliseconds(rules.times.heartbeat)
    take(claims, now: now)
    sayWelcome(claims.person, node: node, members: members, now: now, into: &output)
    // The round trip is needed before the first message can be missed.
    if hasReceipts { ping(now: now, into: &output) }
    let resume = extra?.resume ?? []
    extra?.resume = []
    for point in resume {
      do throws(Failure) {
        try follow(point.session, after: point.after, id: "", kind: .resume, into: &output)
      } catch {
        sendError(id: "", session: point.session, error, now: now, into: &output)
      }
    }
    let odd = extra?.oddResume ?? []
    extra?.oddResume = []
    for point in odd {
      sendError(.none, session: point.session, point.failure, now: now, into: &output)
    }
    releaseExtra()
  }

  package mutating func reply(
    _ tag: UInt32, _ reply: Reply, now: Moment, into output: inout ConnectionOutput
  ) {
    guard phase == .open else { return }
    // The messages that follow a `.joined` or `.resumed` belong to no open request any more.
    if case .missed(let session, let messages) = reply {
      for message in messages { send(session, message, now: now, into: &output) }
      return
    }
    if case .gap(let session) = reply {
      return sayResumed(session, recovered: false, now: now, into: &output)
    }
    guard let slot = extra?.requests.take(tag) else { return }
    if slot.kind == .open { extra?.sessionsBeingOpened -= 1 }
    switch reply {
    case .opened(let summary):
      if countsSessions, summary.state != .closed,
        !needExtra().sessions.contains(summary.session)
      {
        needExtra().sessions.append(summary.session)
      }
      sayOpened(id: slot.id, summary, now: now, into: &output)
    case .joined(let summary): sayJoined(id: slot.id, summary, now: now, into: &output)
    case .resumed(let session, let recovered):
      if !recovered { leave(session) }
      sayResumed(session, recovered: recovered, now: now, into: &output)
    case .acknowledged(let session, let sequence, let time):
      sayAck(id: slot.id, session, sequence, time: time, now: now, into: &output)
    case .done: sayOK(id: slot.id, now: now, into: &output)
    case .history where hasFullTurn(output), .answer where hasFullTurn(output):
      // Pages asked for faster than they can leave would fill the memory.
      sendError(
        id: slot.id, session: nil,
        Failure(
          .busy, "Too many pages at a time: ask for one after the other.", retryAfterMilliseconds: 100),
        now: now, into: &output)
    case .history(let session, let messages, let more, let isCut):
      sayHistory(slot, session, messages, more: more, isCut: isCut, now: now, into: &output)
    case .answer(let answer): sayAnswer(id: slot.id, answer.record, now: now, into: &output)
    case .failed(let failure):
      if slot.isNew, let session = slot.session { leave(session) }
      sendError(
        id: slot.id, session: slot.kind == .resume ? slot.session : nil, failure, now: now, into: &output)
    case .missed, .gap: break
    }
  }

  /// Whether this turn alone brings the client more than may wait for it.
  private func hasFullTurn(_ output: borrowing ConnectionOutput) -> Bool {
    rules.limits.outboundBytes > 0 && output.frames.count > rules.limits.outboundBytes
  }

  /// A page is one frame, and must not fill the outbound buffer by itself: it ends where half of that is full,
  /// and says that there is more.
  private func sayHistory(
    _ slot: RequestTable.Slot, _ session: SessionID, _ messages: [Transcribed], more: Bool, isCut: Bool,
    now: Moment,
    into output: inout ConnectionOutput
  ) {
    let bound = rules.limits.outboundBytes == 0 ? 1 << 24 : rules.limits.outboundBytes / 2
    let isBackwards = slot.kind == .historyBackwards
    var size = 0
    var count = 0
    for message in isBackwards ? messages.reversed() : messages {
      size += message.body.count + 192
      // One message at least, or the client would come no further.
      if count > 0, size > bound { break }
      count += 1
    }
    let page = isBackwards ? messages.suffix(count) : messages.prefix(count)
    // The oldest messages are left out of a page backwards: it does not come to where something is gone.
    let isCutHere = isCut && !(isBackwards && count < messages.count)
    sayPage(
      id: slot.id, session, page, more: more || count < messages.count, isCut: isCutHere, now: now,
      into: &output)
  }

  /// A message of a session that this connection follows.
  package mutating func deliver(
    _ message: inout EncodedMessage, now: Moment, into output: inout ConnectionOutput
  ) {
    guard phase == .open else { return }
    guard hasReceipts else {
      message.append(isBinary: isBinary, to: &output.frames)
      output.figures.framesOut += 1
      return
    }
    guard hasRoomForUnconfirmed(now: now, into: &output) else { return }
    message.append(isBinary: isBinary, to: &output.frames)
    output.figures.framesOut += 1
    awaitReceipt(
      message.session, message.message.sequence, payload: message.payload(isBinary: isBinary), now: now)
  }

  /// A message for this connection alone.
  package mutating func send(
    _ session: SessionID, _ message: Transcribed, now: Moment, into output: inout ConnectionOutput
  ) {
    guard phase == .open else { return }
    guard !hasReceipts || hasRoomForUnconfirmed(now: now, into: &output) else { return }
    let start = output.frames.count
    if isBinary {
      writeBinary(session, message, now: now, into: &output)
    } else {
      output.frames.writeMessage(session, message)
    }
    output.figures.framesOut += 1
    guard hasReceipts else { return }
    let payload = output.frames.withUnsafeBytes {
      FrameHeader.payload(UnsafeRawBufferPointer(rebasing: $0[start...]))
    }
    awaitReceipt(session, message.sequence, payload: payload, now: now)
  }

  /// A message was sent: its receipt is to come.
  private mutating func awaitReceipt(
    _ session: SessionID, _ sequence: Sequence, payload: [UInt8], now: Moment
  ) {
    needExtra().unconfirmed.add(
      session, sequence, payload: payload, due: now.instant + .milliseconds(resendWait))
  }

  /// Unconfirmed messages are bounded as the outbound buffer is: whoever confirms too slowly is too slow.
  private mutating func hasRoomForUnconfirmed(
    now: Moment, into output: inout ConnectionOutput
  ) -> Bool {
    let limit = rules.limits.outboundBytes
    guard limit > 0, let extra, extra.unconfirmed.bytes > limit else { return true }
    close(.slowOrSilent, "too many messages are not confirmed", now: now, into: &output)
    return false
  }

  /// Something happened in a session. Events are not confirmed; a client that missed some sees the state when it
  /// joins.
  package mutating func event(_ event: inout EncodedEvent, into output: inout ConnectionOutput) {
    guard phase == .open else { return }
    event.append(isBinary: isBinary, to: &output.frames)
    output.figures.framesOut += 1
    switch event.event {
    case .closed: leaveCount(event.session)
    case .transferred(let from?, _) where person.map { $0.id.hasSameBytes(as: from.rawValue) } ?? false:
      leaveCount(event.session)
    case .transferred, .queued, .assigned, .typing, .read, .presence, .news: break
    }
  }

  /// The client is to move to another node; the connection stays until the delay is over.
  package mutating func goaway(
    reason: String, node: String?, url: String?, afterMilliseconds: Int, now: Moment,
    into output: inout ConnectionOutput
  ) {
    switch phase {
    case .open:
      sayGoaway(
        reason: reason, node: node, url: url, afterMilliseconds: afterMilliseconds, now: now, into: &output)
      let goes = now.instant + .milliseconds(max(0, afterMilliseconds))
      needExtra().departure = min(goes, extra?.departure ?? .distantFuture)
    case .awaitingHello, .verifying:
      close(.goingAway, "going away", now: now, into: &output)
    default: break
    }
  }

  /// The session no longer counts among those that this connection follows.
  private mutating func leaveCount(_ session: SessionID) {
    guard let extra, let place = extra.sessions.firstIndex(of: session) else { return }
    extra.sessions.remove(at: place)
  }

  private mutating func leave(_ session: SessionID) {
    leaveCount(session)
    extra?.unconfirmed.forget(session)
  }
}
