import Desk
import Protocol

/// An agent who resumes a session that it serves, or is invited to, is there again, whatever became of its last connection: it need not say
/// its status a second time, and its grace is over.
extension Node {
  ///
  /// - Parameter isFollowed: the resume has brought what was said; else the agent follows the session by its status.
  mutating func agentResumed(_ request: ClientRequest, _ session: SessionID, isFollowed: Bool) {
    let id = AgentID(request.person.id)
    guard request.person.role == .agent, let agent = state.agent(id, in: session.desk),
      let known = state.session(session),
      known.state != .closed, known.agents.contains(id) || known.invited.contains(id)
    else { return }
    // What it says itself on this connection is what counts.
    guard agentConnections.connection(request.connection.number) == nil else {
      if !isFollowed, agent.presences.contains(where: { $0.isOn(server, request.connection) }) {
        chatsToTell.add(AgentOfDesk(session.desk, id), request.connection)
      }
      return
    }
    let command = SetAgentStatus(
      agent: id, name: request.person.name, status: agent.status == .offline ? .online : agent.status,
      skills: nil,
      capacity: nil, presence: Presence(server: server, connection: request.connection.number), grace: nil,
      desk: session.desk)
    agentConnections.keep(command, connection: request.connection)
    guard agentConnections.isAnnounced else {
      return agentConnections.wait(request.connection, nil, .setStatus(command))
    }
    enter(.setStatus(command), for: nil)
  }
}

extension Presence {
  fileprivate func isOn(_ server: ServerID, _ connection: ConnectionID) -> Bool {
    self == Presence(server: server, connection: connection.number)
  }
}
