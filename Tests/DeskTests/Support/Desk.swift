import Desk
import Kernel
import Testing

/// A state under test, with a log that counts for itself.
struct Desk {
  var state = ReplicatedState()
  var index: UInt64 = 0
  var time: UInt64 = 1_000
  private var request: UInt64 = 0

  static let one = ServerID(1)
  static let two = ServerID(2)
  static let three = ServerID(3)

  /// What applying one command has brought about; the answer is taken out of the effects.
  struct Outcome {
    var answer: Answer?
    var effects: [Effect]
    /// As they came, with the answer in its place.
    var all: [Effect]
  }

  @discardableResult
  mutating func apply(
    _ command: Command, from given: Origin? = nil, location: SourceLocation = #_sourceLocation
  ) -> Outcome {
    index += 1
    request += 1
    let origin = given ?? Origin(server: Self.one, request: request)
    var effects: [Effect] = []
    state.apply([Submission(origin: origin, command: command)], index: index, now: time, into: &effects)
    // Looks at all of the state: after each command while that is little, then now and again.
    if index <= 256 || index % 16 == 0 {
      let problems = state.checkInvariants()
      #expect(problems.isEmpty, "after \(command): \(problems)", sourceLocation: location)
    }
    var answer: Answer?
    var others: [Effect] = []
    for effect in effects {
      if case .answer(origin, let given) = effect {
        #expect(answer == nil, "answered twice", sourceLocation: location)
        answer = given
      } else {
        others.append(effect)
      }
    }
    return Outcome(answer: answer, effects: others, all: effects)
  }

  @discardableResult
  mutating func open(
    _ customer: String = "alice", request: String = "r1", skill: String = "", priority: Int32 = 0,
    owner: ServerID = one, location: SourceLocation = #_sourceLocation
  ) -> SessionID {
    let outcome = apply(
      .open(.by(customer, request: request, skill: skill, priority: priority, owner: owner)), location: location
    )
    guard case .opened(let session, _) = outcome.answer else {
      Issue.record("not opened: \(String(describing: outcome.answer))", sourceLocation: location)
      return SessionID(rawValue: 0)
    }
    return session
  }

  /// Opens a session and says who serves it.
  mutating func serving(
    _ customer: String, skill: String = "", location: SourceLocation = #_sourceLocation
  ) -> [String] {
    let session = open(customer, skill: skill, location: location)
    return agents(of: session)
  }

  @discardableResult
  mutating func send(
    _ session: SessionID, _ id: String, by sender: Person = .customer("alice"), epoch: UInt64 = 1,
    body: String = "hello", location: SourceLocation = #_sourceLocation
  ) -> Outcome {
    apply(
      .send(
        SendMessage(
          session: session, epoch: Epoch(epoch), id: id, sender: sender, kind: .text, body: Array(body.utf8))),
      location: location)
  }

  @discardableResult
  mutating func status(
    _ agent: String, _ status: AgentStatus = .online, skills: [String]? = nil, capacity: UInt32? = nil,
    connection: UInt64 = 1, server: ServerID = one, grace: UInt64? = nil,
    location: SourceLocation = #_sourceLocation
  ) -> Outcome {
    apply(
      .setStatus(
        SetAgentStatus(
          agent: AgentID(agent), name: agent.uppercased(), status: status,
          skills: skills?.map { SkillWeight(skill: $0) }, capacity: capacity,
          presence: Presence(server: server, connection: connection), grace: grace)), location: location)
  }

  mutating func raise(_ level: Level) {
    if level > state.level { apply(.raiseLevel(RaiseLevel(level))) }
  }

  @discardableResult
  mutating func close(
    _ session: SessionID, by person: Person = .customer("alice"), epoch: UInt64 = 1, reason: String = "solved",
    location: SourceLocation = #_sourceLocation
  ) -> Outcome {
    apply(
      .close(CloseSession(session: session, epoch: Epoch(epoch), by: person, reason: reason)),
      location: location)
  }

  @discardableResult
  mutating func transfer(
    _ session: SessionID, to target: Transfer.Target, by person: Person = .agent("bob"),
    request: String = "t", epoch: UInt64 = 1, location: SourceLocation = #_sourceLocation
  ) -> Outcome {
    apply(
      .transfer(
        TransferSession(
          session: session, epoch: Epoch(epoch), requestID: request, by: person, target: target)),
      location: location)
  }

  /// All deadlines up to now have passed.
  @discardableResult
  mutating func pass(_ milliseconds: UInt64, limit: UInt32 = 100, location: SourceLocation = #_sourceLocation)
    -> Outcome
  {
    time += milliseconds
    return apply(.timePasses(TimePasses(limit: limit)), location: location)
  }

  /// A server has just started, or a connection of an agent to it has ended.
  @discardableResult
  mutating func end(
    _ agent: String? = nil, connection: UInt64 = 1, server: ServerID = one, limit: UInt32 = 100,
    grace: UInt64 = 5_000, location: SourceLocation = #_sourceLocation
  ) -> Outcome {
    let items = agent.map { [EndPresences.Item(agent: AgentID($0), connection: connection)] }
    return apply(
      .endPresences(EndPresences(server: server, items: items, bounds: Bounds(limit: limit, grace: grace))),
      location: location)
  }

  @discardableResult
  mutating func lose(
    _ server: ServerID, to heirs: [ServerID], limit: UInt32 = 100, grace: UInt64 = 5_000,
    location: SourceLocation = #_sourceLocation
  ) -> Outcome {
    apply(
      .serverLost(ServerLost(server: server, heirs: heirs, bounds: Bounds(limit: limit, grace: grace))),
      location: location)
  }

  func agents(of session: SessionID) -> [String] { state.session(session)?.agents.map(\.rawValue) ?? [] }
}

extension Person {
  static func customer(_ id: String) -> Person { Person(id: id, role: .customer, name: id.uppercased()) }
  static func agent(_ id: String) -> Person { Person(id: id, role: .agent, name: id.uppercased()) }
  static func supervisor(_ id: String) -> Person { Person(id: id, role: .supervisor, name: id) }
  static func admin(_ id: String) -> Person { Person(id: id, role: .admin, name: id) }
}

extension OpenSession {
  static func by(
    _ customer: String, request: String = "r1", skill: String = "", priority: Int32 = 0,
    owner: ServerID = Desk.one
  ) -> OpenSession {
    OpenSession(
      customer: .customer(customer), requestID: request, channel: "web", skill: skill, intent: "refund",
      priority: priority, attributes: [Attribute(name: "order", json: "17")], owner: owner)
  }
}
