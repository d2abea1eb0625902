import Kernel
import Testing

@testable import Desk

/// What a state answers is what it keeps. Level 1 is the one that nodes of the previous release apply, too: there the
/// state has to be the same as theirs, and an answer says when that keeps something else than was asked.
@Suite("An acknowledgement means that this very text is kept")
struct KeptTextTests {
  private static func desk(_ level: Level) -> Desk {
    var desk = Desk()
    desk.state.level = level
    desk.status("bob")
    return desk
  }

  @Test("the same id from somebody else is a message of its own")
  func otherSender() {
    var desk = Self.desk(.second)
    let id = desk.open()
    #expect(desk.send(id, "m1", body: "mine").answer == .stored(id, Sequence(1), time: 1_000, isNew: true))
    let other = desk.send(id, "m1", by: .agent("bob"), body: "yours")
    #expect(other.answer == .stored(id, Sequence(2), time: 1_000, isNew: true))
    #expect(desk.state.message(id, at: Sequence(2))?.body == Array("yours".utf8))
    // Each of the two gets their own again.
    desk.time = 2_000
    #expect(
      desk.send(id, "m1", body: "mine").answer == .stored(id, Sequence(1), time: 1_000, isNew: false))
    #expect(
      desk.send(id, "m1", by: .agent("bob"), body: "yours").answer
        == .stored(id, Sequence(2), time: 1_000, isNew: false))
    #expect(desk.state.session(id)?.sequence == Sequence(2))
  }

  @Test("level 1 cannot keep it, and says so instead of acknowledging the first one's place")
  func otherSenderBefore() {
    var desk = Self.desk(.first)
    let id = desk.open()
    desk.send(id, "m1", body: "mine")
    let other = desk.send(id, "m1", by: .agent("bob"), body: "mine")
    #expect(other.answer == .refused(.conflict) && other.effects.isEmpty)
    #expect(desk.state.session(id)?.sequence == Sequence(1))
    // The level is raised: what was refused can be said.
    desk.state.level = .second
    #expect(
      desk.send(id, "m1", by: .agent("bob"), body: "mine").answer
        == .stored(id, Sequence(2), time: 1_000, isNew: true))
    #expect(
      desk.send(id, "m1", body: "mine").answer == .stored(id, Sequence(1), time: 1_000, isNew: false))
  }

  @Test(
    "a repeated id that says something else is refused, now and for ever", arguments: [Level.first, .second])
  func otherBody(level: Level) {
    var desk = Self.desk(level)
    let id = desk.open()
    desk.send(id, "m1", body: "one")
    for body in ["two", "", "on", "one ", "onf"] {
      let again = desk.send(id, "m1", body: body)
      #expect(again.answer == .refused(.conflict) && again.effects.isEmpty)
    }
    #expect(desk.send(id, "m1", epoch: 9, body: "two").answer == .refused(.conflict))
    desk.close(id)
    #expect(desk.send(id, "m1", body: "two").answer == .refused(.conflict))
    #expect(
      desk.send(id, "m1", epoch: 9, body: "one").answer == .stored(id, Sequence(1), time: 1_000, isNew: false))
    #expect(desk.state.message(id, at: Sequence(1))?.body == Array("one".utf8))
  }

  @Test("ids are found again in chunks that are sealed, after a snapshot too")
  func sealed() throws {
    var desk = Self.desk(.second)
    let id = desk.open()
    for number in 1...100 {
      desk.send(id, "m\(number)", body: "customer \(number)")
      desk.send(id, "m\(number)", by: .agent("bob"), body: "agent \(number)")
    }
    desk.state = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(desk.state.checkInvariants().isEmpty)
    for number in 1...100 {
      let first = UInt64(number * 2 - 1)
      #expect(
        desk.send(id, "m\(number)", body: "customer \(number)").answer
          == .stored(id, Sequence(first), time: 1_000, isNew: false))
      #expect(
        desk.send(id, "m\(number)", by: .agent("bob"), body: "agent \(number)").answer
          == .stored(id, Sequence(first + 1), time: 1_000, isNew: false))
      #expect(desk.send(id, "m\(number)", body: "agent \(number)").answer == .refused(.conflict))
    }
  }

  @Test("another name in the token, or another role, does not change or does change who it is")
  func identity() {
    var desk = Self.desk(.second)
    let id = desk.open()
    desk.send(id, "m1")
    let renamed = Person(id: "alice", role: .customer, name: "Alice, married")
    #expect(desk.send(id, "m1", by: renamed).answer == .stored(id, Sequence(1), time: 1_000, isNew: false))
    // A supervisor of the agent's id serves the session as well, and is somebody else.
    desk.send(id, "m2", by: .agent("bob"))
    #expect(
      desk.send(id, "m2", by: .supervisor("bob"), body: "other").answer
        == .stored(id, Sequence(3), time: 1_000, isNew: true))
  }

  @Test("opening again with other fields is refused, with the same ones it is the same session")
  func openAgain() {
    var desk = Self.desk(.second)
    let open = OpenSession.by("alice", skill: "billing")
    guard case .opened(let id, isNew: true)? = desk.apply(.open(open)).answer else {
      Issue.record("not opened")
      return
    }
    #expect(desk.apply(.open(open)).answer == .opened(id, isNew: false))
    var others = Array(repeating: open, count: 5)
    others[0].channel = "phone"
    others[1].intent = "complaint"
    others[2].attributes = []
    others[3].skill = "tech"
    others[4].priority = -1
    for other in others {
      let outcome = desk.apply(.open(other))
      #expect(outcome.answer == .refused(.conflict) && outcome.effects.isEmpty)
    }
    // Where it was opened is not for the client to say, and its skill may be another one by now.
    var moved = open
    moved.owner = Desk.two
    #expect(desk.apply(.open(moved)).answer == .opened(id, isNew: false))
    desk.transfer(id, to: .skill("tech"), by: .supervisor("sue"))
    #expect(desk.apply(.open(open)).answer == .opened(id, isNew: false))
    desk.close(id)
    #expect(desk.apply(.open(open)).answer == .opened(id, isNew: false))
    #expect(desk.apply(.open(.by("mallory", skill: "tech"))).answer != .opened(id, isNew: false))
  }

  @Test("handing on again to another target is refused, after a snapshot too")
  func transferAgain() throws {
    var desk = Self.desk(.second)
    desk.status("kim", connection: 2)
    desk.status("eve", connection: 3)
    let id = desk.open()
    let giver = Person.agent(desk.agents(of: id)[0])
    let others = ["bob", "eve", "kim"].filter { $0 != giver.id }
    #expect(desk.transfer(id, to: .agent(AgentID(others[0])), by: giver).answer == .done)
    #expect(desk.transfer(id, to: .agent(AgentID(others[0])), by: giver).answer == .done)
    #expect(desk.transfer(id, to: .agent(AgentID(others[1])), by: giver).answer == .refused(.conflict))
    #expect(desk.transfer(id, to: .skill(others[0]), by: giver).answer == .refused(.conflict))
    #expect(desk.agents(of: id) == [others[0]])
    desk.state = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(desk.transfer(id, to: .skill(others[0]), by: giver).answer == .refused(.conflict))
    desk.close(id)
    #expect(desk.transfer(id, to: .agent(AgentID(others[0])), by: giver).answer == .done)
    #expect(desk.transfer(id, to: .skill("tech"), by: giver).answer == .refused(.conflict))
  }

  @Test("level 1 does not remember targets: what it has carried out stays done")
  func transferBefore() {
    var desk = Self.desk(.first)
    let id = desk.open()
    #expect(desk.transfer(id, to: .skill("tech")).answer == .done)
    desk.state.level = .second
    #expect(desk.transfer(id, to: .skill("other")).answer == .done)
    #expect(desk.state.session(id)?.skill == "tech")
  }

  @Test("a stranger is told the same of an open and of a closed session, whatever id they try")
  func strangers() {
    var desk = Self.desk(.second)
    let id = desk.open()
    desk.send(id, "m1", body: "one")
    for closes in [false, true] {
      if closes { desk.close(id) }
      for stranger in [Person.customer("mallory"), .agent("eve"), .supervisor("sue")] {
        for message in ["m1", "m2"] {
          for body in ["one", "two"] {
            #expect(desk.send(id, message, by: stranger, body: body).answer == .refused(.forbidden))
          }
        }
      }
      #expect(desk.close(id, by: .customer("mallory")).answer == .refused(.forbidden))
      #expect(desk.transfer(id, to: .skill("x"), by: .agent("eve")).answer == .refused(.forbidden))
    }
  }

  @Test("what no newer state takes back can be said at once, what one may allow cannot")
  func foresight() {
    var desk = Self.desk(.second)
    let id = desk.open()
    func send(_ message: String, _ person: Person, _ body: String = "hello") -> Foresight {
      desk.state.foresee(
        .send(
          SendMessage(
            session: id, epoch: Epoch(0), id: message, sender: person, kind: .text, body: Array(body.utf8))))
    }
    desk.send(id, "m1")
    #expect(send("m1", .customer("alice")) == .settled(.stored(id, Sequence(1), time: 1_000, isNew: false)))
    #expect(send("m1", .customer("alice"), "other") == .settled(.refused(.conflict)))
    #expect(send("m2", .customer("alice")) == .undecided)
    #expect(send("m1", .agent("kim")) == .doubtful(.refused(.forbidden)))
    let close = CloseSession(session: id, epoch: Epoch(0), by: .agent("kim"), reason: "")
    #expect(desk.state.foresee(.close(close)) == .doubtful(.refused(.forbidden)))
    let unknown = CloseSession(
      session: SessionID(rawValue: 7), epoch: Epoch(0), by: .customer("alice"), reason: "")
    #expect(desk.state.foresee(.close(unknown)) == .doubtful(.refused(.notFound)))
    desk.close(id)
    #expect(send("m1", .agent("kim")) == .settled(.refused(.forbidden)))
    #expect(send("m2", .customer("alice")) == .settled(.refused(.sessionClosed)))
    #expect(desk.state.foresee(.close(close)) == .settled(.refused(.forbidden)))
  }
}
