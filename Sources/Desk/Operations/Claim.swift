package import Kernel

/// Takes a session out of its line.
package struct Claim: SessionOperation {
  package static let number: UInt16 = 35
  package static let since = Level.ninth
  package static let name: StaticString = "claim"
  package static let summary = "Take a session that waits"
  package static let about = """
    For agents who are online, have room and serve the line in which it waits. One that is served already is refused (`taken`), but \
    to whoever serves it; so is one that another agent is asked for. Whoever is asked for it accepts it so. Supervisors and admins have to be agents of the desk as well, and may take from any line.
    """
  package static let allowed = Roles.staff
  /// Everyday work of whoever does it.
  package static let audit = AuditRule.never
  package static let route: Route? = Route(.post, "/v1/sessions/{session}/claim")

  package var session: SessionID
  package init(session: SessionID) { self.session = session }

  package static let fields = Fields(
    Self.init(session:), Field(1, "session", { $0.session }, .session, "Which one."))

  package static func permits(_ person: Person, in session: borrowing Session) -> Bool { true }

  package func apply(to scope: inout SessionScope) throws(Refusal) {
    let session = scope.session
    let agent = AgentID(scope.by.id)
    guard session.state == .queued else {
      if session.agents.contains(agent) { return }
      throw .taken
    }
    if let offer = session.offer {
      if offer.agent == agent { return try scope.desk.accept(session, offer, into: &scope.effects) }
      guard scope.by.supervises else { throw .taken }
    }
    guard let isAvailable = scope.desk.agentTable.read(agent, { $0.isAvailable }) else { throw .noSuchAgent }
    guard scope.by.supervises || scope.desk.serves(agent, theLineOf: session) else { throw .forbidden }
    guard isAvailable else { throw .agentUnavailable }
    let asked = scope.desk.leaveQueue(session, into: &scope.effects)
    scope.desk.assign(
      session.id, to: agent, skill: session.skill, waitingSince: session.queuedAt, into: &scope.effects)
    if let asked { scope.desk.pull(for: asked, into: &scope.effects) }
  }
}

extension DeskState {
  /// Whether the agent serves a line from which the session may be taken now.
  fileprivate func serves(_ id: AgentID, theLineOf session: Session) -> Bool {
    let asking = asking(for: session)
    let kept = policies.version(session.routingOrUsual.policy)
    return agentTable.read(id) { agent in
      agent.serves(session.skill)
        || asking.gates.contains { agent.serves($0.line) && kept.lets(agent, through: $0.gate, of: $0.line) }
    } ?? false
  }
}
