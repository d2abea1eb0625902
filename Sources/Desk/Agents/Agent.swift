internal import Kernel

/// An agent as the state keeps it.
package struct Agent: Sendable {
  package private(set) var id: AgentID
  package internal(set) var name = ""
  package internal(set) var status = AgentStatus.offline
  /// Sorted by skill, each once; a weight of 0 means that the agent is not asked for it.
  package private(set) var skills: [SkillWeight] = []
  /// Chats at a time. It can be below the number of chats: lowering it drops none.
  package internal(set) var capacity: UInt32 = 1
  /// Where the agent is connected, sorted.
  package private(set) var presences: [Presence] = []
  /// When an offline agent loses its chats, in ms since 1970; nil: it is not offline, has none, or keeps them for
  /// ever.
  package internal(set) var deadline: UInt64?
  var chatSet = RankedSet<SessionID>()
  /// Sessions that it is asked for, which take room as chats do. From level 10 on.
  var offerSet = RankedSet<SessionID>()
  /// Chats that are over, and take room until that time. From level 10 on.
  var wrapUpSet = RankedSet<WrapUp>()
  /// Open sessions to which it is invited. From level 9 on.
  var invitedSet = RankedSet<SessionID>()
  /// What routing goes by. From level 9 on.
  var work = AgentWork()
  /// The waiting lines that the agent serves: that of sessions without a skill, and one for each of its skills.
  private(set) var lines: [String] = [""]

  init(id: AgentID) { self.id = id }

  /// The same agent by another spelling.
  func named(_ id: AgentID, skills: [SkillWeight]) -> Agent {
    var agent = self
    agent.id = id
    agent.setSkills(skills)
    return agent
  }

  /// The active sessions that the agent serves, sorted.
  package var chats: [SessionID] { chatSet.elements }
  package var chatCount: Int { chatSet.count }
  /// Open sessions to which it is invited, sorted.
  package var invitations: [SessionID] { invitedSet.elements }
  package var isAvailable: Bool {
    status == .online && takenRoom < Int(capacity) && offerSet.count < Offer.mostOfAgent
  }
  /// How many sessions in a row that it was asked for it has let pass without a word.
  package var missedOffers: UInt32 { work.missed }
  /// Chats, what it is asked for, and what it has to do behind others.
  var takenRoom: Int { chatSet.count + offerSet.count + wrapUpSet.count }
  /// Chats that are over, and with which it still has to do, the one that ends first first.
  package var wrapUpEnds: [SessionID: UInt64] {
    Dictionary(wrapUpSet.elements.map { ($0.session, $0.until) }, uniquingKeysWith: max)
  }
  package var wrappingUp: [SessionID] { wrapUpSet.elements.map(\.session) }
  /// The sessions that it is asked for, sorted.
  package var offers: [SessionID] { offerSet.elements }

  /// Nothing that would go to others if it did not come back.
  var hasNothingToLose: Bool { chatSet.isEmpty && invitedSet.isEmpty }

  /// As it is, it was until now.
  mutating func passTime(to now: UInt64) {
    work.occupancy.pass(to: now, isSignedIn: status != .offline, isBusy: !chatSet.isEmpty)
  }

  /// Whoever is offline with chats or invitations has that long to come back; a time that runs already is not prolonged.
  /// - Parameter grace: in ms; nil: for ever.
  mutating func beginGrace(_ grace: UInt64?, now: UInt64) {
    guard let grace, deadline == nil, status == .offline, !hasNothingToLose else { return }
    let (time, overflow) = now.addingReportingOverflow(grace)
    deadline = overflow ? .max : time
  }

  /// Of a skill that is named twice the last mention counts; one without a name is left out.
  mutating func setSkills(_ new: [SkillWeight]) {
    var weights: [TextKey: UInt32] = [:]
    for skill in new where !skill.skill.isEmpty { weights[TextKey(skill.skill)] = skill.weight }
    skills = weights.sorted { $0.key < $1.key }.map { SkillWeight(skill: $0.key.text, weight: $0.value) }
    lines = [""] + skills.lazy.filter { $0.weight > 0 }.map(\.skill)
  }

  /// False: it was there already.
  mutating func addPresence(_ presence: Presence) -> Bool {
    let place = presencePlace(presence)
    if place < presences.count, presences[place] == presence { return false }
    presences.insert(presence, at: place)
    return true
  }

  /// False: it was not there.
  mutating func removePresence(_ presence: Presence) -> Bool {
    let place = presencePlace(presence)
    guard place < presences.count, presences[place] == presence else { return false }
    presences.remove(at: place)
    return true
  }

  /// False: there was none on that server.
  mutating func removePresences(on server: ServerID) -> Bool {
    let before = presences.count
    presences.removeAll { $0.server == server }
    return presences.count != before
  }

  private func presencePlace(_ presence: Presence) -> Int {
    var low = 0
    var high = presences.count
    while low < high {
      let middle = (low + high) / 2
      if presences[middle] < presence { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension Agent {
  static let minimumEncodedSize = 9

  /// Chats are left out: they follow from the sessions.
  /// - Parameter level: that of the cluster. At the first one readers demand the skills in the order of `String`.
  func encode(into writer: inout ByteWriter, level: Level) {
    let skills = level == .first ? self.skills.sorted { $0.skill < $1.skill } : self.skills
    writer.write(string: id.rawValue)
    writer.write(string: name)
    writer.write(status.rawValue)
    writer.writeVarint(UInt64(skills.count))
    for skill in skills {
      writer.write(string: skill.skill)
      writer.write(skill.weight)
    }
    writer.write(capacity)
    writer.writeVarint(UInt64(presences.count))
    for presence in presences {
      writer.writeVarint(presence.server.rawValue)
      writer.writeVarint(presence.connection)
    }
    writer.write(UInt8(deadline == nil ? 0 : 1))
    if let deadline { writer.write(deadline) }
    if level >= VirtualArrival.since { work.encode(into: &writer, level: level) }
    guard level >= WrapUp.since else { return }
    writer.writeVarint(UInt64(wrapUpSet.count))
    for wrapUp in wrapUpSet.elements { wrapUp.encode(into: &writer) }
  }

  /// - Parameters:
  ///   - version: that of the snapshot.
  ///   - level: as well.
  ///   - now: the state's time, which nothing can be above.
  init(from reader: inout ByteReader, version: UInt16, level: Level, now: UInt64) throws(DecodingFailure) {
    self.init(id: AgentID(try reader.readString(limit: .max)))
    name = try reader.readString(limit: .max)
    guard let status = AgentStatus(rawValue: try reader.readUInt8()) else {
      throw .invalid("unknown status of an agent")
    }
    self.status = status
    let skillCount = try reader.readCount(limit: .max, minimumElementSize: 5)
    var skills: [SkillWeight] = []
    skills.reserveCapacity(skillCount)
    for _ in 0..<skillCount {
      let skill = try reader.readString(limit: .max)
      if skill.isEmpty { throw .invalid("an agent's skill has no name") }
      skills.append(SkillWeight(skill: skill, weight: try reader.readUInt32()))
    }
    setSkills(skills)
    guard self.skills.count == skillCount else { throw .invalid("an agent has a skill twice") }
    capacity = try reader.readUInt32()
    let presenceCount = try reader.readCount(limit: .max, minimumElementSize: 2)
    presences.reserveCapacity(presenceCount)
    for _ in 0..<presenceCount {
      let server = ServerID(try reader.readVarint())
      let presence = Presence(server: server, connection: try reader.readVarint())
      if let last = presences.last, last >= presence { throw .invalid("an agent's presences are not in order") }
      presences.append(presence)
    }
    if presences.isEmpty, status != .offline { throw .invalid("an agent without a presence is not offline") }
    guard version >= 2 else { return }
    switch try reader.readUInt8() {
    case 0: break
    case 1: deadline = try reader.readUInt64()
    case let other: throw .invalid("a flag is \(other), neither 0 nor 1")
    }
    if deadline != nil, status != .offline { throw .invalid("an agent who is there has a deadline") }
    if level >= VirtualArrival.since { work = try AgentWork(from: &reader, now: now, level: level) }
    guard level >= WrapUp.since else { return }
    for _ in 0..<(try reader.readCount(limit: .max, minimumElementSize: 9)) {
      guard wrapUpSet.insert(try WrapUp(from: &reader)) else {
        throw .invalid("an agent has to do twice with a chat that is over")
      }
    }
  }
}
