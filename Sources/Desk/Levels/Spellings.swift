internal import Kernel

/// How level 1 compares names. The release before there were levels takes two spellings of the same characters for one
/// name, and its nodes apply the same log while the cluster is at that level. So a command of that level is read as if it
/// were spelled as the first one was; keys are then compared by their bytes, here as everywhere. From level 2 on every
/// spelling is a name of its own, and nothing of this is kept (docs/decisions/0012).
struct Spellings: Sendable {
  /// By the `==` and the hash of `String`, on purpose.
  private var first: [String: String] = [:]

  /// A name that the state keeps.
  mutating func settled(_ text: String) -> String {
    if Self.isASCII(text) { return text }
    if let known = first[text] { return known }
    first[text] = text
    return text
  }

  /// A name that the state only looks for.
  func known(_ text: String) -> String {
    first.isEmpty || Self.isASCII(text) ? text : first[text] ?? text
  }

  mutating func forget() {
    if !first.isEmpty { first = [:] }
  }

  private static func isASCII(_ text: String) -> Bool {
    text.withBytes { bytes in bytes.allSatisfy { $0 < 0x80 } }
  }

  mutating func settle(_ command: Command) -> Command {
    switch command {
    case .send(let send):
      let sender = known(send.sender.id)
      guard !sender.hasSameBytes(as: send.sender.id) else { return command }
      var send = send
      send.sender.id = sender
      return .send(send)
    case .open(var open):
      open.customer.id = settled(open.customer.id)
      open.requestID = settled(open.requestID)
      open.skill = settled(open.skill)
      return .open(open)
    case .perform(let envelope):
      return LegacyForm(envelope).map { settle($0) } ?? command
    case .setStatus(var status):
      status.agent = AgentID(settled(status.agent.rawValue))
      status.skills = status.skills?.map { SkillWeight(skill: settled($0.skill), weight: $0.weight) }
      return .setStatus(status)
    case .endPresences(var end):
      end.items = end.items?.map { .init(agent: AgentID(known($0.agent.rawValue)), connection: $0.connection) }
      return .endPresences(end)
    case .serverLost, .timePasses, .dropMonths, .raiseLevel, .attend, .govern, .arrange, .noteRead,
      .annotate:
      return command
    }
  }

  private mutating func settle(_ legacy: LegacyForm) -> Command {
    switch legacy {
    case .close(var close):
      close.by.id = known(close.by.id)
      return .close(close)
    case .transfer(var transfer):
      transfer.by.id = settled(transfer.by.id)
      transfer.requestID = settled(transfer.requestID)
      switch transfer.target {
      case .agent(let agent): transfer.target = .agent(AgentID(known(agent.rawValue)))
      case .skill(let skill): transfer.target = .skill(settled(skill))
      }
      return .transfer(transfer)
    }
  }

  /// From a snapshot of level 1.
  mutating func settle(_ agent: Agent) -> Agent {
    agent.named(
      AgentID(settled(agent.id.rawValue)),
      skills: agent.skills.map { SkillWeight(skill: settled($0.skill), weight: $0.weight) })
  }

  /// From a snapshot of level 1.
  mutating func settle(_ session: Session) -> Session {
    var session = session
    let opening = session.opening
    let (customer, request) = (settled(opening.customer.id), settled(opening.requestID))
    if !customer.hasSameBytes(as: opening.customer.id) || !request.hasSameBytes(as: opening.requestID) {
      session.opening = Session.Opening(
        customer: Person(id: customer, role: opening.customer.role, name: opening.customer.name),
        requestID: request, channel: opening.channel, intent: opening.intent, priority: opening.priority,
        attributes: opening.attributes, openedAt: opening.openedAt)
    }
    session.skill = settled(session.skill)
    session.agents = session.agents.map { AgentID(settled($0.rawValue)) }.sorted()
    for place in session.transfers.indices {
      session.transfers[place].person = settled(session.transfers[place].person)
      session.transfers[place].requestID = settled(session.transfers[place].requestID)
    }
    return session
  }
}
