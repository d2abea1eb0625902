internal import Kernel

extension ReplicatedState {
  /// Works everything out anew that the state keeps for speed, and compares. For tests and the simulator: it looks
  /// at every message. Empty: all is well.
  package func checkInvariants() -> [String] {
    var problems: [String] = []
    var anew = ServerTables()
    for desk in [main] + others where !desk.isVacant {
      let found = desk.isDeleted ? desk.checkServers(&anew) : desk.checkInvariants(&anew)
      problems += desk.number == .main ? found : found.map { "desk \(desk.settings.name): \($0)" }
    }
    return problems + checkServers(anew) + checkDesks()
  }

  private func checkServers(_ anew: ServerTables) -> [String] {
    var problems: [String] = []
    if servers.owned.mapValues(\.elements) != anew.owned.mapValues(\.elements) {
      problems.append("the list of owners is wrong")
    }
    if servers.present.mapValues(\.elements) != anew.present.mapValues(\.elements) {
      problems.append("the list of who is where is wrong")
    }
    if servers.ended.elements != anew.ended.elements {
      problems.append("the list of sessions that are over is wrong")
    }
    if servers.overfull.sorted() != anew.overfull.sorted() {
      problems.append("the list of transcripts that are to be trimmed is wrong")
    }
    problems += servers.ended.checkInvariants()
    for server in servers.owned.keys.sorted() { problems += servers.owned[server]?.checkInvariants() ?? [] }
    for server in servers.present.keys.sorted() { problems += servers.present[server]?.checkInvariants() ?? [] }
    return problems
  }

  private func checkDesks() -> [String] {
    var problems: [String] = []
    let inUse = others.filter { !$0.isVacant }
    if duties.elements != inUse.compactMap(\.duty).sorted() {
      problems.append("the list of what desks have to do is wrong")
    }
    let found = inUse.filter { !$0.isDeleted }
    if names.count != found.count || found.contains(where: { names[$0.settings.name] != $0.number }) {
      problems.append("the names of the desks are wrong")
    }
    if others.last?.isVacant == true { problems.append("there is room for desks that nobody needs") }
    for (place, desk) in others.enumerated() where Int(desk.number.rawValue) != place + 1 {
      problems.append("desk \(desk.number) is in place \(place)")
    }
    if level < .fourth, !others.isEmpty { problems.append("level \(level) knows one desk alone") }
    return problems
  }
}

extension DeskState {
  fileprivate func checkInvariants(_ servers: inout ServerTables) -> [String] {
    checkSessions() + checkAgents() + checkTeams() + checkOffers() + checkWrapUps() + checkLines()
      + checkRouting()
      + checkCustomers()
      + checkOpened()
      + checkAbsences() + checkTimers() + checkServers(&servers)
  }

  /// Enters what stands above the desks.
  fileprivate func checkServers(_ servers: inout ServerTables) -> [String] {
    for id in sessionTable.sortedKeys {
      guard let session = sessionTable[id] else { continue }
      if session.transcript.isListed { servers.overfull.append(id) }
      if let time = session.closedAt {
        servers.ended.insert(EndedSession(time: time, id: id))
      } else {
        servers.owned[session.owner, default: RankedSet()].insert(owned(id))
      }
    }
    for agent in agents() {
      for presence in agent.presences {
        servers.present[presence.server, default: RankedSet()].insert(AgentPlace(desk: number, agent: agent.id))
      }
    }
    return self.servers.owned.isEmpty && self.servers.present.isEmpty && self.servers.ended.isEmpty
      && self.servers.overfull.isEmpty
      ? [] : ["what was lent was not given back"]
  }

  private func checkCustomers() -> [String] {
    var anew = DeskState(number, settings: settings)
    anew.now = now
    var uncounted: [TextKey: Int] = [:]
    for shard in sessionTable.shards {
      for session in shard.values {
        anew.count(restored: session)
        uncounted[TextKey(session.customer.id), default: 0] += session.uncounted.value(at: now)
      }
    }
    return uncounted.keys.sorted().compactMap { customer in
      var use = customers.use(of: customer.text, at: now)
      use.bytes += uncounted[customer] ?? 0
      let right = anew.customers.use(of: customer.text, at: now)
      // What has left the state stays counted where it was seen, and is not known from a snapshot.
      if level >= .sixth {
        (use.opened, use.bytes) = (min(use.opened, right.opened), min(use.bytes, right.bytes))
      }
      return use == right ? nil : "customer \(customer): \(use), should be \(right)"
    }
  }

