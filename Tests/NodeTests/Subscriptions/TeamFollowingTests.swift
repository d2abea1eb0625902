import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("What a team is told of a session, and its customer is not")
struct TeamFollowingTests {
  private static let annas = ConnectionID(sink: 0, number: 2)
  private static let bens = ConnectionID(sink: 0, number: 3)
  private static let sues = ConnectionID(sink: 0, number: 4)
  private static let ben = Person(id: "ben", role: .agent, name: "ben")
  private static let sue = Person(id: "sue", role: .supervisor, name: "sue")

  /// A session that anna serves; she, its customer, and ben, who has no room, are connected here.
  private static func node(configure: (inout NodeConfiguration) -> Void = { _ in }) throws -> (
    LoneNode, SessionID
  ) {
    var node = try LoneNode(configure: configure)
    node.commit([
      Submission(origin: Origin(server: ServerID(3), request: 0), command: .raiseLevel(RaiseLevel(.newest)))
    ])
    for (person, connection, capacity) in [(Person.anna, annas, UInt32(9)), (ben, bens, 0)] {
      node.ask(.status(.online, skills: nil, capacity: capacity), tag: 1, by: person, on: connection)
      node.endTurn()
      node.commitPending()
      node.endTurn()
    }
    let session = try node.open("r", owner: 3)
    node.ask(.join(session, after: .zero), tag: 2)
    node.endTurn()
    node.answerReads()
    node.endTurn()
    node.sayElsewhere("m1", in: session)
    node.endTurn()
    node.forget()
    return (node, session)
  }

  private static func perform<One: SessionOperation>(
    _ node: inout LoneNode, _ operation: One, by person: Person
  ) {
    let epoch = node.node.state.owner(of: operation.session)?.epoch ?? Epoch(1)
    let envelope = Envelope(operation, id: "x\(One.number)", by: person, epoch: epoch)
    node.commit([
      Submission(origin: Origin(server: ServerID(3), request: 0), command: .perform(envelope))
    ])
    node.endTurn()
  }

  private static func told(_ node: LoneNode, _ connection: ConnectionID) -> [String] {
    node.clients.told(connection).filter { !$0.hasPrefix("+") && !$0.hasPrefix("-") }
  }

  @Test("whoever is invited follows from the first message on; the customer and whoever serves hear of it")
  func invited() throws {
    var (node, session) = try Self.node()
    Self.perform(&node, Invite(session: session, agent: "ben"), by: .anna)
    node.sayElsewhere("m2", in: session)
    #expect(Self.told(node, Self.bens) == ["news 36", "missed 1", "message 2"])
    #expect(Self.told(node, .first) == ["news 36", "message 2"])
    #expect(Self.told(node, Self.annas) == ["news 36", "message 2"])
    node.forget()
    Self.perform(&node, Leave(session: session), by: Self.ben)
    node.sayElsewhere("m3", in: session)
    #expect(Self.told(node, Self.bens) == ["news 37"])
    #expect(Self.told(node, .first) == ["news 37", "message 3"])
  }

  @Test("notes are told to whoever serves and is invited, whispers to whoever serves alone")
  func notes() throws {
    var (node, session) = try Self.node()
    Self.perform(&node, Invite(session: session, agent: "ben"), by: .anna)
    node.forget()
    Self.perform(&node, WriteNote(session: session, body: [65]), by: .anna)
    Self.perform(&node, Whisper(session: session, body: [66]), by: Self.sue)
    #expect(Self.told(node, .first).isEmpty)
    #expect(Self.told(node, Self.annas) == ["news 38", "news 39"])
    #expect(Self.told(node, Self.bens) == ["news 38"])
  }

  @Test("where the mistake is planted, the customer hears notes")
  func mistake() throws {
    var (node, session) = try Self.node { $0.mistakes = .noteToldToCustomer }
    Self.perform(&node, WriteNote(session: session, body: [65]), by: .anna)
    #expect(Self.told(node, .first) == ["news 38"])
  }

