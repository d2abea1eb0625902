import Kernel
import Testing

@testable import Desk

@Suite("Operations that expect a version of their session")
struct ExpectationTests {
  private static let alice = Person(id: "alice", role: .customer, name: "ALICE")

  /// A session that bob serves, at the level that knows expectations.
  private static func served() -> (Desk, SessionID) {
    var desk = Desk()
    desk.raise(.fifth)
    desk.status("bob", capacity: 5)
    let session = desk.open()
    return (desk, session)
  }

  private static func rate(
    _ session: SessionID, _ score: UInt32, id: String, expecting versions: [SessionVersion]?
  ) -> Command {
    .perform(
      Envelope(
        Rate(session: session, score: score), id: id, by: alice, epoch: Epoch(1),
        expecting: Expectation(versions: versions)))
  }

  private static func version(_ desk: Desk, _ session: SessionID) throws -> SessionVersion {
    try #require(desk.state.session(session)).version
  }

  @Test(
    "of two who have seen the same session the first one is done, and the other one loses and changes nothing")
  func twoWriters() throws {
    var (desk, session) = Self.served()
    let seen = try Self.version(desk, session)
    #expect(desk.apply(Self.rate(session, 1, id: "a", expecting: [seen])).answer == .done)
    let first = desk.state.encodedSnapshot()
    let late = desk.apply(Self.rate(session, 2, id: "b", expecting: [seen]))
    #expect(late.answer == .refused(.preconditionFailed) && late.effects.isEmpty)
    #expect(desk.state.session(session)?.facets.read(Rating.self)?.score == 1)
    #expect(desk.state.encodedSnapshot().count == first.count)
    // What was done is done, whatever it expected; and whoever looks again may go on.
    #expect(desk.apply(Self.rate(session, 1, id: "a", expecting: [seen])).answer == .done)
    let now = try Self.version(desk, session)
    #expect(desk.apply(Self.rate(session, 2, id: "b", expecting: [seen, now])).answer == .done)
    #expect(desk.apply(Self.rate(session, 3, id: "c", expecting: nil)).answer == .done)
    #expect(desk.apply(Self.rate(session, 3, id: "d", expecting: [])).answer == .refused(.preconditionFailed))
  }

  @Test(
    "the version is another one after all that is done to a session, and the same on all nodes and from a snapshot"
  )
  func versions() throws {
    var (desk, session) = Self.served()
    var seen = [try Self.version(desk, session)]
    func look(_ what: String) throws {
      let version = try Self.version(desk, session)
      #expect(!seen.contains(version), "\(what)")
      #expect(try ReplicatedState(snapshot: desk.state.encodedSnapshot()).session(session)?.version == version)
      seen.append(version)
    }
    desk.send(session, "m1")
    try look("a message")
    desk.apply(Self.rate(session, 4, id: "r1", expecting: nil))
    try look("an operation")
    // At the same moment, and to the same end.
    desk.apply(Self.rate(session, 4, id: "r2", expecting: nil))
    try look("the same operation of another request")
    desk.transfer(session, to: .skill("tech"))
    try look("handed on")
    desk.close(session)
    try look("closed")
  }

  @Test("what only some node knows, and another owner, leave the version as it is")
  func unchanged() throws {
    var (desk, session) = Self.served()
    let version = try Self.version(desk, session)
    desk.open("carol", request: "other")
    _ = desk.lose(Desk.one, to: [Desk.two])
    let now = try #require(desk.state.session(session))
    #expect(now.owner == Desk.two && now.epoch == Epoch(2) && now.version == version)
  }

  @Test(
    "a session that is closed refuses what it always refuses first, and is not closed again against an expectation"
  )
  func closed() throws {
    var (desk, session) = Self.served()
    let seen = try Self.version(desk, session)
    desk.close(session)
    func close(_ id: String, _ versions: [SessionVersion]) -> Answer? {
      let close = Close(session: session, reason: "x")
      return desk.apply(
        .perform(
          Envelope(close, id: id, by: Self.alice, epoch: Epoch(1), expecting: Expectation(versions: versions)))
      ).answer
    }
    #expect(close("c1", [seen]) == .refused(.preconditionFailed))
    #expect(close("c2", [try Self.version(desk, session)]) == .done)
    let transfer = Envelope(
      Transfer(session, to: .skill("a")), id: "t", by: Person(id: "bob", role: .agent, name: "BOB"),
      epoch: Epoch(1), expecting: Expectation(versions: [seen]))
    #expect(desk.apply(.perform(transfer)).answer == .refused(.sessionClosed))
  }

  @Test("an expectation is read as it was written, is of its level, and is never left out")
  func coding() throws {
    let session = SessionID(rawValue: 5)
    for count in 0...Expectation.most {
      let versions = (0..<count).map { SessionVersion(rawValue: UInt64($0) << 60 | 7) }
      let command = Self.rate(session, 3, id: "r", expecting: versions)
      let entry = CommandCodec.encode([
        Submission(origin: Origin(server: ServerID(2), request: 0), command: command)
      ])
      #expect(command.since == .fifth)
      #expect(try CommandCodec.level(of: entry) == .fifth)
      #expect(try CommandCodec.decode(entry).map(\.command) == [command])
      #expect(entry.count <= command.mostBytes + CommandCodec.headerBytes)
      for place in entry.indices {
        var damaged = entry
        damaged.remove(at: place)
        #expect((try? CommandCodec.decode(damaged).map(\.command)) != [command])
      }
    }
    let bare = Self.rate(session, 3, id: "r", expecting: nil)
    #expect(bare.since == .third && bare.mostBytes > 0)
    // Below level 3 closing has another form, which could not say it.
    let close = Envelope(
      Close(session: session), id: "c", by: Self.alice, epoch: Epoch(1), level: .first,
      expecting: Expectation(versions: []))
    #expect(!close.isLegacy && close.level == .fifth)
    #expect(throws: DecodingFailure.self) {
      var reader = ByteReader([10])
      _ = try Expectation(from: &reader)
    }
  }
}
