internal import Kernel

extension Session {
  /// Shortest form of a session in a snapshot of any version, in bytes; see `encode`.
  static let minimumEncodedSize = 35

  /// - Parameter level: that of the cluster.
  func encode(into writer: inout ByteWriter, level: Level) {
    writer.write(id.rawValue)
    opening.customer.encode(into: &writer)
    writer.write(string: opening.requestID)
    writer.write(string: opening.channel)
    writer.write(string: skill)
    writer.write(string: opening.intent)
    writer.write(opening.priority)
    writer.writeVarint(UInt64(opening.attributes.count))
    for attribute in opening.attributes {
      writer.write(string: attribute.name)
      writer.write(string: attribute.json)
    }
    writer.write(opening.openedAt)
    writer.write(state.rawValue)
    writer.writeVarint(UInt64(agents.count))
    for agent in agents { writer.write(string: agent.rawValue) }
    writer.writeVarint(owner.rawValue)
    writer.writeVarint(epoch.rawValue)
    writer.writeVarint(updatedAt &- opening.openedAt)
    if state == .queued { writer.writeVarint(queuedAt &- opening.openedAt) }
    if let closing {
      closing.by.encode(into: &writer)
      writer.write(string: closing.reason)
      writer.writeVarint(closing.time &- opening.openedAt)
    }
    if level >= .second { encodeAbsence(into: &writer) }
    writer.writeVarint(UInt64(transfers.count))
    for transfer in transfers { transfer.encode(into: &writer, level: level) }
    if level >= Envelope.since {
      writer.write(UInt8(wasHandedOn ? 1 : 0))
      done.encode(into: &writer)
      facets.encode(into: &writer)
    }
    if level >= SessionFigures.since { encodeFigures(into: &writer) }
    if level >= VirtualArrival.since { encodeRouting(into: &writer, level: level) }
    if level >= TimerRules.since { timers.encode(into: &writer) }
    if level >= Team.since { encodeTeam(into: &writer) }
    transcript.encode(into: &writer, level: level)
  }

  /// - Parameters:
  ///   - now: the state's time, which nothing in the session can be above.
  ///   - version: that of the snapshot.
  ///   - level: as well.
  init(
    from reader: inout ByteReader, now: UInt64, version: UInt16, level: Level
  ) throws(DecodingFailure) {
    let id = SessionID(rawValue: try reader.readUInt64())
    let customer = try Person(from: &reader)
    guard customer.role == .customer else { throw .invalid("a session's customer is not one") }
    let requestID = try reader.readString(limit: .max)
    let channel = try reader.readString(limit: .max)
    let skill = try reader.readString(limit: .max)
    let intent = try reader.readString(limit: .max)
    let priority = try reader.readInt32()
    let attributeCount = try reader.readCount(limit: .max, minimumElementSize: 2)
    var attributes: [Attribute] = []
    attributes.reserveCapacity(attributeCount)
    for _ in 0..<attributeCount {
      let name = try reader.readString(limit: .max)
      attributes.append(Attribute(name: name, json: try reader.readString(limit: .max)))
    }
    let openedAt = try reader.readUInt64()
    guard openedAt <= now else { throw .invalid("a session was opened in the future") }
    let ageLimit = now - openedAt
    guard let state = State(rawValue: try reader.readUInt8()) else {
      throw .invalid("unknown state of a session")
    }
    let agentCount = try reader.readCount(limit: .max, minimumElementSize: 1)
    var agents: [AgentID] = []
    agents.reserveCapacity(agentCount)
    for _ in 0..<agentCount {
      let agent = AgentID(try reader.readString(limit: .max))
      if agents.contains(agent) { throw .invalid("a session has an agent twice") }
      agents.append(agent)
    }
    agents.sort()
    if state == .queued, !agents.isEmpty { throw .invalid("a session in the queue has agents") }
    if state == .active, agents.isEmpty { throw .invalid("an active session has no agent") }
    let opening = Opening(
      customer: customer, requestID: requestID, channel: channel, intent: intent, priority: priority,
      attributes: attributes, openedAt: openedAt)
    self.init(id: id, opening: opening, skill: skill, owner: ServerID(try reader.readVarint()))
    self.state = state
    self.agents = agents
    epoch = Epoch(try reader.readVarint())
    guard epoch.rawValue > 0 else { throw .invalid("a session has no epoch") }
    updatedAt = openedAt + (try Self.readAge(&reader, ageLimit))
    if version >= 2, state == .queued { queuedAt = openedAt + (try Self.readAge(&reader, ageLimit)) }
    if state == .closed {
      let by = try Person(from: &reader)
      let reason = try reader.readString(limit: .max)
      closing = Closing(by: by, reason: reason, time: openedAt + (try Self.readAge(&reader, ageLimit)))
    }
    if version >= 4 { try decodeAbsence(from: &reader, ageLimit: ageLimit) }
    if version >= 3 { try readTransfers(&reader, version: version) }
    wasHandedOn = !transfers.isEmpty
    if level >= Envelope.since { try decodeDone(from: &reader) }
    if level >= SessionFigures.since { try decodeFigures(from: &reader, ageLimit: ageLimit) }
    if level >= VirtualArrival.since { try decodeRouting(from: &reader, now: now, level: level) }
    if level >= TimerRules.since {
      timers = try SessionTimers(from: &reader)
      guard timers.check(in: state, level: level).isEmpty else {
        throw .invalid("a session has timers that do not fit its state")
      }
      guard (offer != nil) == (timers.time(of: .ring) != nil), offer == nil || state == .queued else {
        throw .invalid("a session is offered without an end, or has the end of no offer")
      }
    }
    if level >= Team.since { try decodeTeam(from: &reader, now: now) }
    transcript = try Transcript(from: &reader, ageLimit: ageLimit, level: level)
  }

  private mutating func readTransfers(_ reader: inout ByteReader, version: UInt16) throws(DecodingFailure) {
    let count = try reader.readCount(limit: .max, minimumElementSize: DoneTransfer.minimumEncodedSize)
    transfers.reserveCapacity(count)
    for _ in 0..<count { transfers.append(try DoneTransfer(from: &reader, version: version)) }
  }

  private mutating func decodeDone(from reader: inout ByteReader) throws(DecodingFailure) {
    switch try reader.readUInt8() {
    case 0: wasHandedOn = false
    case 1: wasHandedOn = true
    case let other: throw .invalid("a flag is \(other), neither 0 nor 1")
    }
    done = try DoneWindow(from: &reader)
    facets = try Facets(from: &reader)
  }

  private static func readAge(_ reader: inout ByteReader, _ limit: UInt64) throws(DecodingFailure) -> UInt64 {
    let age = try reader.readVarint()
    guard age <= limit else { throw .invalid("a session has a time in the future") }
    return age
  }
}
