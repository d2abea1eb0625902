import Desk
import Testing

@Suite("Handing a session on")
struct TransferTests {
  private let bob = AgentID("bob")
  private let kim = AgentID("kim")

  /// Bob serves a session, kim is online and idle.
  private func serving(kim capacity: UInt32 = 1, skill: String = "") -> (desk: Desk, session: SessionID) {
    var desk = Desk()
    desk.status("bob", skills: ["tax"], capacity: 1)
    let session = desk.open(skill: skill)
    desk.status("kim", skills: ["law", "tax"], capacity: capacity, connection: 2)
    return (desk, session)
  }

  @Test("to an agent: it serves the session, and the one who had it does not")
  func toAgent() {
    var (desk, id) = serving()
    let outcome = desk.transfer(id, to: .agent(kim))
    #expect(outcome.answer == .done)
    #expect(
      outcome.effects == [
        .session(id, .transferred(from: bob, to: .agent(kim))), .session(id, .assigned(kim)),
      ])
    #expect(desk.agents(of: id) == ["kim"] && desk.state.main.sessions(of: bob).isEmpty)
    #expect(desk.state.session(id)?.skill == "")
    #expect(desk.send(id, "b", by: .agent("bob")).answer == .refused(.forbidden))
    #expect(desk.send(id, "k", by: .agent("kim")).answer == .stored(id, Sequence(1), time: 1_000, isNew: true))
  }

  @Test("the slot that it frees goes to the next who waits")
  func nextWaiting() {
    var desk = Desk()
    desk.status("bob", skills: ["tax"])
    let id = desk.open(skill: "tax")
    let waiting = [desk.open("carol", skill: "tax"), desk.open("dan", skill: "tax", priority: 1)]
    desk.status("kim", skills: ["law"], connection: 2)
    let outcome = desk.transfer(id, to: .agent(kim))
    #expect(
      outcome.effects == [
        .session(id, .transferred(from: bob, to: .agent(kim))), .session(id, .assigned(kim)),
        .session(waiting[1], .assigned(bob)),
      ])
    #expect(desk.state.main.queue(of: "tax") == [waiting[0]])
  }

  @Test("an agent who is unknown, not online or full takes nothing, and the session stays where it was")
  func refusedAgents() {
    var (desk, id) = serving(kim: 0)
    func expect(_ agent: String, _ refusal: Refusal, _ desk: inout Desk) {
      let before = desk.state.encodedSnapshot()
      let outcome = desk.transfer(id, to: .agent(AgentID(agent)))
      #expect(outcome.answer == .refused(refusal) && outcome.effects.isEmpty, "\(agent)")
      #expect(desk.state.encodedSnapshot() == before, "\(agent)")
    }
    expect("nobody", .noSuchAgent, &desk)
    expect("kim", .agentUnavailable, &desk)
    for status: AgentStatus in [.away, .busy, .offline] {
      desk.status("kim", status, capacity: 5, connection: 2)
      expect("kim", .agentUnavailable, &desk)
    }
    #expect(desk.agents(of: id) == ["bob"])
    // What was refused may be tried again with the same id.
    desk.status("kim", capacity: 5, connection: 2)
    #expect(desk.transfer(id, to: .agent(kim)).answer == .done && desk.agents(of: id) == ["kim"])
  }

  @Test("its agent, supervisors and admins may; customers and other agents may not")
  func permissions() {
    for person: Person in [.agent("bob"), .supervisor("sue"), .admin("root")] {
      var (desk, id) = serving()
      #expect(desk.transfer(id, to: .agent(kim), by: person).answer == .done)
    }
    var (desk, id) = serving()
    for person: Person in [.customer("alice"), .customer("bob"), .agent("kim"), .agent("eve")] {
      #expect(desk.transfer(id, to: .agent(kim), by: person).answer == .refused(.forbidden))
    }
    #expect(desk.agents(of: id) == ["bob"])
  }

  @Test("an unknown session, a closed one and an old epoch are refused")
  func refusals() {
    var (desk, id) = serving()
    #expect(desk.transfer(SessionID(rawValue: 5), to: .agent(kim)).answer == .refused(.notFound))
    #expect(desk.transfer(id, to: .agent(kim), epoch: 2).answer == .refused(.staleEpoch))
    desk.close(id)
    #expect(desk.transfer(id, to: .agent(kim)).answer == .refused(.sessionClosed))
    #expect(desk.transfer(id, to: .agent(kim), by: .agent("kim")).answer == .refused(.forbidden))
  }

  @Test("a repeat is answered as the first time and hands nothing on, whatever has happened since")
  func repeated() throws {
    var (desk, id) = serving(kim: 2)
    desk.transfer(id, to: .agent(kim), request: "t1")
    func again() {
      let outcome = desk.transfer(id, to: .agent(kim), request: "t1", epoch: 7)
      #expect(outcome.answer == .done && outcome.effects.isEmpty)
    }
    again()
    desk.transfer(id, to: .agent(bob), by: .agent("kim"), request: "t1")
    #expect(desk.agents(of: id) == ["bob"], "another person's request of the same id is another one")
    again()
    #expect(desk.agents(of: id) == ["bob"])
    #expect(desk.state.main.hasTransferred(.agent("bob"), session: id, requestID: "t1"))
    #expect(!desk.state.main.hasTransferred(.supervisor("bob"), session: id, requestID: "t1"))
    desk.state = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    again()
    desk.lose(Desk.one, to: [Desk.two])
    again()
    desk.close(id, epoch: 2)
    again()
  }

  @Test("to the agent who has it already changes nothing, though it is full")
  func toItself() {
    var (desk, id) = serving()
    let outcome = desk.transfer(id, to: .agent(bob))
    #expect(outcome.answer == .done && outcome.effects.isEmpty && desk.agents(of: id) == ["bob"])
  }

  @Test("to a skill: the least loaded agent of that skill has it at once, and the session has that skill")
  func toSkill() {
    var (desk, id) = serving(kim: 2)
    desk.status("ann", skills: ["law"], capacity: 0, connection: 3)
    let outcome = desk.transfer(id, to: .skill("law"))
    #expect(
      outcome.effects == [
        .session(id, .transferred(from: bob, to: .skill("law"))), .session(id, .assigned(kim)),
      ])
    #expect(desk.state.session(id)?.skill == "law")
    // Its agent is lost: it waits for the new skill.
    desk.end("kim", connection: 2)
    desk.pass(5_000)
    #expect(desk.state.main.queue(of: "law") == [id])
  }

  @Test("without a free agent it waits where its priority and its arrival put it, not at the end")
  func oldPlace() {
    var (desk, id) = serving(kim: 0)
    let high = desk.open("carol", skill: "law", priority: 3)
    let later = desk.open("dan", skill: "law")
    desk.time += 5_000
    let outcome = desk.transfer(id, to: .skill("law"))
    #expect(
      outcome.effects == [
        .session(id, .transferred(from: bob, to: .skill("law"))), .session(id, .queued(position: 2)),
      ])
    #expect(desk.state.main.queue(of: "law") == [high, id, later])
    #expect(desk.state.session(id)?.queuedAt == 6_000 && desk.state.session(id)?.agents == [])
    desk.status("kim", capacity: 2, connection: 2)
    #expect(desk.state.main.sessions(of: kim) == [id, high].sorted())
  }

  @Test("it does not come back to who gave it away while another is free, and does when nobody else is")
  func notBack() {
    var desk = Desk()
    desk.status("bob", skills: ["tax"], capacity: 3)
    let id = desk.open(skill: "tax")
    desk.status("kim", skills: ["tax"], capacity: 4, connection: 2)
    let others = (0..<3).map { desk.open("c\($0)", skill: "tax") }
    // Bob has two chats, kim two: with one less, bob would be the least loaded.
    #expect(others.map { desk.agents(of: $0) } == [["kim"], ["bob"], ["kim"]])
    #expect(desk.transfer(id, to: .skill("tax"), request: "t1").effects.last == .session(id, .assigned(kim)))
    desk.status("bob", .busy)
    desk.status("bob", capacity: 1)
    // Nobody but kim has room.
    let back = desk.transfer(id, to: .skill("tax"), by: .agent("kim"), request: "t2")
    #expect(
      back.effects == [
        .session(id, .transferred(from: kim, to: .skill("tax"))), .session(id, .assigned(kim)),
      ])
  }

  @Test("who gives it away takes who waits first, though the session was there before")
  func waitingFirst() {
    var desk = Desk()
    desk.status("bob", skills: ["tax"], capacity: 1)
    let id = desk.open(skill: "tax")
    let waiting = desk.open("carol", skill: "tax")
    let outcome = desk.transfer(id, to: .skill("tax"))
    #expect(
      outcome.effects == [
        .session(id, .transferred(from: bob, to: .skill("tax"))), .session(waiting, .assigned(bob)),
        .session(id, .queued(position: 1)),
      ])
  }

  @Test("a supervisor takes one who waits out of the line, or into another")
  func queued() {
    var desk = Desk()
    let ids = ["a", "b", "c"].map { desk.open($0, skill: "tax") }
    desk.status("kim", skills: ["law"], capacity: 1)
    let given = desk.transfer(ids[1], to: .agent(AgentID("kim")), by: .supervisor("sue"))
    #expect(
      given.effects == [
        .session(ids[1], .transferred(from: nil, to: .agent(kim))), .session(ids[1], .assigned(kim)),
      ])
    let moved = desk.transfer(ids[0], to: .skill("law"), by: .supervisor("sue"))
    #expect(moved.effects.last == .session(ids[0], .queued(position: 1)))
    #expect(desk.state.main.queue(of: "tax") == [ids[2]] && desk.state.main.queue(of: "law") == [ids[0]])
    #expect(desk.state.sessionCounts.active == 1 && desk.state.sessionCounts.queued == 2)
  }

  @Test("a chat that is handed on while its agent is gone is not taken from the new one later")
  func graceEnds() {
    var (desk, id) = serving()
    desk.end("bob")
    desk.transfer(id, to: .agent(kim), by: .supervisor("sue"))
    #expect(desk.state.nextDeadline == nil)
    desk.pass(60_000)
    #expect(desk.agents(of: id) == ["kim"])
  }

  @Test("giving past the line says nothing about how long others wait")
  func pace() {
    var desk = Desk()
    desk.status("bob", capacity: 1)
    let id = desk.open()
    let waiting = [desk.open("b"), desk.open("c")]
    desk.time += 8_000
    desk.close(id)
    #expect(desk.state.position(of: waiting[1])?.etaMilliseconds == 8_000)
    desk.status("kim", skills: [], capacity: 0, connection: 2)
    desk.time += 1_000
    // Bob has nothing to do with the line: he is busy once he has given his chat away.
    desk.status("bob", .busy)
    desk.status("lee", .busy, capacity: 1, connection: 3)
    desk.transfer(waiting[0], to: .agent(AgentID("lee")), by: .supervisor("sue"))
    #expect(desk.state.position(of: waiting[1])?.etaMilliseconds == 8_000)
  }
}
