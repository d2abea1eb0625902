internal import Kernel

/// Sessions are offered to agents and taken back. Which sessions an agent is asked for is changed here and by `give` alone, so that it is
/// exact at all times. From level 10 on.
extension DeskState {
  /// Asks the agent whether it serves a session that waits and is in no line.
  mutating func offer(_ id: SessionID, to agent: AgentID, by choice: Choice, into effects: inout [Effect]) {
    guard let session = session(id) else { return }
    let (now, rule) = (now, choice.policy.policy.ring)
    let record = AssignmentRecord.fields.encode(record(of: choice, id, to: agent))
    if agentTable.read(agent, { $0.serves(session.skill) }) == true {
      // It has had its turn, whatever it says.
      changeLine(session.skill) { $0.turns?.took(agent, at: now) }
    }
    changeAgent(agent) { agent in
      agent.offerSet.insert(id)
      agent.work.givenAt = now
    }
    changeSession(id) { session in
      session.changeOffering { $0.begin(with: agent, rule, record) }
      session.timers.rings(for: rule.timeout, at: now)
    }
    if let news = offered(id) { effects.append(.news(id, NewsRecord(news))) }
  }

  /// What the agent is told who is asked for that session now; nil: nobody is.
  package func offered(_ id: SessionID) -> Offered? {
    guard let session = session(id), let offer = session.offer else { return nil }
    let end = session.timers.time(of: .ring) ?? now
    return Offered(
      agent: offer.agent.rawValue, offer: offer.number, expires: end - min(end, now),
      waited: now - min(now, session.queuedAt), customer: session.customer.id, shown: session.customer.name,
      channel: session.channel, skill: session.skill, line: session.firstLine)
  }

  /// Takes a session that waits out of its lines, or from whoever is asked for it.
  /// - Returns: who was asked, and may have room for others now.
  mutating func leaveQueue(_ session: Session, into effects: inout [Effect]) -> AgentID? {
    if session.isInLine { leaveLines(session) }
    return endOffer(of: session.id, because: .withdrawn, into: &effects)
  }

  /// Nobody is asked any more; the session is in no line.
  /// - Returns: who was asked.
  @discardableResult
  mutating func endOffer(
    of id: SessionID, because reason: OfferEnded.Reason, into effects: inout [Effect]
  ) -> AgentID? {
    guard let offer = session(id)?.offer else { return nil }
    changeAgent(offer.agent) { agent in agent.offerSet.remove(id) }
    changeSession(id) { session in
      switch reason {
      case .declined, .missed, .lost: session.changeOffering { $0.passes(offer.agent) }
      case .withdrawn: session.changeOffering { $0.end() }
      }
      session.timers.ringEnds()
    }
    effects.append(
      .news(
        id,
        NewsRecord(OfferEnded(agent: offer.agent.rawValue, offer: offer.number, reason: reason))))
    let futile = sessionTable.read(id) { $0.routing?.offering.futile } ?? nil
    if reason != .withdrawn, futile == offer.rule.attempts {
      effects.append(.session(id, .unclaimed(offers: offer.rule.attempts)))
    }
    return offer.agent
  }

  /// An agent says that it does not want the session: it is given others who wait, and somebody else is asked.
  mutating func decline(_ id: SessionID, into effects: inout [Effect]) {
    guard let agent = endOffer(of: id, because: .declined, into: &effects) else { return }
    changeAgent(agent) { $0.work.missed = 0 }
    pull(for: agent, into: &effects)
    askAnother(for: id, into: &effects)
  }

  /// The time of an offer is over. What the session is to others comes later: see `fireTimers`.
  /// - Returns: who has missed it.
  mutating func miss(_ session: Session, into effects: inout [Effect]) -> AgentID? {
    guard let offer = session.offer else { return nil }
    // Who is gone has not heard it, and is not to blame.
    let isThere = agentTable.read(offer.agent) { $0.status != .offline } ?? false
    endOffer(of: session.id, because: isThere ? .missed : .lost, into: &effects)
    guard isThere else { return offer.agent }
    let isAway = changeAgent(offer.agent) { agent -> Bool in
      agent.work.missed += 1
      guard agent.work.missed >= offer.rule.missesToAway, agent.status == .online else { return false }
      agent.work.missed = 0
      agent.status = .away
      return true
    }
    if isAway == true { effects.append(.agent(number, offer.agent)) }
    return offer.agent
  }

  /// A session that nobody is asked for, and that is in no line, is offered to somebody else, or has its old place in them.
  mutating func askAnother(for id: SessionID, into effects: inout [Effect]) {
    guard let session = session(id), session.state == .queued, !session.isPassedOver else { return }
    guard !seatAgain(id, into: &effects) else { return }
    // One that was offered as soon as it was opened has never come into a line.
    if session.routing?.forecast == nil { expect(id) }
    let (now, rules) = (now, timerRules.rules)
    if rules.queueLimit > 0 { changeSession(id) { $0.timers.waits(rules, at: now) } }
    effects.append(.session(id, .queued(position: position(of: id)?.position ?? 1)))
  }

  /// An agent says itself that it takes nothing now: what it is asked for goes to others.
  mutating func withdrawOffers(from id: AgentID, into effects: inout [Effect]) {
    guard let (status, offers) = agentTable.read(id, { ($0.status, $0.offerSet.elements) }), status != .online,
      !offers.isEmpty
    else { return }
    for session in offers { endOffer(of: session, because: .withdrawn, into: &effects) }
    let places = offers.compactMap { session($0)?.queuePlace(at: level) }.sorted()
    for place in places { askAnother(for: place.session, into: &effects) }
  }

  /// Whoever is asked has said yes.
  /// - Throws: `Refusal`: the agent is gone, and nobody would take the session from it again.
  mutating func accept(_ session: Session, _ offer: Offer, into effects: inout [Effect]) throws(Refusal) {
    guard agentTable.read(offer.agent, { $0.status != .offline }) == true else { throw .agentUnavailable }
    let now = now
    changeLine(session.skill) { $0.pace.recordAssignment(waitingSince: session.queuedAt, now: now) }
    served(session.id, of: session.skill)
    var record = try? AssignmentRecord.fields.decode(offer.record)
    record?.time = now
    give(session.id, to: offer.agent, as: record, into: &effects)
  }
}

extension Session {
  /// The beginning of what its customer has said first; nil: nothing yet.
  fileprivate var firstLine: String? {
    guard let first = message(at: Sequence(1)), first.kind == .text, isCustomer(first.sender) else {
      return nil
    }
    return String(decoding: first.body.prefix(Offered.mostLine * 4), as: UTF8.self)
      .unicodeScalars.prefix(Offered.mostLine).reduce(into: "") { $0.unicodeScalars.append($1) }
  }
}
