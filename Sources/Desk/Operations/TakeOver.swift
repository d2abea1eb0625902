package import Kernel

/// Serves a session in place of whoever does.
package struct TakeOver: SessionOperation {
  package static let number: UInt16 = 42
  package static let since = Level.ninth
  package static let name: StaticString = "take_over"
  package static let summary = "Serve a session in place of whoever does"
  package static let about = """
    For supervisors and admins who are agents of the desk as well, online and with room. Whoever has served is told as of a transfer. The \
    same person with the same id in the same session has done it once.
    """
  package static let allowed: Roles = [.supervisor, .admin]
  package static let route: Route? = Route(.post, "/v1/sessions/{session}/take-over")

  package var session: SessionID
  package init(session: SessionID) { self.session = session }

  package static let fields = Fields(
    Self.init(session:), Field(1, "session", { $0.session }, .session, "Which one."))

  package static func permits(_ person: Person, in session: borrowing Session) -> Bool { person.supervises }

  package func apply(to scope: inout SessionScope) throws(Refusal) {
    let (session, by) = (scope.session, scope.by)
    let agent = AgentID(by.id)
    guard let isAvailable = scope.desk.agentTable.read(agent, { $0.isAvailable }) else { throw .noSuchAgent }
    if session.agents.contains(agent) { return }
    guard isAvailable else { throw .agentUnavailable }
    scope.desk.changeSession(session.id) { session in
      session.changeTeam { team in team.watching.removeAll { $0.person.isSame(as: by) } }
    }
    scope.handOn(session, to: .agent(agent))
  }
}
