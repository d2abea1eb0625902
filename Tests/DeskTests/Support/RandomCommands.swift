import Desk

/// Commands as clients, servers and bad luck might give them: mostly sensible, some for what does not exist.
struct RandomCommands {
  var random: SplitMix
  private var sessions: [SessionID] = []
  private let skills = ["", "tax", "law", "sales"]
  /// Agents and servers come and go faster than anybody can talk.
  private let isRace: Bool

  init(seed: UInt64, isRace: Bool = false) {
    random = SplitMix(seed: seed)
    self.isRace = isRace
  }

  mutating func learn(_ effects: [Effect]) {
    for case .session(let id, .opened) in effects { sessions.append(id) }
  }

  mutating func next(_ state: ReplicatedState) -> Command {
    // In a race, a share of the sends becomes something else.
    var drawn = number(100)
    if isRace, (18..<60).contains(drawn) { drawn = [0, 70, 73, 80, 81, 92, 92, 97, 97, 98][number(10)] }
    switch drawn {
    case 0..<18: return open()
    case 18..<66: return send(state)
    case 66..<72: return close(state)
    case 72..<75: return transfer(state)
    case 75..<90: return status()
    case 90..<93: return .timePasses(TimePasses(limit: UInt32(number(5))))
    case 93..<98:
      return .endPresences(
        EndPresences(server: server(), items: chance(2) ? nil : items(), bounds: bounds()))
    default:
      let lost = server()
      let heirs = (1...3).map { ServerID(UInt64($0)) }.filter { $0 != lost && !chance(5) }
      return .serverLost(ServerLost(server: lost, heirs: heirs, bounds: bounds()))
    }
  }

  private mutating func number(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
  private mutating func chance(_ oneIn: Int) -> Bool { number(oneIn) == 0 }
  private mutating func server() -> ServerID { ServerID(UInt64(number(3) + 1)) }
  private mutating func bounds() -> Bounds? {
    chance(6) ? nil : Bounds(limit: UInt32(number(6)), grace: UInt64(number(2_000)))
  }
  private mutating func agent() -> String { "agent\(number(6))" }

  private mutating func session() -> SessionID {
    if sessions.isEmpty || chance(40) { return SessionID(rawValue: random.next() >> UInt64(number(64))) }
    // The latest ones are likely to be open still.
    let latest = chance(4) ? sessions.count : min(sessions.count, 6)
    return sessions[sessions.count - 1 - number(latest)]
  }

  /// Mostly somebody who has to do with the session.
  private mutating func person(_ session: Session?) -> Person {
    switch number(16) {
    case 0: return .agent(agent())
    case 1: return .supervisor(agent())
    case 2: return .admin("root")
    case 3: return .customer("customer\(number(12))")
    case 4...7:
      return session?.agents.randomElement(using: &random).map { .agent($0.rawValue) } ?? .agent(agent())
    default: return session?.customer ?? .customer("nobody")
    }
  }

  private mutating func epoch(_ session: Session?) -> Epoch {
    chance(8) ? Epoch(UInt64(number(4))) : session?.epoch ?? Epoch(1)
  }

  private mutating func open() -> Command {
    let customer = chance(20) ? person(nil) : Person.customer("customer\(number(12))")
    return .open(
      OpenSession(
        customer: customer, requestID: "r\(number(12))", channel: "web", skill: skills[number(skills.count)],
        intent: "", priority: chance(10) ? Int32(truncatingIfNeeded: random.next()) : Int32(number(3)),
        attributes: (0..<number(3)).map { Attribute(name: "a\($0)", json: "\"b\"") }, owner: server()))
  }

  private mutating func send(_ state: ReplicatedState) -> Command {
    let id = session()
    let session = state.session(id)
    let body = (0..<number(40)).map { _ in UInt8(number(128)) }
    return .send(
      SendMessage(
        session: id, epoch: epoch(session), id: "m\(number(150))", sender: person(session),
        kind: chance(30) ? .system : .text, body: body))
  }

  private mutating func close(_ state: ReplicatedState) -> Command {
    let id = session()
    let session = state.session(id)
    return .close(CloseSession(session: id, epoch: epoch(session), by: person(session), reason: "done"))
  }

  private mutating func transfer(_ state: ReplicatedState) -> Command {
    // Mostly an agent with a chat of its own: others may not.
    let serving = state.agents().filter { $0.chatCount > 0 }
    let giver = chance(4) ? nil : serving.randomElement(using: &random)
    let id = giver?.chats.randomElement(using: &random) ?? session()
    let session = state.session(id)
    let target: Transfer.Target =
      chance(2) ? .skill(skills[number(skills.count)]) : .agent(AgentID(self.agent()))
    return .transfer(
      TransferSession(
        session: id, epoch: epoch(session), requestID: "t\(number(20))",
        by: giver.map { .agent($0.id.rawValue) } ?? person(session), target: target))
  }

  private mutating func status() -> Command {
    let status: AgentStatus = chance(3) ? AgentStatus.allCases[number(4)] : .online
    var skills: [SkillWeight]?
    if chance(3) {
      skills = (0..<number(4)).map { _ in SkillWeight(skill: self.skills[number(4)], weight: UInt32(number(3)))
      }
    }
    return .setStatus(
      SetAgentStatus(
        agent: AgentID(agent()), name: chance(3) ? "" : "name\(number(3))", status: status, skills: skills,
        capacity: chance(2) ? UInt32(number(5)) : nil,
        presence: Presence(server: server(), connection: UInt64(number(4))),
        grace: chance(4) ? nil : UInt64(number(2_000))))
  }

  private mutating func items() -> [EndPresences.Item] {
    (0..<number(5)).map { _ in EndPresences.Item(agent: AgentID(agent()), connection: UInt64(number(4))) }
  }
}
