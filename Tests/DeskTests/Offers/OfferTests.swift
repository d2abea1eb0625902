import Kernel
import Testing

@testable import Desk

@Suite("Offers")
struct OfferTests {
  private var desk = Desk.newest

  init() { desk.policy(Policy(algorithm: .leastConnections, accept: .ring, ring: RingRule(timeout: 1_000))) }

  private func asked(_ session: SessionID) -> String? {
    desk.state.session(session)?.offered.map { "\($0.agent) \($0.number)" }
  }

  private func told(_ outcome: Desk.Outcome) -> [String] {
    outcome.effects.compactMap { effect in
      switch effect {
      case .news(_, let news):
        if let news = news.opened(as: Offered.self) { return "offered \(news.agent) \(news.offer)" }
        return news.opened(as: OfferEnded.self).map { "\($0.reason.name) \($0.agent) \($0.offer)" }
      case .session(_, let change):
        switch change {
        case .assigned(let agent): return "assigned \(agent)"
        case .queued(let position): return "queued \(position)"
        case .unclaimed(let offers): return "unclaimed \(offers)"
        default: return nil
        }
      case .agent(_, let agent): return "agent \(agent)"
      default: return nil
      }
    }
  }

  @Test("an agent is asked, and has the session once it says yes; its customer waits until then")
  mutating func accepted() throws {
    desk.agent("bob", capacity: 1)
    let session = desk.open()
    #expect(asked(session) == "bob 1" && desk.agents(of: session).isEmpty)
    #expect(desk.state.session(session)?.state == .queued && desk.state.position(of: session)?.position == 1)
    #expect(desk.state.agent(AgentID("bob"))?.isAvailable == false, "it takes room")
    try desk.reload()
    let outcome = desk.perform(Accept(session: session, offer: 1), by: .agent("bob"))
    #expect(outcome.answer == .done && told(outcome) == ["assigned bob"])
    #expect(desk.agents(of: session) == ["bob"] && asked(session) == nil)
    let why = try #require(desk.state.assignments(of: session).last)
    #expect(why.way == .chosen && why.time == desk.time && why.best.map(\.agent) == ["bob"])
    #expect(
      desk.perform(Accept(session: session, offer: 1), by: .agent("bob"), id: "again").answer == .done,
      "whoever serves it has done so")
    #expect(desk.state.nextDeadline == nil)
  }

  @Test("of two who say yes the one who is asked has it, and nobody gets what is not offered any more")
  mutating func race() {
    desk.agent("ann", capacity: 1)
    desk.agent("bob", capacity: 1)
    let session = desk.open()
    #expect(asked(session) == "ann 1")
    #expect(desk.perform(Accept(session: session, offer: 1), by: .agent("bob")).answer == .refused(.offerEnded))
    let missed = desk.pass(1_000)
    #expect(told(missed) == ["missed ann 1", "offered bob 2"])
    for (agent, offer) in [("ann", 1), ("ann", 2), ("bob", 1)] {
      #expect(
        desk.perform(Accept(session: session, offer: UInt32(offer)), by: .agent(agent), id: "\(agent)\(offer)")
          .answer == .refused(.offerEnded))
    }
    #expect(desk.perform(Accept(session: session, offer: 2), by: .agent("bob")).answer == .done)
    #expect(desk.agents(of: session) == ["bob"])
    #expect(desk.perform(Accept(session: session, offer: 2), by: .agent("ann")).answer == .refused(.offerEnded))
  }

  @Test("an offer lasts as long as its policy says, and not a millisecond less")
  mutating func time() {
    desk.agent("bob")
    let session = desk.open()
    #expect(desk.state.nextDeadline == desk.time + 1_000)
    desk.pass(999)
    #expect(asked(session) == "bob 1")
    desk.pass(1)
    #expect(asked(session) == "bob 2", "nobody else is there: it is asked again")
  }

  @Test("whoever declines is asked again only where nobody else is free, and takes others meanwhile")
  mutating func declined() {
    desk.agent("bob", capacity: 1)
    let session = desk.open("c1")
    let second = desk.open("c2")
    #expect(asked(session) == "bob 1" && asked(second) == nil)
    let outcome = desk.perform(Decline(session: session, offer: 1), by: .agent("bob"))
    #expect(told(outcome) == ["declined bob 1", "offered bob 1", "queued 1"])
    #expect(asked(second) == "bob 1")
    desk.agent("ann")
    #expect(asked(session) == "ann 2")
    desk.perform(Decline(session: session, offer: 2), by: .agent("ann"))
    #expect(asked(session) == "ann 3", "bob has no room")
  }

  @Test("who misses too much is away, and what it was asked for goes to its old place")
  mutating func away() throws {
    desk.agent("bob", capacity: 1)
    let session = desk.open("c1")
    desk.pass(500)
    let later = desk.open("c2")
    desk.pass(500)
    #expect(asked(later) == "bob 1" && asked(session) == nil, "first those who wait already")
    let outcome = desk.pass(1_000)
    #expect(told(outcome) == ["missed bob 1", "agent bob", "queued 2"])
    #expect(desk.state.agent(AgentID("bob"))?.status == .away)
    #expect(desk.state.main.queue(of: "") == [session, later])
    #expect(desk.state.nextDeadline == nil, "nobody is asked")
    try desk.reload()
    desk.status("bob")
    #expect(asked(session) == "bob 2")
  }

  @Test("who is gone when the time is over has missed nothing, and may say yes only when it is back")
  mutating func gone() {
    desk.agent("bob", capacity: 1)
    let session = desk.open()
    desk.end("bob", connection: 1, grace: 10_000)
    desk.pass(900)
    #expect(asked(session) == "bob 1")
    // Nobody would take the chat from an agent who is nowhere.
    #expect(
      desk.perform(Accept(session: session, offer: 1), by: .agent("bob")).answer == .refused(.agentUnavailable))
    let outcome = desk.pass(100)
    #expect(told(outcome) == ["lost bob 1", "queued 1"])
    desk.status("bob")
    #expect(desk.state.agent(AgentID("bob"))?.missedOffers == 0 && asked(session) == "bob 2")
    desk.end("bob", connection: 1, grace: 10_000)
    desk.status("bob")
    #expect(desk.perform(Accept(session: session, offer: 2), by: .agent("bob")).answer == .done)
  }

  @Test("an agent who says that it takes nothing is asked for nothing any more")
  mutating func withdrawn() {
    desk.agent("bob")
    let sessions = [desk.open("c1"), desk.open("c2")]
    #expect(sessions.map(asked) == ["bob 1", "bob 1"])
    let outcome = desk.status("bob", .busy)
    #expect(
      told(outcome) == [
        "agent bob", "withdrawn bob 1", "withdrawn bob 1", "queued 1", "queued 2",
      ])
    #expect(
      desk.perform(Accept(session: sessions[0], offer: 1), by: .agent("bob")).answer == .refused(.offerEnded))
    desk.agent("ann", capacity: 1)
    #expect(asked(sessions[0]) == "ann 2" && asked(sessions[1]) == nil)
  }

  @Test("when its customer closes it, leaves, or it is handed on, nobody is asked any more")
  mutating func elsewhere() {
    desk.agent("bob", capacity: 1)
    let closed = desk.open("c1")
    let waiting = desk.open("c2")
    #expect(told(desk.close(closed, by: .customer("c1"))) == ["withdrawn bob 1", "offered bob 1"])
    desk.apply(
      .attend(
        SetAttendance(
          session: waiting,
          absence: SetAttendance.Absence(epoch: Epoch(1), queueGrace: 5_000, openGrace: 0))))
    #expect(asked(waiting) == nil && desk.state.agent(AgentID("bob"))?.isAvailable == true)
    desk.apply(.attend(SetAttendance(session: waiting, absence: nil)))
    #expect(asked(waiting) == "bob 2")
    desk.agent("eve")
    let outcome = desk.perform(Transfer(session: waiting, agent: "eve"), by: .supervisor("sue"))
    #expect(told(outcome) == ["withdrawn bob 2", "assigned eve"])
  }

  @Test("to claim what one is asked for is to accept it; others may not, but supervisors")
  mutating func claims() {
    desk.agent("ann", capacity: 1)
    desk.agent("bob", capacity: 1)
    let (first, second) = (desk.open("c1"), desk.open("c2"))
    #expect(desk.perform(Claim(session: first), by: .agent("bob")).answer == .refused(.taken))
    #expect(desk.perform(Claim(session: first), by: .agent("ann")).answer == .done)
    desk.agent("sue")
    #expect(asked(second) == "bob 1")
    let outcome = desk.perform(Claim(session: second), by: .supervisor("sue"))
    #expect(outcome.answer == .done && told(outcome) == ["withdrawn bob 1", "assigned sue"])
  }

  @Test("a desk is told once when nobody wants a session")
  mutating func unclaimed() {
    desk.policy(
      Policy(
        algorithm: .roundRobin, accept: .ring,
        ring: RingRule(timeout: 1_000, missesToAway: 100, attempts: 3)))
    desk.agent("ann", capacity: 1)
    desk.agent("bob", capacity: 1)
    desk.open()
    let outcomes = (0..<5).map { _ in told(desk.pass(1_000)).contains("unclaimed 3") }
    #expect(outcomes == [false, false, true, false, false])
  }

  @Test("agents are told in turn, whatever they say")
  mutating func turns() {
    desk.policy(Policy(algorithm: .roundRobin, accept: .ring, ring: RingRule(timeout: 1_000)))
    for agent in ["ann", "bob", "eve"] { desk.agent(agent) }
    let sessions = (0..<4).map { number -> SessionID in
      desk.time += 10
      return desk.open("c\(number)")
    }
    #expect(sessions.map(asked) == ["ann 1", "bob 1", "eve 1", "ann 1"])
  }

  @Test("an agent is asked for so many at once, however much room it has")
  mutating func bound() {
    desk.agent("bob", capacity: 100)
    for number in 0..<20 { desk.open("c\(number)") }
    #expect(desk.state.agent(AgentID("bob"))?.offers.count == Offer.mostOfAgent)
    #expect(desk.state.main.queue(of: "").count == 4)
  }

  @Test("what an agent is told says who waits, for how long, and what was said")
  mutating func words() throws {
    let session = desk.open("c1", skill: "")
    desk.send(session, "1", by: .customer("c1"), body: String(repeating: "好", count: 300))
    desk.pass(700)
    desk.agent("bob")
    let news = try #require(desk.state.offered(session))
    #expect(news.waited == 700 && news.expires == 1_000 && news.customer == "c1")
    #expect(news.line == String(repeating: "好", count: 100))
    desk.pass(400)
    #expect(desk.state.offered(session)?.expires == 600)
    #expect(news.isFor(.agent("bob")) && news.isFor(.supervisor("sue")))
    #expect(!news.isFor(.agent("ann")) && !news.isFor(.customer("bob")))
  }

  @Test("while a session is offered, why it waits says to whom")
  mutating func explained() throws {
    desk.agent("bob")
    let session = desk.open()
    #expect(try desk.explanation(of: session).wait?.offeredTo == "bob")
  }

  @Test("such a policy is of level 10, and others are as old as they were")
  func levels() throws {
    func since(_ policy: Policy) -> Level {
      DeskRecord(SetPolicy(channel: "*", intent: "*", policy: policy), id: "1").since
    }
    #expect(
      since(Policy(algorithm: .skill, accept: .ring)) == .tenth && since(Policy(algorithm: .skill)) == .ninth)
    #expect(throws: Failure.self) {
      try readPolicy(#"{"algorithm":"skill","ring":{"timeout_ms":5000}}"#).get()
    }
  }
}