  private func checkAbsences() -> [String] {
    var problems: [String] = []
    var due: [AbsenceDeadline] = []
    var count = 0
    for id in sessionTable.sortedKeys {
      guard let session = sessionTable[id], let absence = session.absence else { continue }
      count += 1
      if level == .first { problems.append("\(id): level 1 knows nothing of who is gone") }
      if session.isClosed { problems.append("\(id): closed, and waits for its customer") }
      if absence.since > now || absence.since < session.openedAt {
        problems.append("\(id): its customer is gone since a wrong time")
      }
      if let deadline = session.absenceDeadline { due.append(deadline) }
    }
    if absences.elements != due.sorted() { problems.append("the list of sessions to be closed is wrong") }
    if absentCount != count { problems.append("\(absentCount) customers are gone, should be \(count)") }
    return problems + absences.checkInvariants()
  }

  private func checkOpened() -> [String] {
    var (right, rightOver): ([TextKey: [SessionID]], [TextKey: [SessionID]]) = ([:], [:])
    for id in sessionTable.sortedKeys {
      guard let session = sessionTable[id] else { continue }
      let customer = TextKey(session.customer.id)
      if session.isClosed {
        rightOver[customer, default: []].append(id)
      } else {
        right[customer, default: []].append(id)
      }
    }
    return compare(opened, right, "open") + compare(over, rightOver, "closed")
  }

  private func compare(
    _ list: SessionsOfCustomers, _ right: [TextKey: [SessionID]], _ what: String
  ) -> [String] {
    var problems = right.keys.sorted().compactMap { customer -> String? in
      list.sessions(of: customer.text) == right[customer]
        ? nil : "customer \(customer): wrong list of \(what) sessions"
    }
    if list.count != right.count { problems.append("customers without \(what) sessions are listed") }
    return problems
  }

  private func checkSessions() -> [String] {
    var problems: [String] = []
    var counts = SessionCounts()
    let ids = sessionTable.sortedKeys
    if ids.count != sessionTable.count {
      problems.append("\(sessionTable.count) sessions counted, \(ids.count) kept")
    }
    if requestTable.count != ids.count {
      problems.append("\(requestTable.count) requests for \(ids.count) sessions")
    }
    for id in ids {
      guard let session = sessionTable[id] else { continue }
      counts[session.state] += 1
      if id.desk != number { problems.append("\(id): is another desk's") }
      if session.id != id { problems.append("\(id): kept under another id") }
      if (session.state == .closed) != (session.closing != nil) {
        problems.append("\(id): closed only by half")
      }
      if session.state == .queued, !session.agents.isEmpty { problems.append("\(id): queued, and has agents") }
      if session.state == .active, session.agents.isEmpty { problems.append("\(id): active without an agent") }
      if session.openedAt > session.updatedAt || session.updatedAt > now {
        problems.append("\(id): wrong times")
      }
      if session.queuedAt < session.openedAt || session.queuedAt > now {
        problems.append("\(id): waits since a wrong time")
      }
      if Set(session.agents).count != session.agents.count { problems.append("\(id): has an agent twice") }
      if session.routing != nil, level < VirtualArrival.since {
        problems.append("\(id): is routed, which level \(level) does not know")
      }
      if session.epoch.rawValue == 0 { problems.append("\(id): no epoch") }
      let request = RequestKey(customer: session.customer.id, request: session.requestID)
      if requestTable[request] != id { problems.append("\(id): its request leads elsewhere") }
      problems += session.transcript.checkInvariants().map { "\(id): \($0)" }
      problems += session.checkFigures(level: level, now: now).map { "\(id): \($0)" }
    }
    if counts != sessionCounts { problems.append("session counts are \(sessionCounts), should be \(counts)") }
    return problems
  }

  private func checkAgents() -> [String] {
    var problems: [String] = []
    var counts = AgentCounts()
    var chats: [AgentID: [SessionID]] = [:]
    var due: [AgentDeadline] = []
    for id in sessionTable.sortedKeys {
      guard let session = sessionTable[id], session.state == .active else { continue }
      for agent in session.agents { chats[agent, default: []].append(id) }
    }
    for agent in agents() {
      counts[agent.status] += 1
      if agent.chats != chats[agent.id] ?? [] { problems.append("agent \(agent.id): wrong list of chats") }
      if agent.presences.isEmpty, agent.status != .offline {
        problems.append("agent \(agent.id): nowhere, not offline")
      }
      if let deadline = agent.deadline {
        due.append(AgentDeadline(time: deadline, agent: agent.id))
        if agent.status != .offline || agent.hasNothingToLose {
          problems.append("agent \(agent.id): has a deadline for nothing")
        }
      }
      problems += agent.chatSet.checkInvariants()
      chats[agent.id] = nil
    }
    for agent in chats.keys.sorted() { problems.append("agent \(agent): unknown, and has chats") }
    if deadlines.elements != due.sorted() { problems.append("the list of deadlines is wrong") }
    problems += deadlines.checkInvariants()
    if counts != agentCounts { problems.append("agent counts are \(agentCounts), should be \(counts)") }
    return problems
  }
}
