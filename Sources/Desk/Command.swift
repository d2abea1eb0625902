internal import Kernel

/// Who waits for the answer of a command: a request of one server. The answer is given where the command is
/// applied, by the server that is named here, and by no other.
package struct Origin: Hashable, Sendable {
  package var server: ServerID
  /// Chosen by that server, never used again, not after a restart either; 0: nobody waits.
  package var request: UInt64
  package init(server: ServerID, request: UInt64) {
    self.server = server
    self.request = request
  }
}

/// One command of a log entry; an entry carries an array of them.
package struct Submission: Hashable, Sendable {
  package var origin: Origin
  package var command: Command
  package init(origin: Origin, command: Command) {
    self.origin = origin
    self.command = command
  }
}

package enum Command: Hashable, Sendable {
  case open(OpenSession)
  case send(SendMessage)
  /// An operation of a person that is declared: see `SessionOperation`.
  case perform(Envelope)
  case setStatus(SetAgentStatus)
  case endPresences(EndPresences)
  case serverLost(ServerLost)
  case timePasses(TimePasses)
  case dropMonths(DropMonths)
  case raiseLevel(RaiseLevel)
  case attend(SetAttendance)
  /// An operation of the cluster that is declared: see `ClusterOperation`.
  case govern(ClusterEnvelope)
  /// An operation of a desk that is declared: see `DeskOperation`.
  case arrange(DeskEnvelope)
  case noteRead(NoteRead)
  /// An operation on a session that has left the state.
  indirect case annotate(AnnotateSession)
}

/// Opens a session, gives it an owner, and claims an agent's slot or a place in the queue, all in one step.
package struct OpenSession: Hashable, Sendable {
  package var customer: Person
  /// The client's request id. The same customer with the same id gets the same session again, and a
  /// refusal when the rest is not the same.
  package var requestID: String
  package var channel: String
  /// Empty: any agent will do.
  package var skill: String
  package var intent: String
  /// Higher goes first.
  package var priority: Int32
  package var attributes: [Attribute]
  package var owner: ServerID
  package var desk: DeskNumber
  package init(
    customer: Person, requestID: String, channel: String, skill: String, intent: String, priority: Int32,
    attributes: [Attribute], owner: ServerID, desk: DeskNumber = .main
  ) {
    self.desk = desk
    self.customer = customer
    self.requestID = requestID
    self.channel = channel
    self.skill = skill
    self.intent = intent
    self.priority = priority
    self.attributes = attributes
    self.owner = owner
  }
}

/// A field of a session that the client chose; the value is JSON text, kept as it came.
package struct Attribute: Hashable, Sendable {
  package var name: String
  package var json: String
  package init(name: String, json: String) {
    self.name = name
    self.json = json
  }

  package static func == (left: Attribute, right: Attribute) -> Bool {
    left.name.hasSameBytes(as: right.name) && left.json.hasSameBytes(as: right.json)
  }
  package func hash(into hasher: inout Hasher) {
    name.hashBytes(into: &hasher)
    json.hashBytes(into: &hasher)
  }
}

package struct SendMessage: Hashable, Sendable {
  package var session: SessionID
  /// The epoch under which the proposer owns the session.
  package var epoch: Epoch
  /// Chosen by the client; the same id by the same sender in the same session is the same message.
  package var id: String
  package var sender: Person
  package var kind: MessageKind
  /// UTF-8.
  package var body: [UInt8]
  package init(
    session: SessionID, epoch: Epoch, id: String, sender: Person, kind: MessageKind, body: [UInt8]
  ) {
    self.session = session
    self.epoch = epoch
    self.id = id
    self.sender = sender
    self.kind = kind
    self.body = body
  }
}

package enum MessageKind: UInt8, Sendable {
  case text = 0
  /// Said by the server itself.
  case system = 1

  package var name: String {
    switch self {
    case .text: "text"
    case .system: "system"
    }
  }
}

package enum AgentStatus: UInt8, Sendable, CaseIterable {
  case offline = 0
  case online = 1
  case busy = 2
  case away = 3

  package init?(name: some StringProtocol) {
    guard let status = AgentStatus.allCases.first(where: { $0.name == name }) else { return nil }
    self = status
  }

  package var name: String {
    switch self {
    case .offline: "offline"
    case .online: "online"
    case .busy: "busy"
    case .away: "away"
    }
  }
}

/// A skill and how well it is mastered, in thousandths: 1000 is a plain skill.
package struct SkillWeight: Hashable, Sendable {
  package var skill: String
  package var weight: UInt32
  package init(skill: String, weight: UInt32 = 1000) {
    self.skill = skill
    self.weight = weight
  }

  package static func == (left: SkillWeight, right: SkillWeight) -> Bool {
    left.weight == right.weight && left.skill.hasSameBytes(as: right.skill)
  }
  package func hash(into hasher: inout Hasher) {
    skill.hashBytes(into: &hasher)
    hasher.combine(weight)
  }
}

