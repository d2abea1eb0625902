internal import Kernel

extension ReplicatedState {
  /// Reads a snapshot that `encodeSnapshot` has written, now or in an earlier version. Any bytes may be given: memory is taken only for what they
  /// hold, and a state that could not have come about is refused.
  package init(snapshot: [UInt8]) throws(SnapshotError) {
    guard snapshot.starts(with: Self.snapshotMagic) else { throw .notASnapshot }
    var reader = ByteReader(snapshot, from: Self.snapshotMagic.count)
    self.init()
    do {
      let label = try SnapshotLabel(readingFrom: snapshot, with: &reader)
      try label.check()
      level = label.level
      try decode(from: &reader, version: label.version)
    } catch let failure as DecodingFailure {
      throw .damaged(offset: reader.offset, failure)
    } catch let error as SnapshotError {
      throw error
    } catch {
      throw .damaged(offset: reader.offset, .invalid("it cannot be read"))
    }
  }

  private mutating func decode(from reader: inout ByteReader, version: UInt16) throws(DecodingFailure) {
    now = try reader.readUInt64()
    var owned: [ServerID: [OwnedSession]] = [:]
    var ended: [EndedSession] = []
    var main = DeskState(.main, settings: .main)
    try decode(&main, &owned, &ended, from: &reader, version: version)
    self.main = main
    if version >= 2 { try decodeLives(from: &reader) }
    if version >= 4 { running = RunningDigest(try reader.readUInt64()) }
    if level >= .fourth { try decodeOthers(&owned, &ended, from: &reader, version: version) }
    if level >= .seventh {
      servers.erasures = try ErasureLedger(from: &reader)
      servers.retention = try Retention(from: &reader, now: now)
    }
    guard reader.isAtEnd else { throw .invalid("\(reader.remaining) bytes follow the end") }
    ended.sort()
    servers.ended.merge(ascending: ended)
    for (server, sessions) in owned {
      var set = RankedSet<OwnedSession>()
      set.merge(ascending: sessions.sorted())
      servers.owned[server] = set
    }
  }

  private mutating func decodeOthers(
    _ owned: inout [ServerID: [OwnedSession]], _ ended: inout [EndedSession], from reader: inout ByteReader,
    version: UInt16
  ) throws(DecodingFailure) {
    done = try DoneWindow(from: &reader)
    main.settings = try DeskSettings(from: &reader)
    guard main.settings.name == .main else { throw .invalid("the first desk is not the main one") }
    guard let created = UInt16(exactly: try reader.readVarint()), Int(created) <= DeskNumber.most else {
      throw .invalid("the last desk has a number that none can have")
    }
    lastNumber = DeskNumber(created)
    var last = DeskNumber.main
    for _ in 0..<(try reader.readCount(limit: DeskNumber.most, minimumElementSize: 12)) {
      guard let raw = UInt16(exactly: try reader.readVarint()), Int(raw) <= DeskNumber.most, raw > last.rawValue
      else { throw .invalid("the desks are not in the order of their numbers") }
      last = DeskNumber(raw)
      let settings = try DeskSettings(from: &reader)
      let flag = try reader.readUInt8()
      guard flag < 2 else { throw .invalid("a flag is \(flag), neither 0 nor 1") }
      var desk = DeskState(last, settings: settings)
      desk.isDeleted = flag == 1
      guard flag == 1 || (settings.name != .main && names[settings.name] == nil) else {
        throw .invalid("two desks have one name")
      }
      try decode(&desk, &owned, &ended, from: &reader, version: version)
      put(desk)
    }
  }

  /// - Parameters:
  ///   - owned: gets the sessions that are not closed.
  ///   - ended: gets the others.
  private mutating func decode(
    _ desk: inout DeskState, _ owned: inout [ServerID: [OwnedSession]], _ ended: inout [EndedSession],
    from reader: inout ByteReader, version: UInt16
  ) throws(DecodingFailure) {
    (desk.level, desk.now) = (level, now)
    try desk.decode(from: &reader, version: version, &spellings, &owned, &ended)
    for (server, agents) in desk.servers.present {
      for agent in agents.elements { servers.present[server, default: RankedSet()].insert(agent) }
    }
    servers.overfull += desk.servers.overfull
    desk.servers = ServerTables()
  }

  private mutating func decodeLives(from reader: inout ByteReader) throws(DecodingFailure) {
    let count = try reader.readCount(limit: .max, minimumElementSize: 9)
    for _ in 0..<count {
      let server = ServerID(try reader.readVarint())
      guard lifeTable.updateValue(try reader.readUInt64(), forKey: server) == nil else {
        throw .invalid("a server has two lives")
      }
    }
  }

}

