package import Kernel

/// Asks another agent into a session.
package struct Invite: SessionOperation {
  package static let number: UInt16 = 36
  package static let since = Level.ninth
  package static let name: StaticString = "invite"
  package static let summary = "Ask another agent into a session"
  package static let about = """
    For whoever serves it, supervisors and admins. The agent has to be online, and need not have room: to be invited takes none. It \
    follows the session at once, may write, and is seen by the customer. A session has \(Team.mostInvited) who are invited, at the most. \
    Where whoever serves is lost, or leaves, the first of them who has room serves.
    """
  package static let allowed = Roles.staff
  package static let route: Route? = Route(.post, "/v1/sessions/{session}/invite")
  package static let events: [any SessionNews.Type] = [Invited.self]

  package var session: SessionID
  package var agent: String
  package init(session: SessionID, agent: String) { (self.session, self.agent) = (session, agent) }

  package static let fields = Fields(
    Self.init(session:agent:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "agent", { $0.agent }, .name(128), "Who is asked."))

  package static func permits(_ person: Person, in session: borrowing Session) -> Bool {
    session.mayTransfer(person)
  }

  package func apply(to scope: inout SessionScope) throws(Refusal) {
    let (session, agent) = (scope.session, AgentID(self.agent))
    guard let (isOnline, name) = scope.desk.agentTable.read(agent, { ($0.status == .online, $0.name) }) else {
      throw .noSuchAgent
    }
    if session.agents.contains(agent) || session.invited.contains(agent) { return }
    guard isOnline else { throw .agentUnavailable }
    guard session.invited.count < Team.mostInvited else { throw .tooManyInvited }
    scope.desk.addInvitation(of: agent, to: session.id)
    scope.tell(Invited(agent: agent.rawValue, shown: name, by: scope.by.id))
  }
}

/// Another agent takes part in the session.
package struct Invited: SessionNews {
  package static let number: UInt16 = 36
  package static let name: StaticString = "invited"
  package static let summary = "Another agent takes part in the session beside whoever serves it."

  package var agent: String
  package var shown: String
  package var by: String?
  package init(agent: String, shown: String, by: String?) {
    (self.agent, self.shown, self.by) = (agent, shown, by)
  }

  package static let fields = Fields(
    Self.init(agent:shown:by:),
    Field(1, "agent", { $0.agent }, .text(128), "Who: the `sub` of its token."),
    Field(2, "name", { $0.shown }, .text(256), "The agent's name."),
    Field(3, "by", { $0.by }, .optional(.text(128)), "Who has asked for it; left out: it was so before."))
}
