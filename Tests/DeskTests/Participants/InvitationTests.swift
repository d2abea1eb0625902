import Kernel
import Testing

@testable import Desk

@Suite("Invitations")
struct InvitationTests {
  @Test("whoever is invited may read and write, and it counts for nothing of its capacity")
  func invite() throws {
    var (desk, session) = Desk.served()
    desk.status("ann", capacity: 0)
    let outcome = desk.perform(Invite(session: session, agent: "ann"), by: .agent("bob"))
    #expect(outcome.answer == .done)
    #expect(outcome.effects == [.news(session, NewsRecord(Invited(agent: "ann", shown: "ANN", by: "bob")))])
    try desk.reload()
    #expect(desk.agents(of: session) == ["bob"] && desk.invited(to: session) == ["ann"])
    #expect(desk.state.mayFollow(.agent("ann"), session: session))
    #expect(desk.state.agent(AgentID("ann"))?.chatCount == 0)
    #expect(desk.state.agent(AgentID("ann"))?.invitations == [session])
    guard case .stored = desk.send(session, "m1", by: .agent("ann")).answer else {
      Issue.record("it may not write")
      return
    }
    // It neither hands the session on, nor ends it, nor asks others in.
    #expect(
      desk.perform(Invite(session: session, agent: "eve"), by: .agent("ann")).answer == .refused(.forbidden))
    #expect(desk.close(session, by: .agent("ann")).answer == .refused(.forbidden))
    let again = desk.perform(Invite(session: session, agent: "ann"), by: .agent("bob"))
    #expect(again.answer == .done && again.effects.isEmpty)
    let left = desk.perform(Leave(session: session), by: .agent("ann"))
    #expect(left.effects == [.news(session, NewsRecord(InviteEnded(agent: "ann", reason: .left)))])
    #expect(desk.invited(to: session) == [] && !desk.state.mayFollow(.agent("ann"), session: session))
  }

  @Test("it has to be an agent who is online, and no more than eight are")
  func bounds() {
    var (desk, session) = Desk.served()
    #expect(
      desk.perform(Invite(session: session, agent: "zoe"), by: .agent("bob")).answer == .refused(.noSuchAgent))
    desk.status("eve", .away)
    #expect(
      desk.perform(Invite(session: session, agent: "eve"), by: .agent("bob")).answer
        == .refused(.agentUnavailable))
    for number in 0..<Team.mostInvited {
      desk.status("a\(number)", capacity: 0)
      #expect(
        desk.perform(Invite(session: session, agent: "a\(number)"), by: .supervisor("sue")).answer == .done)
    }
    desk.status("last", capacity: 0)
    #expect(
      desk.perform(Invite(session: session, agent: "last"), by: .agent("bob")).answer
        == .refused(.tooManyInvited))
    #expect(
      desk.perform(Invite(session: session, agent: "last"), by: .customer("alice")).answer
        == .refused(.forbidden))
  }

  @Test("where whoever serves is lost, the first who was invited and has room serves; the others stay")
  func heir() throws {
    var (desk, session) = Desk.served()
    desk.status("full", capacity: 0)
    desk.status("ann")
    desk.status("eve")
    for agent in ["full", "ann", "eve"] {
      desk.perform(Invite(session: session, agent: agent), by: .agent("bob"))
    }
    desk.end("bob", grace: 5_000)
    try desk.reload()
    let outcome = desk.pass(5_000)
    #expect(
      outcome.effects.prefix(2) == [
        .session(session, .released(by: AgentID("bob"))), .session(session, .assigned(AgentID("ann"))),
      ])
    #expect(desk.agents(of: session) == ["ann"] && desk.invited(to: session) == ["full", "eve"])
    #expect(desk.state.agent(AgentID("ann"))?.invitations == [])
  }

  @Test("without anybody who has room it goes back to its line, and who is invited stays")
  func noHeir() {
    var (desk, session) = Desk.served()
    desk.status("full", capacity: 0)
    desk.perform(Invite(session: session, agent: "full"), by: .agent("bob"))
    desk.end("bob", grace: 5_000)
    desk.pass(5_000)
    #expect(desk.state.session(session)?.state == .queued && desk.invited(to: session) == ["full"])
    #expect(desk.state.maySend(.agent("full"), session: session))
    // Given to whoever is invited, it is not invited any more.
    desk.status("full", capacity: 1)
    #expect(desk.agents(of: session) == ["full"] && desk.invited(to: session) == [])
  }

  @Test(
    "who is invited and does not come back in time is invited no more, and comes back before that as it was")
  func lost() throws {
    var (desk, session) = Desk.served()
    desk.status("ann", capacity: 0)
    desk.perform(Invite(session: session, agent: "ann"), by: .agent("bob"))
    desk.end("ann", grace: 5_000)
    try desk.reload()
    desk.pass(4_000)
    desk.status("ann", connection: 2)
    desk.pass(4_000)
    #expect(desk.invited(to: session) == ["ann"])
    desk.end("ann", connection: 2, grace: 5_000)
    let outcome = desk.pass(5_000)
    #expect(outcome.effects.first == .news(session, NewsRecord(InviteEnded(agent: "ann", reason: .lost))))
    #expect(desk.invited(to: session) == [] && desk.agents(of: session) == ["bob"])
  }

  @Test("time takes so many chats and invitations as it may, and the rest with the next word")
  func limit() {
    var desk = Desk.newest
    desk.status("bob", capacity: 10)
    desk.status("ann", .away, capacity: 10)
    let sessions = (0..<4).map { desk.open("c\($0)") }
    desk.status("ann", capacity: 0)
    for session in sessions { desk.perform(Invite(session: session, agent: "ann"), by: .agent("bob")) }
    desk.end("ann", grace: 0)
    desk.end("bob", grace: 0)
    for left in [(4, 1), (2, 0), (0, 0)] {
      desk.pass(1, limit: 3)
      #expect(desk.state.agent(AgentID("bob"))?.chatCount ?? 0 <= left.0)
    }
    #expect(desk.state.agent(AgentID("ann"))?.invitations == [] && desk.state.nextDeadline == nil)
  }

  @Test("whoever serves leaves to who is invited, as of a transfer, else to the line")
  func servingLeaves() {
    var (desk, session) = Desk.served()
    desk.status("ann")
    desk.perform(Invite(session: session, agent: "ann"), by: .agent("bob"))
    let outcome = desk.perform(Leave(session: session), by: .agent("bob"))
    #expect(
      outcome.effects == [
        .session(session, .transferred(from: AgentID("bob"), to: .agent(AgentID("ann")))),
        .session(session, .assigned(AgentID("ann"))),
      ])
    desk.status("bob", .away)
    desk.status("ann", capacity: 1)
    let again = desk.perform(Leave(session: session), by: .agent("ann"))
    // Nobody else is there: it comes back to whoever gave it away.
    #expect(again.effects.last == .session(session, .assigned(AgentID("ann"))))
    #expect(desk.perform(Leave(session: session), by: .agent("bob")).answer == .refused(.forbidden))
  }

  @Test("a transfer leaves those who are invited, and makes whoever gets it one who serves alone")
  func transfer() {
    var (desk, session) = Desk.served()
    desk.status("ann")
    desk.status("eve", capacity: 0)
    for agent in ["ann", "eve"] { desk.perform(Invite(session: session, agent: agent), by: .agent("bob")) }
    desk.transfer(session, to: .agent(AgentID("ann")))
    #expect(desk.agents(of: session) == ["ann"] && desk.invited(to: session) == ["eve"])
    desk.close(session)
    #expect(desk.state.agent(AgentID("eve"))?.invitations == [])
    #expect(desk.state.mayRead(.agent("eve"), session: session), "who was invited at the end may read it")
    #expect(!desk.state.mayRead(.agent("bob"), session: session))
  }
}
