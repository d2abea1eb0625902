import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("Who asks over HTTP is there for a while after each request")
struct VisitTests {
  private static let eve = Person(id: "eve", role: .customer, name: "Eve")

  private func absences(_ node: LoneNode) -> [SetAttendance] {
    node.proposals.flatMap { $0 }.compactMap { if case .attend(let said) = $0.command { said } else { nil } }
  }

  /// A session of this node, of a customer whom nobody has seen.
  private func owner() throws -> (LoneNode, SessionID) {
    var node = try LoneNode()
    node.raiseLevel()
    let session = try node.open("r", owner: 1)
    node.forget()
    return (node, session)
  }

  /// One request on a connection of its own.
  private func ask(
    _ node: inout LoneNode, _ body: DeskRequest, by person: Person = .ann, number: UInt64 = 7
  ) {
    let connection = ConnectionID(sink: 0, number: number)
    node.ask(body, by: person, on: connection, stays: false)
    node.endTurn()
    node.answerReads()
    node.ask(.disconnected, by: person, on: connection, stays: false)
  }

  @Test(
    "polling keeps a customer there, whichever way they look; when it ends they are gone after a minute",
    arguments: 0..<3)
  func polls(way: Int) throws {
    var (node, session) = try owner()
    for round in 0..<6 {
      let body: DeskRequest =
        switch way {
        case 0: .history(session, .after(.zero), limit: 1)
        case 1: .send(session, id: "m\(round)", body: [65])
        default: .query(QueryRequest(Sessions(), isOfCluster: false))
        }
      ask(&node, body, number: UInt64(100 + round))
      node.pass(30_000)
    }
    #expect(absences(node).isEmpty)
    node.pass(20_000)
    #expect(absences(node).isEmpty)
    node.pass(40_000)
    #expect(absences(node).map(\.session).contains(session))
    #expect(node.node.visits.count == 0)
  }

  @Test("whoever opened a session over HTTP is not gone a moment later")
  func opens() throws {
    var node = try LoneNode()
    node.raiseLevel()
    let connection = ConnectionID(sink: 0, number: 7)
    node.ask(
      .open(OpenRequest(id: "o", channel: "api", skill: "", intent: "", priority: 0, attributes: [])),
      on: connection, stays: false)
    node.endTurn()
    node.commit(node.node.pending.numbers { _ in true }.map { node.submission($0) })
    node.ask(.disconnected, on: connection, stays: false)
    node.forget()
    node.pass(30_000)
    #expect(absences(node).isEmpty && node.node.visits.count == 1)
  }

  @Test("who is said to be gone, and asks, is there again at once; also the second time")
  func returns() throws {
    var node = try LoneNode()
    node.raiseLevel()
    let session = try node.open("r", owner: 3)
    let gone = Submission(
      origin: Origin(server: ServerID(3), request: 0),
      command: .attend(
        SetAttendance(session: session, absence: .init(epoch: Epoch(1), queueGrace: 5_000, openGrace: 0))))
    for _ in 0..<2 {
      node.commit([gone])
      node.forget()
      ask(&node, .history(session, .after(.zero), limit: 1))
      node.pass(300)
      #expect(absences(node) == [SetAttendance(session: session, absence: nil)])
      node.commit(node.node.pending.numbers { _ in true }.map { node.submission($0) })
      #expect(!node.node.state.isAbsent(session))
    }
  }

  @Test("nobody else's request keeps a customer there, and neither does one about a closed session")
  func others() throws {
    var (node, session) = try owner()
    for person in [
      Self.eve, Person(id: "ann", role: .agent, name: "Ann"),
      Person(id: "ann", role: .admin, name: "Ann"),
    ] {
      ask(&node, .history(session, .after(.zero), limit: 1), by: person)
    }
    #expect(node.node.visits.count == 0)
    node.commit([
      Submission(
        origin: Origin(server: ServerID(3), request: 0),
        command: .close(CloseSession(session: session, epoch: Epoch(1), by: .ann, reason: "")))
    ])
    ask(&node, .history(session, .after(.zero), limit: 1))
    #expect(node.node.visits.count == 0)
  }

  @Test("as many visits as the bound are kept, and no more; those that are kept go on")
  func bounded() {
    var visits = Visits(AbsencePatience())
    let now = Instant(nanoseconds: 1_000_000_000)
    var taken = 0
    for number in 0..<Visits.limit where visits.note(.ann, in: SessionID(rawValue: UInt64(number)), at: now) {
      taken += 1
    }
    #expect(taken == Visits.limit)
    let late = SessionID(rawValue: UInt64(Visits.limit))
    let above = visits.note(.ann, in: late, at: now)
    #expect(!above && !visits.knows(late))
    let first = SessionID(rawValue: 0)
    let isNew = visits.note(.ann, in: first, at: now + .milliseconds(59_000))
    let people = [119_000, 119_001].map { visits.person(in: first, at: now + .milliseconds($0)) }
    #expect(!isNew && people[0] != nil && people[1] == nil)
    let free = visits.note(.ann, in: late, at: now)
    #expect(free)
  }
}
