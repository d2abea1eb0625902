internal import Kernel

/// Why an agent is given a session.
struct Choice: Sendable {
  var way: AssignmentRecord.Way
  var policy: KeptPolicy
  var step: Int
  /// The first ones in the order of the rule.
  var best: [CandidateRecord]
  var count: Int
  var isCut = false
  var tie = AssignmentRecord.Tie.none
  var excluded: [ExcludedAgents] = []
}

/// Sessions go to agents by the policies of the desk. From level 9 on.
extension DeskState {
  /// Gives a queued session that is in no line to an agent whom its policy chooses, or its place in the line.
  /// - Parameter last: agents who get it only when nobody else is free.
  mutating func seatByPolicy(_ id: SessionID, ratherThan last: [AgentID], into effects: inout [Effect]) {
    guard let session = routed(id) else { return }
    if !session.isPassedOver, let choice = choose(for: session, ratherThan: last) {
      assign(id, to: choice.agent, skill: session.skill, waitingSince: nil, by: choice.reason, into: &effects)
      // Where the agent is only asked, the customer waits.
      guard self.session(id)?.offer != nil else { return }
    } else if !session.isPassedOver {
      enterLines(session)
      expect(id)
    }
    // Who is passed over has a place, for the time when its customer is back.
    let (now, rules) = (now, timerRules.rules)
    if rules.queueLimit > 0 { changeSession(id) { $0.timers.waits(rules, at: now) } }
    effects.append(.session(id, .queued(position: position(of: id)?.position ?? 1)))
  }

  /// A session that waits, and was taken out of its lines, gets an agent, or another place in them: the next step has begun. Its place in
  /// the order is what it was.
  /// - Returns: whether it was given to an agent.
  mutating func seatAgain(_ id: SessionID, into effects: inout [Effect]) -> Bool {
    guard let session = routed(id) else { return false }
    guard let choice = choose(for: session, ratherThan: []) else {
      enterLines(session)
      return false
    }
    assign(
      id, to: choice.agent, skill: session.skill, waitingSince: session.queuedAt, by: choice.reason,
      into: &effects)
    return true
  }

  /// The session under the policy that it has now, as far as that has come.
  mutating func routed(_ id: SessionID) -> Session? {
    guard let session = session(id), session.state == .queued else { return nil }
    let kept = policies.policy(channel: session.channel, intent: session.intent)
    let step = kept.policy.stepsBegun(after: now - min(now, session.queuedAt))
    var routing = session.routingOrUsual
    guard routing.policy != kept.version || routing.step != step else { return session }
    (routing.policy, routing.step) = (kept.version, step)
    changeSession(id) { $0.routing = routing }
    return self.session(id)
  }

  /// Whoever has let the session pass is chosen only when nobody else is free.
  /// - Parameters:
  ///   - session: in no line.
  ///   - others: as those are.
  /// - Returns: nil: nobody can be asked.
  mutating func choose(
    for session: Session, ratherThan others: [AgentID]
  ) -> (agent: AgentID, reason: Choice)? {
    let routing = session.routingOrUsual
    let last = others + routing.offering.passed
    let kept = policies.version(routing.policy)
    let asking = kept.asking(step: routing.step, skill: session.skill)
    if asking.isPlain, asking.gates.isEmpty, last.isEmpty, unserved.isEmpty,
      let first = firstByIndex(session.skill, kept, step: routing.step)
    {
      return first
    }
    var found = candidates(for: session, under: kept, asking, ratherThan: last)
    let ranked = ranked(found.loads, in: session.skill, under: kept)
    guard let best = ranked.first else { return nil }
    took(best.load.agent, of: ranked, in: session.skill, under: kept)
    exclude(from: session.skill, in: &found)
    let choice = Choice(
      way: .chosen, policy: kept, step: routing.step,
      best: ranked.prefix(AssignmentRecord.mostShown).map(\.record), count: ranked.count, isCut: found.isCut,
      tie: ranked.count > 1 ? best.tie(with: ranked[1]) : .none, excluded: found.reasons)
    return (best.load.agent, choice)
  }

