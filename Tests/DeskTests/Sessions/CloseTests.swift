import Desk
import Testing

@Suite("Closing a session")
struct CloseTests {
  @Test("the agent's slot goes to the next who waits")
  func freesSlot() throws {
    var desk = Desk()
    desk.status("bob")
    let first = desk.open("alice")
    let second = desk.open("carol")
    desk.time = 4_000
    let outcome = desk.close(first, reason: "solved")
    #expect(outcome.answer == .done)
    #expect(
      outcome.effects == [
        .session(first, .closed(by: .customer("alice"), reason: "solved")),
        .session(second, .assigned(AgentID("bob"))),
      ])
    let session = try #require(desk.state.session(first))
    #expect(session.isClosed && session.closedAt == 4_000 && session.closeReason == "solved")
    #expect(session.closedBy == .customer("alice") && session.agents == [AgentID("bob")])
    #expect(desk.state.main.sessions(of: AgentID("bob")) == [second])
    #expect(desk.state.owner(of: first)?.isClosed == true)
    #expect(desk.state.ownedCounts == [Desk.one: 1])
    #expect(desk.state.sessionCounts.closed == 1 && desk.state.sessionCounts.active == 1)
  }

  @Test("a second close is as good as the first and changes nothing")
  func twice() {
    var desk = Desk()
    let id = desk.open()
    desk.close(id, reason: "first")
    let again = desk.close(id, epoch: 7, reason: "second")
    #expect(again.answer == .done && again.effects.isEmpty)
    #expect(desk.state.session(id)?.closeReason == "first")
  }

  @Test("one who waits can leave, and those behind move up")
  func leavesQueue() {
    var desk = Desk()
    let ids = ["a", "b", "c"].map { desk.open($0) }
    desk.close(ids[1], by: .customer("b"))
    #expect(desk.state.position(of: ids[0])?.position == 1)
    #expect(desk.state.position(of: ids[1]) == nil)
    #expect(desk.state.position(of: ids[2])?.position == 2)
    desk.status("bob", capacity: 5)
    #expect(desk.state.main.sessions(of: AgentID("bob")) == [ids[0], ids[2]])
  }

  @Test("the customer, an agent of the session, supervisors and admins may close")
  func permissions() {
    for person: Person in [.customer("alice"), .agent("bob"), .supervisor("sue"), .admin("root")] {
      var desk = Desk()
      desk.status("bob")
      #expect(desk.close(desk.open(), by: person).answer == .done)
    }
    var desk = Desk()
    desk.status("bob")
    let id = desk.open()
    for person: Person in [.customer("bob"), .agent("eve"), .customer("mallory"), .agent("alice")] {
      #expect(desk.close(id, by: person).answer == .refused(.forbidden))
    }
    #expect(desk.state.session(id)?.state == .active)
  }

  @Test("an unknown session and an old epoch are refused")
  func refusals() {
    var desk = Desk()
    #expect(desk.close(SessionID(rawValue: 5)).answer == .refused(.notFound))
    #expect(desk.close(desk.open(), epoch: 2).answer == .refused(.staleEpoch))
    #expect(desk.state.sessionCounts.queued == 1)
  }
}
