import Desk
import Protocol
import Raft

/// People who come back without having kept anything: now and then somebody asks which sessions are theirs.
extension World {
  /// - Returns: nil: not now.
  func question(_ client: Int) -> ClientWish? {
    guard plan.asksForSessions, !isCalm, clients[client].link != nil, askDice.chance(permille: 250) else {
      return nil
    }
    // Whoever has kept nothing comes to any node.
    if askDice.chance(permille: 300) { move(client, to: askDice.below(nodes.count)) }
    return .sessions(limit: askDice.chance(permille: 300) ? askDice.draw(1...2) : nil)
  }

  func answered(_ own: OwnSessions, limit: Int?, since: LogIndex, _ client: Int) {
    tally.ownSessionsAsked += 1
    let listed = OpenSessionsWatch.Answer(sessions: own.sessions.map(\.session.text), more: own.more)
    let problem = checks.openSessions.judge(
      listed, to: clients[client].person, of: desk(of: client), limit: limit, since: since)
    if let problem { fail("client \(client) hears of its open sessions \(problem)") }
  }
}
