import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

/// What a person of one desk can ask, of every kind that is declared: a new operation is tried as soon as it is in the list.
@Suite("A node keeps desks apart")
struct DeskIsolationTests {
  private static let other = DeskName("other") ?? .main

  /// A node with a second desk, and a session of the main one in which something was said.
  private static func node() throws -> (LoneNode, SessionID) {
    var node = try LoneNode()
    let admin = Person(id: "root", role: .admin, name: "root")
    let origin = Origin(server: ServerID(3), request: 0)
    node.commit([
      Submission(origin: origin, command: .raiseLevel(RaiseLevel(.fourth))),
      Submission(
        origin: origin, command: .govern(ClusterEnvelope(CreateDesk(desk: other), id: "1", by: admin))),
    ])
    let session = try node.open("r1", customer: "ann", owner: 1)
    node.sayElsewhere("m1", in: session)
    node.forget()
    return (node, session)
  }

  @Test(
    "whoever is of another desk is told that there is no such session, whatever is asked and by whatever role")
  func operations() throws {
    let (fresh, session) = try Self.node()
    let state = fresh.node.state.encodedSnapshot()
    var random = SeededGenerator(seed: 4)
    var asked = 0
    for type in Operations.all {
      for role in UserRole.allCases where type.allowed.contains(Roles(role)) {
        guard let request = Self.request(type, about: session, role, &random) else { continue }
        var node = fresh
        // The very ids that persons of the session have.
        for id in ["ann", "anna"] {
          node.ask(
            request, tag: 7, by: Person(id: id, role: role, name: id), of: Self.other,
            on: ConnectionID(sink: 0, number: UInt64(100 + asked)))
          node.endTurn()
          asked += 1
        }
        let told = node.clients.deliveries.map { "\($0.delivery)" }
        switch request {
        // A query is answered when the node knows that it is up to date, from the asker's desk alone: see `QueryTests`.
        case .typing, .read, .query: #expect(told.isEmpty, "\(type.name): \(told)")
        case .resume: break
        default:
          #expect(
            node.clients.failures.map(\.failure) == [.noSuchSession, .noSuchSession],
            "\(type.name) as \(role.name): \(told)")
        }
        #expect(node.node.state.encodedSnapshot() == state, "\(type.name)")
        #expect(node.node.pending.count == fresh.node.pending.count, "\(type.name)")
      }
    }
    #expect(asked > 20)
    // The same in the desk of the session is heard: the test would see an answer.
    var node = fresh
    node.ask(.history(session, .after(.zero), limit: 9), tag: 7)
    node.endTurn()
    #expect(node.clients.failures.isEmpty)
  }

  @Test("a session of another desk is not resumed, nor read by its id")
  func reads() throws {
    var (node, session) = try Self.node()
    node.ask(.resume(session, after: .zero), tag: 7, of: Self.other)
    node.endTurn()
    #expect(node.clients.told(.first) == ["not resumed"])
    #expect(node.node.detail(of: session, in: .main) != nil)
    #expect(node.node.detail(of: session, in: Self.other) == nil)
    #expect(!node.node.isThere(session, in: Self.other))
    let own = QueryRequest(Sessions(), isOfCluster: false)
    func sessions(_ desk: DeskName) throws -> Int? {
      (try node.node.state.answer(own, by: .ann, of: desk).answer.get() as? OwnSessions)?.sessions.count
    }
    #expect(try sessions(Self.other) == 0)
    #expect(try sessions(.main) == 1)
    #expect(node.node.state.desks(Self.other, limit: 9).desks.map(\.desk) == [Self.other])
  }

  @Test("a desk that this node does not know yet is looked for once it is up to date")
  func created() throws {
    var node = try LoneNode()
    let ask = DeskRequest.query(QueryRequest(Sessions(limit: 5), isOfCluster: false))
    node.ask(ask, tag: 7, of: Self.other)
    node.endTurn()
    #expect(node.clients.replies.isEmpty, "it may have been created through another node")
    let admin = Person(id: "root", role: .admin, name: "root")
    let origin = Origin(server: ServerID(3), request: 0)
    node.commit([
      Submission(origin: origin, command: .raiseLevel(RaiseLevel(.fourth))),
      Submission(
        origin: origin, command: .govern(ClusterEnvelope(CreateDesk(desk: Self.other), id: "1", by: admin))),
    ])
    node.answerReads()
    node.endTurn()
    node.answerReads()
    node.endTurn()
    #expect(node.clients.failures.isEmpty && node.clients.replies.count == 1, "\(node.clients.told(.first))")
    // One that is nowhere is said to be.
    var lone = try LoneNode()
    lone.ask(ask, tag: 7, of: Self.other)
    lone.endTurn()
    lone.answerReads()
    lone.endTurn()
    #expect(lone.clients.failures.map(\.failure.code) == [.notFound])
  }

  @Test("what was asked before its desk was known here is answered before what the client says since")
  func createdInOrder() throws {
    var node = try LoneNode()
    let session = try #require(
      SessionID(index: node.node.log.index.rawValue + 2, place: 0, desk: DeskNumber(1)))
    node.ask(.resume(session, after: .zero), tag: 1, of: Self.other)
    node.endTurn()
    let admin = Person(id: "root", role: .admin, name: "root")
    let origin = Origin(server: ServerID(3), request: 0)
    node.commit([
      Submission(origin: origin, command: .raiseLevel(RaiseLevel(.fourth))),
      Submission(
        origin: origin, command: .govern(ClusterEnvelope(CreateDesk(desk: Self.other), id: "1", by: admin))),
    ])
    let open = OpenSession(
      customer: .ann, requestID: "r", channel: "web", skill: "", intent: "", priority: 0, attributes: [],
      owner: ServerID(1), desk: DeskNumber(1))
    node.commit([Submission(origin: origin, command: .open(open))])
    #expect(node.node.state.session(session) != nil)
    node.ask(.send(session, id: "m1", body: [1]), tag: 2, of: Self.other)
    node.endTurn()
    for _ in 0..<3 {
      node.answerReads()
      node.endTurn()
      node.commitPending()
    }
    #expect(node.clients.told(.first) == ["resumed", "ack 1"])
  }

  @Test("an agent of one desk that goes is not taken for the one of the same name in another")
  func presences() throws {
    var (node, _) = try Self.node()
    for (number, desk) in [DeskName.main, Self.other].enumerated() {
      let connection = ConnectionID(sink: 0, number: UInt64(number + 1))
      node.ask(.status(.online, skills: nil, capacity: 2), tag: 7, by: .anna, of: desk, on: connection)
      node.endTurn()
      node.commit(node.node.pending.numbers { _ in true }.map { node.submission($0) })
    }
    let number = try #require(node.node.state.number(of: Self.other))
    #expect(node.node.state.agent(AgentID("anna"), in: .main)?.status == .online)
    #expect(node.node.state.agent(AgentID("anna"), in: number)?.status == .online)
    node.ask(.disconnected, by: .anna, on: ConnectionID(sink: 0, number: 2))
    node.endTurn()
    node.commit(node.node.pending.numbers { _ in true }.map { node.submission($0) })
    #expect(node.node.state.agent(AgentID("anna"), in: .main)?.status == .online)
    #expect(node.node.state.agent(AgentID("anna"), in: number)?.status == .offline)
  }

  /// - Returns: nil: it is about no session.
  private static func request<One: ClientOperation>(
    _ type: One.Type, about session: SessionID, _ role: UserRole, _ random: inout SeededGenerator
  ) -> DeskRequest? {
    guard One.fields.list.contains(where: { $0.name == "session" }) else { return nil }
    // About an own chat that is over: of any other session it says nothing, and does nothing to it.
    if One.self is EndWrapUp.Type { return nil }
    let asker = Asker(
      requestID: "i1", role: role,
      entitlement: Entitlement(
        priority: nil, skills: nil, capacity: nil, choices: ClientChoices(), isOfCluster: true), bodyBytes: 0)
    for _ in 0..<1_000 {
      // The last member of a name counts.
      let json =
        One.fields.json(of: One.fields.sample(&random)).dropLast() + ",\"session\":\"\(session.text)\"}"
      let request = Array(json.utf8).withUnsafeBytes { text in
        try? One.request(text, role: role, by: asker)
      }
      if let request { return request }
    }
    Issue.record("no sample of \(One.name) is taken")
    return nil
  }
}