  /// Those two rules have an order that the line keeps: nobody else is looked at.
  /// - Returns: nil: it is another rule, or nobody is free.
  private mutating func firstByIndex(
    _ skill: String, _ kept: KeptPolicy, step: Int
  ) -> (agent: AgentID, reason: Choice)? {
    let most = AssignmentRecord.mostShown
    let loads: [AgentLoad]
    switch kept.policy.algorithm {
    case .leastConnections: loads = lineTable.read(TextKey(skill)) { $0.available.prefix(most) } ?? []
    case .roundRobin:
      beginTurns(in: skill)
      let first = lineTable.read(TextKey(skill)) { $0.turns?.first(most) ?? [] } ?? []
      loads = first.compactMap { agent in agentTable.read(agent) { $0.load(at: level) } }
    case .weightedRoundRobin, .skill, .weightedLoad, .composite, .manual: return nil
    }
    let ranked = ranked(loads, in: skill, under: kept)
    guard let best = ranked.first else { return nil }
    var found = Candidates()
    exclude(from: skill, in: &found)
    let choice = Choice(
      way: .chosen, policy: kept, step: step, best: ranked.map(\.record),
      count: lineTable.read(TextKey(skill)) { $0.available.count } ?? 0,
      tie: ranked.count > 1 ? best.tie(with: ranked[1]) : .none, excluded: found.reasons)
    return (best.load.agent, choice)
  }

  /// Those of the desk who are not even looked at.
  private func exclude(from skill: String, in found: inout Candidates) {
    found.exclude(.offline, agentCounts.offline)
    found.exclude(.away, agentCounts.away)
    found.exclude(.busy, agentCounts.busy)
    let (online, free) = lineTable.read(TextKey(skill)) { ($0.online, $0.available.count) } ?? (0, 0)
    found.exclude(.skill, agentCounts.online - online)
    found.exclude(.full, online - free)
  }

  /// A session that is the first of those whom an agent with room may serve.
  func next(_ session: Session, for agent: AgentID) -> Choice {
    let routing = session.routingOrUsual
    let level = agentTable.read(agent) { session.skill.isEmpty ? nil : $0.level(of: session.skill) } ?? nil
    let load = agentTable.read(agent) { $0.load(at: self.level) }
    return Choice(
      way: .next, policy: policies.version(routing.policy), step: routing.step,
      best: load.map { [Candidate(load: $0, level: level).record] } ?? [], count: 1)
  }

  /// - Parameter choice: nil: somebody has handed the session to the agent.
  func record(of choice: Choice?, _ id: SessionID, to agent: AgentID) -> AssignmentRecord {
    let kept = sessionTable.read(id) { policies.policy(channel: $0.channel, intent: $0.intent) } ?? .builtIn
    let choice = choice ?? Choice(way: .handed, policy: kept, step: 0, best: [], count: 0)
    return AssignmentRecord(
      time: now, agent: agent.rawValue, way: choice.way, policy: PolicyName(choice.policy),
      step: UInt32(choice.step), candidates: UInt32(clamping: choice.count), isCut: choice.isCut,
      best: choice.best, tie: choice.tie, excluded: choice.excluded)
  }
}

extension Session {
  /// What somebody who serves has said.
  /// - Returns: how long after the session was given to that agent, in ms; nil: they are not the first words.
  mutating func takeFirstWords(_ send: borrowing SendMessage, at now: UInt64) -> UInt64? {
    guard let kept = keptRouting, kept.value.awaitsWords, send.kind == .text, agents.count == 1,
      agents[0].rawValue.hasSameBytes(as: send.sender.id)
    else { return nil }
    var routing = kept.value
    routing.awaitsWords = false
    self.routing = routing
    return now - min(now, routing.givenAt)
  }

  mutating func wasGiven(_ record: AssignmentRecord, at now: UInt64) {
    var routing = routingOrUsual
    routing.add(record)
    (routing.givenAt, routing.awaitsWords, routing.forecast) = (now, true, nil)
    routing.offering.forget()
    self.routing = routing
  }
}
