/// What holds of teams, worked out anew from sessions. For tests and the simulator.
extension DeskState {
  func checkTeams() -> [String] {
    var problems: [String] = []
    var invitations: [AgentID: [SessionID]] = [:]
    for id in sessionTable.sortedKeys {
      guard let session = sessionTable[id] else { continue }
      if level >= Team.since, session.state == .active, session.agents.count != 1 {
        problems.append("\(id): \(session.agents.count) agents serve it")
      }
      guard let team = session.team else { continue }
      if level < Team.since { problems.append("\(id): has a team, which level \(level) does not know") }
      problems += check(team, of: session).map { "\(id): \($0)" }
      if !session.isClosed { for agent in session.invited { invitations[agent, default: []].append(id) } }
    }
    for agent in agents() {
      if agent.invitedSet.elements != invitations[agent.id] ?? [] {
        problems.append("agent \(agent.id): wrong list of invitations")
      }
      problems += agent.invitedSet.checkInvariants()
      invitations[agent.id] = nil
    }
    for agent in invitations.keys.sorted() { problems.append("agent \(agent): unknown, and invited") }
    return problems
  }

  private func check(_ team: Team, of session: Session) -> [String] {
    var problems: [String] = []
    if team.isEmpty { problems.append("keeps a team of nobody") }
    if team.invited.count > Team.mostInvited || Set(session.invited).count != team.invited.count {
      problems.append("too many are invited, or one twice")
    }
    if session.state == .active, session.invited.contains(where: { session.agents.contains($0) }) {
      problems.append("whoever serves it is invited to it")
    }
    if team.watching.count > Team.mostWatching { problems.append("too many watch it") }
    if session.isClosed, !team.watching.isEmpty { problems.append("is closed, and watched") }
    if team.watching.contains(where: { !$0.person.supervises }) {
      problems.append("is watched by somebody who may not")
    }
    return problems + team.notes.checkInvariants()
  }
}