extension DeskState {
  fileprivate mutating func decode(
    from reader: inout ByteReader, version: UInt16, _ spellings: inout Spellings,
    _ ownedBy: inout [ServerID: [OwnedSession]], _ ended: inout [EndedSession]
  ) throws(DecodingFailure) {
    try decodeAgents(from: &reader, version: version, &spellings)
    let paces = try reader.readCount(limit: .max, minimumElementSize: 10)
    for _ in 0..<paces {
      let name = try reader.readString(limit: .max)
      let skill = TextKey(level == .first ? spellings.settled(name) : name)
      guard !lineTable.contains(skill) else { throw .invalid("a skill occurs twice") }
      var line = WaitingLine()
      line.pace = try Pace(from: &reader, now: now)
      lineTable.set(skill, to: line)
    }
    let unserved = try level >= VirtualArrival.since ? decodeRouting(from: &reader) : []
    let sessions = try reader.readCount(limit: .max, minimumElementSize: Session.minimumEncodedSize)
    for _ in 0..<sessions {
      var session = try Session(from: &reader, now: now, version: version, level: level)
      guard session.id.desk == number else { throw .invalid("a session is in another desk than its id says") }
      if level == .first { session = spellings.settle(session) }
      try take(session)
      if let time = session.closedAt {
        ended.append(EndedSession(time: time, id: session.id))
      } else {
        ownedBy[session.owner, default: []].append(owned(session.id))
      }
      if session.transcript.isListed { servers.overfull.append(session.id) }
    }
    if level >= .sixth { done = try DoneWindow(from: &reader) }
    if level >= .eighth { audit = try AuditTrail(from: &reader, of: number) }
    if level >= BusinessHours.since { calendars = try CalendarTable(from: &reader) }
    if level >= TimerRules.since { timerRules = try KeptTimerRules(from: &reader) }
    try listAgents()
    try listUnserved(unserved)
  }

  private mutating func decodeAgents(
    from reader: inout ByteReader, version: UInt16, _ spellings: inout Spellings
  ) throws(DecodingFailure) {
    let count = try reader.readCount(limit: .max, minimumElementSize: Agent.minimumEncodedSize)
    for _ in 0..<count {
      var agent = try Agent(from: &reader, version: version, level: level, now: now)
      if level == .first { agent = spellings.settle(agent) }
      guard !agentTable.contains(agent.id) else { throw .invalid("an agent occurs twice") }
      agentCounts[agent.status] += 1
      agentTable.set(agent.id, to: agent)
    }
  }

  /// Enters a session where the state looks for it.
  private mutating func take(_ session: Session) throws(DecodingFailure) {
    let request = RequestKey(customer: session.customer.id, request: session.requestID)
    guard !sessionTable.contains(session.id) else { throw .invalid("a session occurs twice") }
    guard !requestTable.contains(request) else { throw .invalid("a request has opened two sessions") }
    sessionTable.set(session.id, to: session)
    requestTable.set(request, to: session.id)
    count(restored: session)
    if session.isClosed {
      over.insert(session.id, of: session.customer.id)
    } else {
      opened.insert(session.id, of: session.customer.id)
    }
    sessionCounts[session.state] += 1
    if session.absence != nil { absentCount += 1 }
    if let deadline = session.absenceDeadline { absences.insert(deadline) }
    moveTimers(session.id, from: [], to: session.timers.armed)
    for agent in session.isClosed ? [] : session.invited {
      let isKnown: Void? = agentTable.update(agent) { _ = $0.invitedSet.insert(session.id) }
      guard isKnown != nil else { throw .invalid("an unknown agent is invited to a session") }
    }
    switch session.state {
    case .queued:
      if let offer = session.offer {
        let isKnown: Void? = agentTable.update(offer.agent) { _ = $0.offerSet.insert(session.id) }
        guard isKnown != nil, !session.isPassedOver else {
          throw .invalid("a session is offered to an unknown agent, or has nobody to serve")
        }
      } else if !session.isPassedOver {
        guard policies.has(session.routingOrUsual.policy) else {
          throw .invalid("a session waits under a policy that there is not")
        }
        enterLines(session)
      }
    case .active:
      for agent in session.agents {
        // Not `changeAgent`: those who are available are listed at the end, once.
        let isKnown: Void? = agentTable.update(agent) { _ = $0.chatSet.insert(session.id) }
        guard isKnown != nil else { throw .invalid("a session is served by an unknown agent") }
      }
    case .closed:
      break
    }
  }

  /// Enters the agents in the indexes, once their chats are known.
  private mutating func listAgents() throws(DecodingFailure) {
    for id in agentTable.sortedKeys {
      guard let agent = agentTable[id] else { continue }
      for presence in agent.presences {
        servers.present[presence.server, default: RankedSet()].insert(AgentPlace(desk: number, agent: id))
      }
      for wrapUp in agent.wrapUpSet.elements {
        wrapUpDeadlines.insert(WrapUpDeadline(wrapUp: wrapUp, agent: id))
      }
      if let deadline = agent.deadline {
        guard !agent.hasNothingToLose else { throw .invalid("an agent without chats has a deadline") }
        deadlines.insert(AgentDeadline(time: deadline, agent: id))
      }
      let isOnline = agent.status == .online && level >= VirtualArrival.since
      guard agent.isAvailable || isOnline else { continue }
      let load = agent.load(at: level)
      for line in agent.lines {
        changeLine(line) { line in
          if agent.isAvailable { line.insert(load) }
          if isOnline { line.comes(withRoomFor: agent.capacity) }
        }
      }
    }
    if level == .first, hasUnserved { throw .invalid("a session waits although an agent is free") }
  }
}
