import Kernel
import Testing

@testable import Desk

@Suite("What is said of a session that has left the state")
struct AnnotateSessionTests {
  private static let day: UInt64 = 24 * 3_600_000
  private static let root = Person(id: "root", role: .admin, name: "Root")
  private var desk = Desk()

  init() { desk.raise(.ninth) }

  /// A session that has left, as archives have it.
  private mutating func past(_ customer: String = "alice") throws -> ArchivedSession {
    desk.status("bob")
    let session = desk.open(customer, request: "r-\(customer)-\(desk.index)")
    desk.close(session, by: .customer(customer))
    let row = try #require(desk.state.session(session)?.archived)
    desk.apply(.timePasses(TimePasses(limit: 100, endedBefore: .max)))
    try #require(desk.state.session(session) == nil)
    return row
  }

  private mutating func rate(
    _ row: ArchivedSession, _ score: UInt32, id: String, by person: Person = .customer("alice")
  ) -> Desk.Outcome {
    let envelope = Envelope(
      Rate(session: row.session, score: score, comment: "so"), id: id, by: person, epoch: Epoch(0))
    return desk.apply(.annotate(AnnotateSession(envelope, of: row)))
  }

  private static func row(_ outcome: Desk.Outcome) -> ArchivedSession? {
    outcome.effects.lazy.compactMap { if case .annotated(let row) = $0 { row } else { nil } }.first
  }

  @Test("a rating takes the place of what archives have, is told to the desk, and is done once by its id")
  mutating func rating() throws {
    let row = try past()
    desk.time += 3 * Self.day
    let outcome = rate(row, 4, id: "a")
    var wanted = row
    (wanted.rating, wanted.comment, wanted.ratedAt, wanted.ratedAgent) = (4, "so", desk.time, "bob")
    #expect(outcome.answer == .done && Self.row(outcome) == wanted)
    #expect(
      outcome.effects.contains(.news(row.session, NewsRecord(Rated(by: "alice", score: 4, comment: "so")))))
    var rows: [ArchiveRow] = []
    desk.state.archive(outcome.all, index: desk.index, into: &rows)
    guard case .session(let archived, let origin)? = rows.first, rows.count == 1 else {
      return #expect(Bool(false), "\(rows)")
    }
    #expect(archived == wanted && origin == RowOrigin(desk.index))
    for _ in 0..<2 {
      let again = rate(wanted, 4, id: "a")
      #expect(again.answer == .done && again.effects.isEmpty, "a repetition changes nothing")
      #expect(rate(wanted, 5, id: "a").answer == .refused(.conflict))
      desk.state = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    }
    #expect(Self.row(rate(wanted, 1, id: "b"))?.rating == 1, "the last one counts")
  }

  @Test("it is for the session's own customer, until seven days after its end, and only for what has left")
  mutating func refusals() throws {
    let row = try past()
    for person in [Person.customer("eve"), .agent("bob"), .supervisor("sue"), Self.root] {
      #expect(rate(row, 1, id: "r", by: person).answer == .refused(.forbidden))
    }
    var later = row
    later.session = try #require(SessionID(index: desk.index + 100, place: 0, desk: .main))
    var envelope = Envelope(
      Rate(session: later.session, score: 1), id: "r", by: .customer("alice"), epoch: Epoch(0))
    #expect(desk.apply(.annotate(AnnotateSession(envelope, of: later))).answer == .refused(.notFound))
    envelope = Envelope(Rate(session: row.session, score: 1), id: "r", by: .customer("alice"), epoch: Epoch(0))
    #expect(
      desk.apply(.annotate(AnnotateSession(envelope, of: later))).answer == .refused(.notFound),
      "another session's row")
    let open = desk.open("alice", request: "new")
    var present = row
    present.session = open
    envelope = Envelope(Rate(session: open, score: 1), id: "r", by: .customer("alice"), epoch: Epoch(0))
    #expect(desk.apply(.annotate(AnnotateSession(envelope, of: present))).answer == .refused(.notFound))
    desk.time = row.closedAt + 7 * Self.day
    #expect(rate(row, 4, id: "in time").answer == .done)
    desk.time += 1
    let late = rate(row, 1, id: "late")
    #expect(late.answer == .refused(.tooLate) && late.effects.isEmpty)
  }

  @Test("below level 9 nothing is done")
  mutating func level() throws {
    desk = Desk()
    desk.raise(.eighth)
    let row = try past()
    let outcome = rate(row, 4, id: "a")
    #expect(outcome.answer == .refused(.forbidden) && outcome.effects.isEmpty)
  }

  @Test("what was read before its customer was erased brings nothing back, and nobody is remembered by name")
  mutating func erased() throws {
    let row = try past()
    #expect(rate(row, 4, id: "a").answer == .done)
    #expect(String(decoding: desk.state.encodedSnapshot(), as: UTF8.self).contains("alice"))
    let record = DeskRecord(EraseCustomer(customer: "alice"), id: "e")
    #expect(
      desk.apply(.arrange(DeskEnvelope(record, by: Self.root, in: .main, presence: nil))).answer == .done)
    let outcome = rate(row, 5, id: "b")
    #expect(outcome.answer == .refused(.notFound) && outcome.effects.isEmpty)
    #expect(!String(decoding: desk.state.encodedSnapshot(), as: UTF8.self).contains("alice"))
  }

  @Test("in a log it is what it was, of no other level, and not larger than is said")
  mutating func coding() throws {
    var row = try past()
    row.attributes = (0..<8).map {
      Attribute(name: "name \($0)", json: "\"\(String(repeating: "值", count: 600))\"")
    }
    let envelope = Envelope(
      Rate(session: row.session, score: 3, comment: "慢"), id: "a", by: .customer("alice"), epoch: Epoch(0))
    let command = Command.annotate(AnnotateSession(envelope, of: row))
    #expect(command.since == .ninth && command.session == nil && command.orderedSession == row.session)
    let submission = Submission(origin: Origin(server: ServerID(1), request: 7), command: command)
    let bytes = CommandCodec.encode([submission])
    #expect(try CommandCodec.decode(bytes) == [submission])
    #expect(bytes.count <= command.mostBytes + 16)
    #expect(try CommandCodec.checkLevel(of: bytes) == .ninth)
  }
}