  @Test("whoever watches follows on the connection that asks, unseen, and no longer once it has said so")
  func watches() throws {
    var (node, session) = try Self.node()
    Self.perform(&node, WriteNote(session: session, body: [65]), by: .anna)
    node.forget()
    for _ in 0..<2 {
      node.ask(
        .perform(Watch(session: session), id: "w"), tag: 3, by: Self.sue, on: Self.sues)
      node.endTurn()
      node.commitPending()
      node.endTurn()
    }
    node.sayElsewhere("m2", in: session)
    node.pass(2_000)
    #expect(Self.told(node, Self.sues) == ["done", "missed 1", "news 41", "done", "message 2"])
    #expect(node.clients.told(.first) == ["message 2"])
    #expect(node.clients.told(Self.annas) == ["message 2"])
    node.forget()
    Self.perform(&node, Unwatch(session: session), by: Self.sue)
    node.sayElsewhere("m3", in: session)
    #expect(Self.told(node, Self.sues) == ["news 40"])
  }

  @Test("staff who join or resume are told up to where there are notes, customers are not")
  func resumes() throws {
    var (node, session) = try Self.node()
    Self.perform(&node, WriteNote(session: session, body: [65]), by: .anna)
    node.forget()
    for (person, number) in [(Person.ann, UInt64(7)), (.anna, 8), (Self.sue, 9)] {
      let connection = ConnectionID(sink: 0, number: number)
      node.ask(.resume(session, after: Sequence(1)), tag: 1, by: person, on: connection)
      node.endTurn()
      // That somebody reads what is not theirs is noted first.
      node.commit(node.node.pending.numbers { _ in true }.map { node.submission($0) })
      node.endTurn()
      node.answerReads()
      node.endTurn()
      #expect(Self.told(node, connection).first == "resumed")
      #expect(Self.told(node, connection).contains("news 41") == (person.role != .customer), "\(person)")
    }
  }

  @Test("an agent who comes back follows again where it is invited, and is not told that it serves")
  func comesBack() throws {
    var (node, session) = try Self.node()
    Self.perform(&node, Invite(session: session, agent: "ben"), by: .anna)
    node.ask(.disconnected, by: Self.ben, on: Self.bens)
    node.endTurn()
    node.commit(node.node.pending.numbers { _ in true }.map { node.submission($0) })
    node.forget()
    let again = ConnectionID(sink: 0, number: 12)
    node.ask(.status(.online, skills: nil, capacity: 0), tag: 1, by: Self.ben, on: again)
    node.endTurn()
    node.commitPending()
    node.endTurn()
    node.sayElsewhere("m2", in: session)
    #expect(Self.told(node, again) == ["done", "news 36", "missed 1", "message 2"])
  }

  @Test("a snapshot tells who was invited, and that there are notes")
  func snapshot() throws {
    var (node, session) = try Self.node()
    var state = node.node.state
    var effects: [Effect] = []
    let origin = Origin(server: ServerID(3), request: 0)
    func envelope<One: SessionOperation>(_ operation: One) -> Submission {
      Submission(
        origin: origin, command: .perform(Envelope(operation, id: "x\(One.number)", by: .anna, epoch: Epoch(1)))
      )
    }
    let last = node.last.rawValue
    state.apply(
      [envelope(Invite(session: session, agent: "ben")), envelope(WriteNote(session: session, body: [65]))],
      index: last + 5, now: node.timeOfDay, into: &effects)
    node.forget()
    try node.install(node.snapshot(of: state))
    node.endTurn()
    #expect(Self.told(node, .first) == ["news 36"])
    #expect(Self.told(node, Self.annas) == ["news 36", "news 41"])
    #expect(Self.told(node, Self.bens) == ["news 36", "missed 1", "news 41"])
  }

  @Test("notes of a session that has left the state are asked of the archive")
  func left() throws {
    var restored = RestoredNode()
    restored.archived = .zero
    var node = try LoneNode(restored: restored)
    node.commit([
      Submission(origin: Origin(server: ServerID(3), request: 0), command: .raiseLevel(RaiseLevel(.newest)))
    ])
    let session = SessionID(index: 1, place: 7) ?? SessionID(rawValue: 1)
    let query = DeskRequest.query(QueryRequest(Notes(session: session), isOfCluster: false))
    node.ask(query, tag: 5, by: Self.sue, on: Self.sues)
    node.endTurn()
    // Noted first as well.
    node.commit(node.node.pending.numbers { _ in true }.map { node.submission($0) })
    node.endTurn()
    node.answerReads()
    node.endTurn()
    guard case .queryOfSession(let asked, _)? = node.questions.first?.asked else {
      Issue.record("\(node.questions) \(node.clients.told(Self.sues))")
      return
    }
    #expect(asked.archivedSession == session)
  }
}
