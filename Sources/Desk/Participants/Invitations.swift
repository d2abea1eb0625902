internal import Kernel

/// Who is invited where. The index of each agent's invitations is changed here alone, so that it is exact at all times.
extension DeskState {
  /// - Parameter agent: known, and neither serves the session nor is invited to it.
  mutating func addInvitation(of agent: AgentID, to id: SessionID) {
    let now = now
    changeSession(id) { session in
      session.changeTeam { $0.invited.append(Team.Invitation(agent: agent, since: now)) }
      session.updatedAt = max(session.updatedAt, now)
    }
    changeAgent(agent) { agent in agent.invitedSet.insert(id) }
  }

  /// - Returns: whether the agent was invited.
  @discardableResult
  mutating func removeInvitation(of agent: AgentID, to id: SessionID) -> Bool {
    guard sessionTable.read(id, { $0.keptTeam?.value.isInvited(agent) ?? false }) == true else { return false }
    let now = now
    changeSession(id) { session in
      session.changeTeam { team in team.invited.removeAll { $0.agent == agent } }
      session.updatedAt = max(session.updatedAt, now)
    }
    changeAgent(agent) { agent in agent.invitedSet.remove(id) }
    return true
  }

  /// The agent takes part no longer, and those who follow the session are told.
  mutating func endInvitation(
    of agent: AgentID, to id: SessionID, because reason: InviteEnded.Reason, into effects: inout [Effect]
  ) {
    guard removeInvitation(of: agent, to: id) else { return }
    effects.append(.news(id, NewsRecord(InviteEnded(agent: agent.rawValue, reason: reason))))
  }

  /// Who serves when whoever does goes: of those who are invited and have room now, whoever was invited first.
  func heir(of id: SessionID) -> AgentID? {
    let invited = sessionTable.read(id) { $0.invited } ?? []
    return invited.first { agentTable.read($0) { $0.isAvailable } == true }
  }

  /// A session is over: nobody watches it, and it is in no list of its invited agents.
  mutating func disband(_ session: Session) {
    guard let team = session.team else { return }
    for invitation in team.invited {
      changeAgent(invitation.agent) { agent in agent.invitedSet.remove(session.id) }
    }
    changeSession(session.id) { session in session.changeTeam { $0.watching = [] } }
  }
}
