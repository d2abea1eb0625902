import Desk
import Kernel
import Testing

@Suite("Desks that never see each other")
struct DeskIsolationTests {
  @Test("customers, agents and request ids of two desks have the same names and nothing else in common")
  func sameNames() throws {
    var desk = Desk()
    let other = desk.create("other")
    desk.status("anna", in: .main)
    let first = try #require(desk.open(in: .main).session)
    let second = try #require(desk.open(in: other).session)
    #expect(first != second && first.desk == .main && second.desk == other)
    #expect(desk.state.session(first)?.agents == [AgentID("anna")])
    // Nobody serves there, whoever is free elsewhere.
    #expect(desk.state.session(second)?.state == .queued)
    desk.status("anna", in: other)
    #expect(desk.state.session(second)?.agents == [AgentID("anna")])
    #expect(desk.state.agent(AgentID("anna"), in: .main)?.chats == [first])
    #expect(desk.state.agent(AgentID("anna"), in: other)?.chats == [second])
    #expect(desk.state.openSessions(of: .customer("alice"), in: .main, limit: 10).sessions == [first])
    #expect(desk.state.openSessions(of: .customer("alice"), in: other, limit: 10).sessions == [second])
    #expect(desk.state.use(ofCustomer: "alice", in: other, at: desk.time).openSessions == 1)
    #expect(desk.open(in: other) == .opened(second, isNew: false))
  }

  @Test("a session is handed on to agents and skills of its own desk alone")
  func transfers() throws {
    var desk = Desk()
    let other = desk.create("other")
    desk.status("bob", in: other)
    desk.status("cleo", in: .main)
    let session = try #require(desk.open(in: other).session)
    let toCleo = Envelope(
      Transfer(session: session, agent: "cleo"), id: "t1", by: .agent("bob"), epoch: Epoch(1))
    #expect(desk.apply(.perform(toCleo)).answer == .refused(.noSuchAgent))
    #expect(desk.agents(of: session) == ["bob"])
  }

  @Test("a lost server's sessions and agents of all desks go, in parts, and share the heirs")
  func losses() throws {
    var desk = Desk()
    let desks = [DeskNumber.main, desk.create("one"), desk.create("two")]
    var sessions: [SessionID] = []
    for (place, number) in desks.enumerated() {
      desk.status("anna", in: number)
      for session in 0..<4 {
        sessions.append(try #require(desk.open("c\(place)\(session)", in: number).session))
      }
    }
    #expect(desk.state.ownedCount(of: Desk.one) == 12)
    #expect(desk.state.presentCount(on: Desk.one) == 3)
    var rounds = 0
    while desk.state.isInvolved(Desk.one), rounds < 20 {
      desk.lose(Desk.one, to: [Desk.two, Desk.three], limit: 5)
      rounds += 1
    }
    #expect(rounds == 3)
    #expect(desk.state.ownedCount(of: Desk.two) == 6 && desk.state.ownedCount(of: Desk.three) == 6)
    #expect(desk.state.agentCounts.offline == 3)
    for session in sessions { #expect(desk.state.owner(of: session)?.epoch == Epoch(2)) }
  }

  @Test("deadlines pass in every desk, whoever has many of them")
  func deadlines() throws {
    var desk = Desk()
    let other = desk.create("other")
    for number in [DeskNumber.main, other] {
      desk.status("anna", in: number, capacity: 100)
      for session in 0..<(number == .main ? 50 : 2) { desk.open("c\(session)", in: number) }
      desk.status("anna", .offline, in: number, grace: 1_000)
    }
    #expect(desk.state.nextDeadline == desk.time + 1_000)
    desk.pass(1_000, limit: 8)
    // The main desk has work left, and the other one has had its share.
    #expect(desk.state.agent(AgentID("anna"), in: other)?.chatCount == 0)
    #expect(desk.state.agent(AgentID("anna"), in: .main)?.chatCount == 46)
    for _ in 0..<12 { desk.pass(1, limit: 8) }
    #expect(desk.state.agent(AgentID("anna"), in: .main)?.chatCount == 0)
    #expect(desk.state.nextDeadline == nil)
  }

  @Test("a snapshot holds all desks, and gives the same state again")
  func snapshots() throws {
    var desk = Desk()
    let desks = [DeskNumber.main, desk.create("one"), desk.create("two")]
    desk.govern(ConfigureDesk(desk: Desk.name("one"), open: false, sessions: 7))
    desk.govern(ConfigureDesk(desk: .main, agents: 9))
    for number in desks where number != desks[1] {
      desk.status("anna", in: number, capacity: 1)
      for session in 0..<4 { desk.open("c\(session)", in: number, skill: session == 3 ? "billing" : "") }
    }
    desk.govern(DeleteDesk(desk: Desk.name("one")))
    let snapshot = desk.state.encodedSnapshot()
    let restored = try ReplicatedState(snapshot: snapshot)
    #expect(restored.encodedSnapshot() == snapshot)
    #expect(restored.checkInvariants() == [])
    #expect(restored.settings(of: .main)?.agents == 9)
    #expect(restored.number(of: Desk.name("one")) == nil)
    #expect(restored.ownedCount(of: Desk.one) == 8 && restored.presentCount(on: Desk.one) == 2)
    // Nothing that is written with one byte more, less or another one is taken for a state and then falls apart.
    var random = SplitMix(seed: 7)
    for _ in 0..<2_000 {
      var damaged = snapshot
      damaged[Int(random.next() % UInt64(damaged.count))] ^= UInt8(1 << (random.next() % 8))
      if let state = try? ReplicatedState(snapshot: damaged) { _ = state.checkInvariants() }
    }
  }

  @Test("commands of a desk are read as they were written, and need level 4")
  func commands() throws {
    let number = DeskNumber(5)
    var open = OpenSession.by("alice", request: "r", skill: "s", priority: 1, owner: Desk.two)
    open.desk = number
    let status = SetAgentStatus(
      agent: AgentID("anna"), name: "Anna", status: .online, skills: nil, capacity: 3,
      presence: Presence(server: Desk.one, connection: 9), grace: 5, desk: number)
    let end = EndPresences(
      server: Desk.one, items: [.init(agent: AgentID("anna"), connection: 9)],
      bounds: Bounds(limit: 3, grace: 4), desk: number)
    let govern = ClusterEnvelope(CreateDesk(desk: Desk.name("x")), id: "i", by: Desk.admin)
    let commands: [Command] = [.open(open), .setStatus(status), .endPresences(end), .govern(govern)]
    let entry = commands.map { Submission(origin: Origin(server: Desk.one, request: 4), command: $0) }
    let data = CommandCodec.encode(entry)
    #expect(try CommandCodec.decode(data) == entry)
    #expect(try CommandCodec.level(of: data) == .fourth)
    for command in commands {
      var writer = CommandWriter(reservingCapacity: 0)
      writer.write(Submission(origin: Origin(server: ServerID(.max), request: .max), command: command))
      #expect(writer.bytes.bytes.count <= command.mostBytes)
      #expect(command.since == .fourth)
    }
    // In the main desk it is what it was at level 1.
    open.desk = .main
    #expect(Command.open(open).since == .first)
    for cut in data.indices {
      #expect(throws: DecodingFailure.self) { try CommandCodec.decode(Array(data[..<cut])) }
    }
  }
}
