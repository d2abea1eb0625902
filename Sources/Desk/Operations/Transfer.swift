package import Kernel

/// Hands a session on.
package struct Transfer: SessionOperation {
  package static let number: UInt16 = 33
  package static let since = Level.first
  package static let name: StaticString = "transfer"
  package static let summary = "Hand a session on, to an agent or to whoever has a skill"
  package static let about = """
    Give one of `agent` and `skill`. For whoever serves the session, supervisors and admins. The same person with the \
    same id in the same session has done it once. Who is invited stays so.
    """
  package static let allowed = Roles.staff
  package static let route: Route? = Route(.post, "/v1/sessions/{session}/transfer")

  package var session: SessionID
  package var agent: String?
  package var skill: String?
  /// UTF-8.
  package var note: [UInt8]?
  package init(session: SessionID, agent: String? = nil, skill: String? = nil, note: [UInt8]? = nil) {
    (self.session, self.agent, self.skill, self.note) = (session, agent, skill, note)
  }

  package static let fields = Fields(
    Self.init(session:agent:skill:note:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    // As long as the `sub` of a token may be.
    Field(2, "agent", { $0.agent }, .optional(.name(128)), "Who gets it at once, or not at all."),
    Field(
      3, "skill", { $0.skill }, .optional(.name(64)), "What its next agent has to know: it may wait for one."),
    Field(
      4, "note", { $0.note }, .optional(.body),
      "Kept as a note, which the customer never sees; up to the `body_bytes` of `welcome`. From format level 9 on.",
      since: Team.since))

  package func request(by asker: Asker) throws(Failure) -> DeskRequest {
    try check()
    if let note { try asker.checkNote(note, "note") }
    return .perform(OperationRecord(self, id: asker.requestID, expecting: asker.expectation))
  }

  package func check() throws(Failure) {
    if target == nil { throw Failure(.badFrame, "Give one of `agent` and `skill`.") }
  }

  package static func permits(_ person: Person, in session: borrowing Session) -> Bool {
    session.mayTransfer(person)
  }

  /// The session leaves whoever serves it and goes to the next one in the same step, so that it never has two agents and no
  /// place is lost.
  package func apply(to scope: inout SessionScope) throws(Refusal) {
    let session = scope.session
    guard let target else { throw .forbidden }
    if case .agent(let agent) = target {
      guard let isAvailable = scope.desk.agentTable.read(agent, { $0.isAvailable }) else { throw .noSuchAgent }
      if let note { try scope.checkRoom(forNote: note) }
      if session.agents.contains(agent) {
        if let note { scope.addNote(.transfer, note) }
        return
      }
      guard isAvailable else { throw .agentUnavailable }
    }
    if let note { try scope.checkRoom(forNote: note) }
    scope.handOn(session, to: target)
    // Whoever has it from now on hears the note as well.
    if let note { scope.addNote(.transfer, note) }
  }
}

extension Transfer {
  /// To whom a session goes.
  package enum Target: Hashable, Sendable {
    /// Takes it at once or not at all: it has to be online and have room.
    case agent(AgentID)
    /// The session has this skill from now on: it goes to an agent with room, or waits at its place by priority and
    /// arrival.
    case skill(String)

    package static func == (left: Self, right: Self) -> Bool {
      switch (left, right) {
      case (.agent(let left), .agent(let right)): left == right
      case (.skill(let left), .skill(let right)): left.hasSameBytes(as: right)
      case (.agent, .skill), (.skill, .agent): false
      }
    }

    package func hash(into hasher: inout Hasher) {
      switch self {
      case .agent(let agent): hasher.combine(agent)
      case .skill(let skill): skill.hashBytes(into: &hasher)
      }
    }
  }

  /// nil: it says none, or two.
  package var target: Target? {
    switch (agent, skill) {
    case (let agent?, nil): .agent(AgentID(agent))
    case (nil, let skill?): .skill(skill)
    case (nil, nil), (.some, .some): nil
    }
  }

  package init(_ session: SessionID, to target: Target) {
    switch target {
    case .agent(let agent): self.init(session: session, agent: agent.rawValue)
    case .skill(let skill): self.init(session: session, skill: skill)
    }
  }
}

extension SessionScope {
  /// - Parameter target: an agent who is online and has room, or a skill.
  mutating func handOn(_ session: Session, to target: Transfer.Target) {
    let givers = takeOut(session, to: target)
    effects.append(.session(session.id, .transferred(from: session.agents.first, to: target)))
    switch target {
    case .agent(let agent):
      desk.give(session.id, to: agent, into: &effects)
      for giver in givers { desk.pull(for: giver, into: &effects) }
    case .skill:
      // First the givers take who waits already: then the session is less likely to come back to one of them.
      for giver in givers { desk.pull(for: giver, into: &effects) }
      desk.seat(session.id, ratherThan: session.agents, into: &effects)
    }
  }

  /// From its agents, from its line, or from whoever is asked for it: it is queued then, but in no line.
  /// - Returns: who may have room for others now.
  private mutating func takeOut(_ session: Session, to target: Transfer.Target) -> [AgentID] {
    let now = desk.now
    var givers = session.agents
    switch session.state {
    case .active:
      desk.handled(session)
      for agent in session.agents { desk.endChat(session, of: agent) }
    case .queued:
      if let asked = desk.leaveQueue(session, into: &effects) { givers.append(asked) }
    case .closed: break
    }
    desk.changeSession(session.id) { session in
      session.wasHandedOn = true
      session.figures?.isHandedOn()
      session.timers.isTaken()
      session.state = .queued
      session.agents = []
      if case .skill(let skill) = target { session.skill = skill }
      session.queuedAt = now
      session.updatedAt = now
      if session.routing != nil { session.changeOffering { $0.forget() } }
    }
    desk.sessionCounts[session.state] -= 1
    desk.sessionCounts[.queued] += 1
    return givers
  }
}
