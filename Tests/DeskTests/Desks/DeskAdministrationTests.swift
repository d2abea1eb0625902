import Desk
import Kernel
import Testing

@Suite("Creating, configuring and deleting desks")
struct DeskAdministrationTests {
  @Test("what was asked for twice with one id is done once, and something else with it is a conflict")
  func once() {
    var desk = Desk()
    desk.raise(.fourth)
    let create = CreateDesk(desk: Desk.name("a"), sessions: 5)
    #expect(desk.govern(create, id: "1") == .done)
    desk.govern(ConfigureDesk(desk: Desk.name("a"), sessions: 6), id: "2")
    #expect(desk.govern(create, id: "1") == .done)
    #expect(desk.state.settings(of: Desk.name("a"))?.sessions == 6)
    #expect(desk.govern(CreateDesk(desk: Desk.name("b")), id: "1") == .refused(.conflict))
    // By another id it is another wish.
    #expect(desk.govern(create, id: "3") == .refused(.deskExists))
    #expect(desk.govern(CreateDesk(desk: Desk.name("a"), sessions: 6), id: "4") == .done)
    #expect(desk.govern(CreateDesk(desk: .main), id: "5") == .done)
    #expect(desk.govern(CreateDesk(desk: .main, sessions: 2), id: "6") == .refused(.deskExists))
  }

  @Test("nothing of it is done below level 4, or by anybody but an admin")
  func refused() {
    var desk = Desk()
    desk.raise(.third)
    #expect(desk.govern(CreateDesk(desk: Desk.name("a"))) == .refused(.forbidden))
    desk.raise(.fourth)
    #expect(desk.govern(CreateDesk(desk: Desk.name("a")), by: .supervisor("s")) == .refused(.forbidden))
    #expect(desk.state.desks.count == 1)
    #expect(desk.govern(ConfigureDesk(desk: Desk.name("a"))) == .refused(.noSuchDesk))
    #expect(desk.govern(DeleteDesk(desk: Desk.name("a"))) == .refused(.noSuchDesk))
    #expect(desk.govern(DeleteDesk(desk: .main)) == .refused(.forbidden))
  }

  @Test("limits of a desk hold for it alone, and take nothing away")
  func limits() throws {
    var desk = Desk()
    let number = desk.create("a")
    desk.govern(ConfigureDesk(desk: Desk.name("a"), sessions: 2, agents: 1))
    let first = try #require(desk.open("c1", in: number).session)
    desk.open("c2", in: number)
    #expect(desk.open("c3", in: number) == .refused(.deskFull))
    // What is there already is found again.
    #expect(desk.open("c1", in: number) == .opened(first, isNew: false))
    #expect(desk.open("c3", in: .main).session != nil)
    #expect(desk.status("anna", in: number).answer == .done)
    #expect(desk.status("bob", in: number).answer == .refused(.deskFull))
    #expect(desk.status("anna", .away, in: number).answer == .done)
    desk.govern(ConfigureDesk(desk: Desk.name("a"), open: false, sessions: 0))
    #expect(desk.open("c4", in: number) == .refused(.deskClosed))
    #expect(desk.state.session(first)?.isClosed == false)
  }

  @Test("a desk with open sessions is not deleted; a deleted one is gone at once, and its memory part by part")
  func deletion() throws {
    var desk = Desk()
    let number = desk.create("a")
    desk.status("anna", in: number, capacity: 1_000)
    var sessions: [SessionID] = []
    for customer in 0..<300 { sessions.append(try #require(desk.open("c\(customer)", in: number).session)) }
    #expect(desk.govern(DeleteDesk(desk: Desk.name("a"))) == .refused(.deskInUse))
    for (customer, session) in sessions.enumerated() { desk.close(session, by: .customer("c\(customer)")) }
    #expect(desk.govern(DeleteDesk(desk: Desk.name("a"))) == .done)
    #expect(desk.state.session(sessions[0]) == nil && desk.state.number(of: Desk.name("a")) == nil)
    #expect(desk.state.sessionCounts.closed == 0 && desk.state.agentCounts.online == 0)
    #expect(desk.open("c1", in: number) == .refused(.noSuchDesk))
    #expect(desk.status("anna", in: number).answer == .refused(.noSuchDesk))
    #expect(desk.send(sessions[0], "m", by: .customer("c0")).answer == .refused(.notFound))
    #expect(desk.state.hasUnserved)
    // The same name is another desk from now on.
    let next = desk.create("a")
    #expect(next != number)
    #expect(desk.open("c1", in: next).session?.desk == next)
    // A copy that was made in between ends in the same.
    var copy = Desk()
    copy.state = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    (copy.index, copy.time) = (desk.index, desk.time)
    var rounds = 0
    while desk.state.hasUnserved, rounds < 200 {
      desk.pass(1)
      copy.pass(1)
      #expect(desk.state.encodedSnapshot() == copy.state.encodedSnapshot())
      rounds += 1
    }
    #expect(rounds > 10 && rounds < 200)
    #expect(desk.state.presentCount(on: Desk.one) == 0)
  }

  @Test("there are 1,023 desks beside the main one, and no more")
  func full() {
    var desk = Desk()
    desk.raise(.fourth)
    var effects: [Effect] = []
    for place in 0..<DeskNumber.most {
      let command = Command.govern(
        ClusterEnvelope(CreateDesk(desk: Desk.name("d\(place)")), id: "\(place)", by: Desk.admin))
      desk.index += 1
      desk.state.apply(
        [Submission(origin: Origin(server: Desk.one, request: 1), command: command)], index: desk.index,
        now: desk.time, into: &effects)
    }
    #expect(effects.allSatisfy { if case .answer(_, .done) = $0 { true } else { false } })
    #expect(desk.govern(CreateDesk(desk: Desk.name("more"))) == .refused(.tooManyDesks))
    #expect(desk.govern(DeleteDesk(desk: Desk.name("d7"))) == .done)
    desk.pass(1)
    #expect(desk.govern(CreateDesk(desk: Desk.name("more"))) == .done)
    #expect(desk.state.number(of: Desk.name("more")) == DeskNumber(8))
  }

  @Test("names are short, of plain letters, and begin with one")
  func names() {
    for name in ["main", "a", "acme-2", String(repeating: "a", count: 32)] {
      #expect(DeskName(name)?.text == name)
    }
    for name in ["", "A", "2a", "-a", "a b", "a/b", "a.b", "ä", String(repeating: "a", count: 33), "a\u{0}"] {
      #expect(DeskName(name) == nil)
    }
  }
}
