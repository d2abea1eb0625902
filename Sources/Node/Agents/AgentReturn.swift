import Desk
import Protocol

/// An agent who resumes a session that it serves is there again, whatever became of its last connection: it need not say
/// its status a second time, and its grace is over.
extension Node {
  mutating func agentResumed(_ request: ClientRequest, _ session: SessionID) {
    let id = AgentID(request.person.id)
    guard request.person.role == .agent, let agent = desk.agent(id), let known = desk.session(session),
      known.state == .active, known.agents.contains(id),
      // What it says itself on this connection is what counts.
      agentConnections.connection(request.connection.number) == nil
    else { return }
    let command = SetAgentStatus(
      agent: id, name: request.person.name, status: agent.status == .offline ? .online : agent.status,
      skills: nil,
      capacity: nil, presence: Presence(server: server, connection: request.connection.number), grace: nil)
    agentConnections.keep(command, connection: request.connection)
    guard agentConnections.isAnnounced else { return agentConnections.wait(request.connection, nil, command) }
    enter(.setStatus(command), for: nil)
  }
}
