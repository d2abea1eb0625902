/// Opening, writing and closing.
extension DeskState {
  mutating func apply(_ send: SendMessage, into effects: inout [Effect]) -> Answer {
    let (now, level) = (now, level)
    var reply: UInt64?
    let rules = timerRules.rules
    var armed: (before: [SessionTimers.Armed], after: [SessionTimers.Armed])?
    let (answer, said, isOverfull) =
      sessionTable.update(send.session) { session in
        let answer = session.receive(send, now: now, level: level)
        guard case .stored(_, _, _, isNew: true) = answer else { return (answer, 0, false) }
        armed = session.moveTimers(hearing: send, rules, at: now)
        let isOverfull = level >= LeftMessages.since && session.transcript.listIfOverfull()
        guard session.isCustomer(send.sender) else {
          reply = session.takeFirstWords(send, at: now)
          return (answer, 0, isOverfull)
        }
        return (answer, session.uncounted.add(send.body.count + send.id.utf8.count, at: now), isOverfull)
      } ?? (.refused(.notFound), 0, false)
    if let armed { moveTimers(send.session, from: armed.before, to: armed.after) }
    if isOverfull { servers.overfull.append(send.session) }
    if let reply { _ = agentTable.update(AgentID(send.sender.id)) { $0.work.recordReply(after: reply) } }
    if case .stored(let session, let sequence, _, isNew: true) = answer {
      if said > 0 { count(said: said, by: send.sender.id) }
      effects.append(.message(session, sequence))
    }
    return answer
  }

  /// - Parameter id: nil: the entry has no id left to give.
  mutating func apply(_ open: OpenSession, id: SessionID?, into effects: inout [Effect]) -> Answer {
    guard open.customer.role == .customer else { return .refused(.forbidden) }
    let request = RequestKey(customer: open.customer.id, request: open.requestID)
    if let id = requestTable[request] {
      guard let session = session(id), session.wasOpened(by: open) else { return .refused(.conflict) }
      return .opened(id, isNew: false)
    }
    guard let id, !sessionTable.contains(id) else { return .refused(.forbidden) }
    if let refusal = settings.refusal(ofSessionBeside: sessionCounts) { return .refused(refusal) }
    let opening = Session.Opening(
      customer: open.customer, requestID: open.requestID, channel: open.channel, intent: open.intent,
      priority: open.priority, attributes: open.attributes, openedAt: now)
    var session = Session(id: id, opening: opening, skill: open.skill, owner: open.owner)
    if level >= SessionFigures.since { session.figures = SessionFigures() }
    if level >= VirtualArrival.since {
      guard let routing = routing(of: session) else { return .refused(.queueFull) }
      session.routing = routing
    }
    sessionTable.set(id, to: session)
    count(opened: session)
    opened.insert(id, of: session.customer.id)
    requestTable.set(request, to: id)
    let place = owned(id)
    servers.owned[open.owner, default: RankedSet()].insert(place)
    sessionCounts[.queued] += 1
    effects.append(.session(id, .opened))

    seat(id, into: &effects)
    return .opened(id, isNew: true)
  }

  /// - Parameters:
  ///   - session: not closed.
  ///   - pulls: whoever served it gets the next one at once; else that is left to `serveUnserved`.
  mutating func end(
    _ session: Session, by person: Person, reason: String, pulls: Bool = true, into effects: inout [Effect]
  ) {
    let closing = Session.Closing(by: person, reason: reason, time: now)
    let now = now
    let id = session.id
    if session.absence != nil { absentCount -= 1 }
    let said = changeSession(id) { session in
      session.state = .closed
      session.closing = closing
      session.updatedAt = closing.time
      session.absence = nil
      session.timers.isTaken()
      return session.uncounted.take(at: now)
    }
    sessionCounts[session.state] -= 1
    sessionCounts[.closed] += 1
    disown(id, owner: session.owner)
    servers.ended.insert(EndedSession(time: now, id: id))
    if let said, said > 0 { count(said: said, by: session.customer.id) }
    count(closed: session.customer.id)
    opened.remove(id, of: session.customer.id)
    over.insert(id, of: session.customer.id)
    effects.append(.session(id, .closed(by: person, reason: reason)))
    if session.team != nil { disband(session) }

    switch session.state {
    case .queued:
      let asked = leaveQueue(session, into: &effects)
      if !session.isPassedOver { gaveUp(session) }
      if let asked {
        if pulls { pull(for: asked, into: &effects) } else { noteUnserved(asked) }
      }
    case .active:
      handled(session)
      for agent in session.agents { endChat(session, of: agent) }
      for agent in session.agents {
        if pulls { pull(for: agent, into: &effects) } else { noteUnserved(agent) }
      }
    case .closed:
      break
    }
  }

  mutating func disown(_ session: SessionID, owner: ServerID) {
    let place = owned(session)
    servers.owned[owner]?.remove(place)
    if servers.owned[owner]?.isEmpty == true { servers.owned[owner] = nil }
  }

  func owned(_ id: SessionID) -> OwnedSession {
    OwnedSession(shard: sessionTable.shard(of: id), id: id)
  }
}
