package import Desk
import Kernel
package import Protocol
import Raft

/// Sessions and agents as the HTTP interface shows them.
extension Node {
  /// - Returns: nil: there is no such session in that desk.
  package func detail(of id: SessionID, in desk: DeskName) -> SessionDetail? {
    guard isThere(id, in: desk) else { return nil }
    return detail(of: id)
  }

  private func detail(of id: SessionID) -> SessionDetail? {
    guard let session = state.session(id), let summary = summary(of: id) else { return nil }
    var detail = SessionDetail(
      summary: summary, customer: session.customer, channel: session.channel, skill: session.skill,
      intent: session.intent, priority: session.priority, attributes: session.attributes,
      owner: name(of: NodeID(session.owner.rawValue)), epoch: session.epoch, openedAt: session.openedAt,
      updatedAt: session.updatedAt, closedAt: session.closedAt, closeReason: session.closeReason,
      customerIsAway: session.isPassedOver, facets: session.facets)
    detail.readers = session.invited
    if session.isClosed { detail.readers += state.agents(serving: session.customer.id, in: id.desk) }
    detail.version = session.version
    return detail
  }

  /// A session that has left the state, as an archive has it.
  package static func detail(of over: ArchivedSession, readers: [AgentID]) -> SessionDetail {
    var detail = SessionDetail(
      summary: SessionSummary(
        session: over.session, state: .closed, sequence: Sequence(over.messages), position: 0,
        etaMilliseconds: 0,
        agents: over.agents.map { AgentID($0) }),
      customer: Person(id: over.customer, role: .customer, name: over.customerName), channel: over.channel,
      skill: over.skill, intent: over.intent, priority: over.priority, attributes: over.attributes, owner: "",
      epoch: Epoch(0), openedAt: over.openedAt, updatedAt: over.closedAt, closedAt: over.closedAt,
      closeReason: over.reason, customerIsAway: false, facets: over.facets)
    detail.readers = readers + (over.team?.invited ?? [])
    return detail
  }

  /// A part of all agents of a desk, as they are now. There may be many of them: whoever asks works it out on another thread,
  /// from a copy of the state.
  package func agentPage(in name: DeskName, after: AgentID?, limit: Int) -> @Sendable () -> AgentPage {
    guard let number = state.number(of: name), let desk = state[desk: number] else {
      return { AgentPage(agents: [], more: false) }
    }
    let names = Dictionary(
      (group.members + configuration.members).map { (ServerID($0.id), $0.name) },
      uniquingKeysWith: { first, _ in first })
    return {
      let (agents, more) = desk.agents(after: after, limit: limit, chats: AgentPage.mostChats)
      let details = agents.map { agent in
        AgentDetail(
          id: agent.id, name: agent.name, status: agent.status, skills: agent.skills, capacity: agent.capacity,
          chats: agent.chats, offers: agent.offers, wrappingUp: agent.wrappingUp,
          presences: agent.presences.map { names[$0.server] ?? "node\($0.server.rawValue)" })
      }
      return AgentPage(agents: details, more: more)
    }
  }
}
