import Kernel
import Testing

@testable import Desk

@Suite("What was done once is done once")
struct DoneWindowTests {
  private static let sue = Person.supervisor("sue")

  private static func desk(level: Level) -> (Desk, SessionID) {
    var desk = Desk()
    desk.raise(level)
    let session = desk.open(skill: "tax")
    return (desk, session)
  }

  /// To one of two skills, so that each one that is carried out shows.
  private func transfer(
    _ desk: inout Desk, _ session: SessionID, _ id: String, to skill: String, by person: Person = sue
  ) -> Desk.Outcome {
    desk.apply(
      .perform(
        Envelope(
          Transfer(session, to: .skill(skill)), id: id, by: person, epoch: Epoch(1), level: desk.state.level)))
  }

  @Test(
    "a repetition gets the first answer and changes nothing, whatever has come in between", arguments: 1...3)
  func again(level: UInt16) {
    var (desk, session) = Self.desk(level: Level(level))
    #expect(transfer(&desk, session, "t1", to: "law").effects.count == 2)
    #expect(transfer(&desk, session, "t2", to: "tech").answer == .done)
    let again = transfer(&desk, session, "t1", to: "law")
    #expect(again.answer == .done && again.effects.isEmpty && desk.state.session(session)?.skill == "tech")
    desk.close(session)
    #expect(transfer(&desk, session, "t1", to: "law").answer == .done)
    #expect(transfer(&desk, session, "t3", to: "law").answer == .refused(.sessionClosed))
  }

  @Test("the same id for something else is a conflict, for another operation too")
  func conflict() {
    var (desk, session) = Self.desk(level: .newest)
    _ = transfer(&desk, session, "t1", to: "law")
    #expect(transfer(&desk, session, "t1", to: "tech").answer == .refused(.conflict))
    let close = Envelope(Close(session: session), id: "t1", by: Self.sue, epoch: Epoch(1))
    #expect(desk.apply(.perform(close)).answer == .refused(.conflict))
    #expect(desk.state.session(session)?.isClosed == false)
    // Another one's id is another id, be it that both have one name.
    let other = Person(id: "sue", role: .admin, name: "SUE")
    let done = transfer(&desk, session, "t1", to: "tech", by: other)
    #expect(done.answer == .done && done.effects.contains { if case .session = $0 { true } else { false } })
  }

  @Test("what was refused is not remembered: it may be done later")
  func refusals() {
    var (desk, session) = Self.desk(level: .newest)
    let toBob = Command.perform(
      Envelope(Transfer(session, to: .agent(AgentID("bob"))), id: "t1", by: Self.sue, epoch: Epoch(1)))
    #expect(desk.apply(toBob).answer == .refused(.noSuchAgent))
    desk.status("bob", capacity: 1)
    #expect(desk.apply(toBob).answer == .done && desk.agents(of: session) == ["bob"])
  }

  @Test("one person's last 32 are known, and nobody pushes out another's by more than there is room for")
  func bounds() {
    var (desk, session) = Self.desk(level: .newest)
    #expect(transfer(&desk, session, "first", to: "law", by: .supervisor("kim")).answer == .done)
    for number in 1...40 {
      #expect(transfer(&desk, session, "t\(number)", to: number % 2 == 0 ? "law" : "tech").answer == .done)
    }
    let kim = Person.supervisor("kim")
    let known = desk.state
    #expect(known.main.hasTransferred(kim, session: session, requestID: "first"))
    #expect(
      (1...40).filter { known.main.hasTransferred(Self.sue, session: session, requestID: "t\($0)") }
        == Array(9...40)
    )
    for number in 1...80 {
      _ = transfer(&desk, session, "x", to: number % 2 == 0 ? "law" : "tech", by: .supervisor("s\(number)"))
    }
    #expect(desk.state.main.sessionTable[session]?.done.list.count == DoneWindow.most)
    #expect(!desk.state.main.hasTransferred(kim, session: session, requestID: "first"))
    #expect(desk.state.main.hasTransferred(.supervisor("s80"), session: session, requestID: "x"))
  }

  @Test("it comes back from a snapshot")
  func snapshot() throws {
    var (desk, session) = Self.desk(level: .newest)
    _ = transfer(&desk, session, "t1", to: "law")
    let bytes = desk.state.encodedSnapshot()
    desk.state = try ReplicatedState(snapshot: bytes)
    #expect(desk.state.encodedSnapshot() == bytes)
    #expect(transfer(&desk, session, "t1", to: "law").effects.isEmpty)
    #expect(transfer(&desk, session, "t1", to: "tech").answer == .refused(.conflict))
    // That the session was handed on is known for as long as it is, so that its opening can be repeated.
    let opening = desk.apply(.open(.by("alice", request: "r1", skill: "tax")))
    #expect(opening.answer == .opened(session, isNew: false))
  }

  @Test("what was done before the cluster was raised is known afterwards", arguments: 1...2)
  func raising(level: UInt16) throws {
    var (desk, session) = Self.desk(level: Level(level))
    _ = transfer(&desk, session, "t1", to: "law")
    desk.raise(.newest)
    for _ in 0..<2 {
      let again = transfer(&desk, session, "t1", to: "law")
      #expect(again.answer == .done && again.effects.isEmpty)
      #expect(transfer(&desk, session, "t2", to: "tech").answer == .done)
      desk.state = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    }
  }
}
