import Kernel
import Testing

@testable import Desk

/// Teams under any commands: agents come and go, sessions are handed about, people are invited, watch and write.
@Suite("Any sequence of what teams do")
struct RandomTeamTests {
  private struct Draw {
    var random: SplitMix
    mutating func number(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
    mutating func agent() -> String { "agent\(number(4))" }
  }

  @Test(
    "whatever is done, one serves while it is active, nobody has too much, and snapshots say all of it",
    arguments: SplitMix.seeds)
  func invariants(seed: UInt64) throws {
    var desk = Desk.newest
    var draw = Draw(random: SplitMix(seed: seed))
    var sessions: [SessionID] = []
    var (invitations, notes, heirs) = (0, 0, 0)
    // Agents are asked in every other one.
    if seed % 2 == 1 {
      desk.policy(
        Policy(
          algorithm: .leastConnections, accept: .ring, ring: RingRule(timeout: 400, missesToAway: 3),
          wrapUp: 200))
    }
    for step in 0..<400 {
      desk.time += UInt64(draw.number(300))
      let outcome = self.step(&desk, &draw, &sessions)
      for effect in outcome.effects {
        if case .news(_, let news) = effect {
          if news.number == Invited.number { invitations += 1 }
          if news.number == Noted.number { notes += 1 }
        }
      }
      for (place, effect) in outcome.effects.enumerated() {
        guard case .session(let id, .released) = effect, place + 1 < outcome.effects.count,
          case .session(id, .assigned) = outcome.effects[place + 1]
        else { continue }
        heirs += 1
      }
      for agent in desk.state.agents() where agent.takenRoom > Int(agent.capacity) {
        #expect(agent.takenRoom <= 4, "seed \(seed), step \(step)")
      }
      if step % 20 == 0 { try desk.reload() }
    }
    guard SplitMix.fixed.contains(seed) else { return }
    #expect(
      invitations > 3 && notes > 3, "seed \(seed): \(invitations) invitations, \(notes) notes, \(heirs) heirs")
  }

  private func step(_ desk: inout Desk, _ draw: inout Draw, _ sessions: inout [SessionID]) -> Desk.Outcome {
    if let asked = desk.state.agents().first(where: { !$0.offers.isEmpty }), draw.number(2) == 0,
      let session = asked.offers.first, let offer = desk.state.session(session)?.offered
    {
      let number = draw.number(5) == 0 ? offer.number + 1 : offer.number
      return draw.number(4) == 0
        ? desk.perform(Decline(session: session, offer: number), by: .agent(asked.id.rawValue))
        : desk.perform(Accept(session: session, offer: number), by: .agent(asked.id.rawValue))
    }
    if draw.number(12) == 0 { return desk.arrange(EndWrapUp(), by: .agent(draw.agent())) }
    let drawn = draw.number(20)
    if sessions.isEmpty || drawn < 2 {
      let session = desk.open("c\(draw.number(5))", request: "r\(sessions.count)")
      sessions.append(session)
      return Desk.Outcome(answer: nil, effects: [], all: [])
    }
    let served = desk.state.agents().flatMap(\.chats)
    let session =
      served.isEmpty || draw.number(4) == 0
      ? sessions[sessions.count - 1 - draw.number(min(4, sessions.count))] : served[draw.number(served.count)]
    let serving = desk.agents(of: session).first ?? draw.agent()
    let other = draw.agent()
    let supervisor = Person.supervisor(draw.number(2) == 0 ? other : "sue")
    switch drawn {
    case 2, 3, 4:
      let status: AgentStatus = [.online, .online, .online, .online, .away, .offline][draw.number(6)]
      return desk.status(
        other, status, capacity: UInt32(1 + draw.number(3)), connection: UInt64(draw.number(2)),
        grace: UInt64(draw.number(900)))
    case 5:
      if draw.number(2) == 0 { return desk.pass(UInt64(draw.number(600)), limit: UInt32(1 + draw.number(4))) }
      return desk.end(serving, connection: UInt64(draw.number(2)), grace: UInt64(draw.number(900)))
    case 6: return desk.pass(UInt64(draw.number(600)), limit: UInt32(1 + draw.number(4)))
    case 7: return desk.perform(Claim(session: session), by: .agent(other))
    case 8, 9, 10: return desk.perform(Invite(session: session, agent: other), by: .agent(serving))
    case 11: return desk.perform(Leave(session: session), by: .agent(draw.number(2) == 0 ? serving : other))
    case 12, 13: return desk.perform(WriteNote(session: session, body: [97]), by: .agent(serving))
    case 14: return desk.perform(Whisper(session: session, body: [98]), by: supervisor)
    case 15: return desk.perform(Watch(session: session), by: supervisor)
    case 16: return desk.perform(Unwatch(session: session), by: supervisor)
    case 17: return desk.perform(TakeOver(session: session), by: supervisor)
    case 18:
      let note: [UInt8]? = draw.number(2) == 0 ? [99] : nil
      return desk.perform(Transfer(session: session, agent: other, note: note), by: .agent(serving))
    default: return desk.close(session, by: .admin("root"))
    }
  }
}
