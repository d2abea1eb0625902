import Desk
import NIOCore
internal import Protocol

/// Sessions and agents as the HTTP interface shows them.
extension ReplicaCore {
  func read(local: Bool, _ call: @escaping @Sendable (Failure?) -> Void) {
    guard isRunning else {
      return call(Failure(.busy, "this node is stopping; try another", retryAfterMilliseconds: 500))
    }
    if local { return call(nil) }
    takeTime()
    if let failure = readFailureNow() { return call(failure) }
    reads.wait(.call(call), since: now)
    scheduleTurnEnd()
  }

  func detail(of id: SessionID) -> SessionDetail? {
    guard let session = desk.session(id), let summary = summary(of: id) else { return nil }
    return SessionDetail(
      summary: summary, customer: session.customer, channel: session.channel, skill: session.skill,
      intent: session.intent, priority: session.priority, attributes: session.attributes,
      owner: name(of: session.owner), epoch: session.epoch, openedAt: session.openedAt,
      updatedAt: session.updatedAt, closedAt: session.closedAt, closeReason: session.closeReason)
  }

  func detail(of agent: Desk.Agent) -> AgentDetail {
    AgentDetail(
      id: agent.id, name: agent.name, status: agent.status, skills: agent.skills, capacity: agent.capacity,
      chats: agent.chats, presences: agent.presences.map { name(of: $0.server) })
  }
}