/// Where an agent is connected: several tabs and devices are one agent.
package struct Presence: Hashable, Comparable, Sendable {
  package var server: ServerID
  /// The connection's number on that server, since the server's start.
  package var connection: UInt64
  package init(server: ServerID, connection: UInt64) {
    self.server = server
    self.connection = connection
  }
  package static func < (left: Presence, right: Presence) -> Bool {
    (left.server, left.connection) < (right.server, right.connection)
  }
}

package struct SetAgentStatus: Hashable, Sendable {
  package var agent: AgentID
  package var name: String
  package var status: AgentStatus
  /// nil: as before.
  package var skills: [SkillWeight]?
  /// Chats at a time; nil: as before, and 1 for an agent who is new.
  package var capacity: UInt32?
  package var presence: Presence
  /// Who goes offline keeps its chats for so long, in ms; nil: for ever, as in logs of the first release. Without
  /// meaning for any other status.
  package var grace: UInt64?
  package var desk: DeskNumber
  package init(
    agent: AgentID, name: String, status: AgentStatus, skills: [SkillWeight]?, capacity: UInt32?,
    presence: Presence, grace: UInt64? = nil, desk: DeskNumber = .main
  ) {
    self.desk = desk
    self.agent = agent
    self.name = name
    self.status = status
    self.skills = skills
    self.capacity = capacity
    self.presence = presence
    self.grace = grace
  }
}

/// How far a command goes that may concern many at once, so that no entry holds up the ones behind it.
package struct Bounds: Hashable, Sendable {
  /// Sessions and agents that one application changes at the most; what is left is for the next one. 0 is taken
  /// as 1: each application gets further.
  package var limit: UInt32
  /// How long an agent who is nowhere connected any more keeps its chats, in ms.
  package var grace: UInt64
  package init(limit: UInt32, grace: UInt64) {
    self.limit = limit
    self.grace = grace
  }
}

/// Connections of agents that are gone, all of one server.
package struct EndPresences: Hashable, Sendable {
  package struct Item: Hashable, Sendable {
    package var agent: AgentID
    package var connection: UInt64
    package init(agent: AgentID, connection: UInt64) {
      self.agent = agent
      self.connection = connection
    }
  }
  package var server: ServerID
  /// nil: all presences of that server (it has just started and has none yet). Requests that it numbered before
  /// this one are those of an earlier life, and change nobody's presence any more.
  package var items: [Item]?
  /// nil: no limit, agents keep their chats for ever and earlier lives are not told apart, as in logs of the first
  /// release. The limit is for `items` nil alone.
  package var bounds: Bounds?
  /// That of the agents; with `items` nil without meaning.
  package var desk: DeskNumber
  package init(server: ServerID, items: [Item]?, bounds: Bounds? = nil, desk: DeskNumber = .main) {
    self.desk = desk
    self.server = server
    self.items = items
    self.bounds = bounds
  }
}

/// A server is gone: its sessions get new owners under the next epoch, its presences end.
package struct ServerLost: Hashable, Sendable {
  package var server: ServerID
  /// Who may take over, sorted, without the lost one. Empty: nobody, the command does nothing.
  package var heirs: [ServerID]
  /// nil: no limit, and agents keep their chats for ever, as in logs of the first release.
  package var bounds: Bounds?
  package init(server: ServerID, heirs: [ServerID], bounds: Bounds? = nil) {
    self.server = server
    self.heirs = heirs
    self.bounds = bounds
  }
}

/// Deadlines up to the time of the entry have passed. Nothing falls due without this command, so that it does so
/// once, at the same place of the log for all; and what was averted before that place has not happened.
package struct TimePasses: Hashable, Sendable {
  /// Chats that it takes from agents at the most, and sessions that leave the state; 0 is taken as 1. What is left stays due.
  package var limit: UInt32
  /// Sessions that ended before this, in ms since 1970, leave the state; nil: none. From level 6 on.
  package var endedBefore: UInt64?
  package init(limit: UInt32, endedBefore: UInt64? = nil) {
    (self.limit, self.endedBefore) = (limit, endedBefore)
  }
}

/// Months that have been over for so long leave the archives of all nodes. From level 7 on.
package struct DropMonths: Hashable, Sendable {
  /// The first month that is kept, as months since January of the year 0. Where that is not before the month of the entry's
  /// time, or not behind what was said before, the command does nothing.
  package var before: UInt32
  package init(before: UInt32) { self.before = before }
}
