import Desk
import Testing

@Suite("Writing to a session")
struct SendTests {
  @Test("messages get the next sequence, and are there before they are acknowledged")
  func sequences() throws {
    var desk = Desk()
    desk.status("bob")
    let id = desk.open()
    desk.time = 2_000
    let first = desk.send(id, "m1", body: "help")
    let stored = Answer.stored(id, Sequence(1), time: 2_000, isNew: true)
    #expect(first.all == [.message(id, Sequence(1)), .answer(Origin(server: Desk.one, request: 3), stored)])
    desk.time = 2_500
    desk.send(id, "m2", by: .agent("bob"), body: "hi")
    #expect(
      desk.state.message(id, at: Sequence(1))
        == Message(
          sequence: Sequence(1), id: "m1", sender: .customer("alice"), kind: .text, body: Array("help".utf8),
          time: 2_000))
    #expect(desk.state.message(id, at: Sequence(2))?.sender == .agent("bob"))
    #expect(desk.state.message(id, at: Sequence(0)) == nil && desk.state.message(id, at: Sequence(3)) == nil)
    #expect(desk.state.message(id, at: Sequence(.max)) == nil)
    #expect(desk.state.session(id)?.sequence == Sequence(2))
    #expect(desk.state.session(id)?.updatedAt == 2_500)
    #expect(try #require(desk.state.stored(id, messageID: "m2", by: .agent("bob"))) == (Sequence(2), 2_500))
    #expect(desk.state.stored(id, messageID: "m3", by: .agent("bob")) == nil)
    #expect(desk.state.stored(SessionID(rawValue: 1), messageID: "m1", by: .customer("alice")) == nil)
  }

  @Test("a repeated message gets the first answer: under an old epoch, after the close")
  func repeated() {
    var desk = Desk()
    let id = desk.open()
    desk.time = 2_000
    desk.send(id, "m1", body: "one")
    desk.time = 3_000
    let first = Answer.stored(id, Sequence(1), time: 2_000, isNew: false)
    let again = desk.send(id, "m1", body: "one")
    #expect(again.answer == first && again.effects.isEmpty)
    #expect(desk.send(id, "m1", epoch: 9, body: "one").answer == first)
    desk.close(id)
    #expect(desk.send(id, "m1", body: "one").answer == first)
    #expect(desk.state.message(id, at: Sequence(1))?.body == Array("one".utf8))
    #expect(desk.state.session(id)?.sequence == Sequence(1))
  }

  @Test("a stranger learns nothing from a known id")
  func strangers() {
    var desk = Desk()
    let id = desk.open()
    desk.send(id, "m1")
    #expect(desk.send(id, "m1", by: .customer("mallory")).answer == .refused(.forbidden))
    desk.close(id)
    #expect(desk.send(id, "m1", by: .customer("mallory")).answer == .refused(.forbidden))
  }

  @Test("ids are compared byte by byte")
  func exactIDs() {
    var desk = Desk()
    let id = desk.open()
    desk.send(id, "caf\u{E9}")
    #expect(desk.send(id, "cafe\u{301}").answer == .stored(id, Sequence(2), time: 1_000, isNew: true))
  }

  @Test("the owner's epoch fences")
  func epochs() {
    var desk = Desk()
    let id = desk.open(owner: Desk.one)
    desk.apply(.serverLost(ServerLost(server: Desk.one, heirs: [Desk.two])))
    #expect(desk.send(id, "m1", epoch: 1).answer == .refused(.staleEpoch))
    #expect(desk.send(id, "m1", epoch: 3).answer == .refused(.staleEpoch))
    #expect(desk.send(id, "m1", epoch: 2).answer == .stored(id, Sequence(1), time: 1_000, isNew: true))
  }

  @Test("only the session's customer and its agents write")
  func permissions() {
    var desk = Desk()
    desk.status("bob")
    desk.status("eve", connection: 2)
    let id = desk.open()
    #expect(desk.agents(of: id) == ["bob"])
    let strangers: [Person] = [
      .customer("mallory"), .agent("eve"), .supervisor("sue"), .admin("root"), .agent("alice"),
      .customer("bob"),
    ]
    for person in strangers {
      #expect(desk.send(id, "x", by: person).answer == .refused(.forbidden))
      #expect(!desk.state.maySend(person, session: id))
    }
    #expect(desk.send(id, "m1", by: .agent("bob")).answer != .refused(.forbidden))
    // A supervisor to whom the session was given serves it like any agent.
    #expect(desk.state.maySend(.supervisor("bob"), session: id))
    let followers: [Person] = [.customer("alice"), .agent("bob"), .supervisor("sue"), .admin("root")]
    for person in followers { #expect(desk.state.mayFollow(person, session: id)) }
    for person in [Person.customer("mallory"), .agent("eve"), .agent("alice"), .customer("bob")] {
      #expect(!desk.state.mayFollow(person, session: id))
    }
    desk.close(id)
    #expect(desk.state.mayFollow(.agent("bob"), session: id))
    #expect(!desk.state.mayFollow(.admin("root"), session: SessionID(rawValue: 5)))
    #expect(!desk.state.maySend(.customer("alice"), session: SessionID(rawValue: 5)))
  }

  @Test("what cannot be written to says why")
  func refusals() {
    var desk = Desk()
    #expect(desk.send(SessionID(rawValue: 77), "m1").answer == .refused(.notFound))
    let id = desk.open()
    desk.close(id)
    let outcome = desk.send(id, "m1")
    #expect(outcome.answer == .refused(.sessionClosed) && outcome.effects.isEmpty)
  }

  @Test("a message above 16 MiB is refused and leaves no trace")
  func tooLarge() {
    var desk = Desk()
    let id = desk.open()
    let body = [UInt8](repeating: 65, count: 16 << 20)
    let send = SendMessage(
      session: id, epoch: Epoch(1), id: "big", sender: .customer("alice"), kind: .text, body: body)
    #expect(desk.apply(.send(send)).answer == .refused(.forbidden))
    #expect(
      desk.state.session(id)?.sequence == .zero
        && desk.state.stored(id, messageID: "big", by: .customer("alice")) == nil)
  }

  @Test("time never goes back, whatever an entry says")
  func time() {
    var desk = Desk()
    let id = desk.open()
    desk.time = 9_000
    desk.send(id, "m1")
    desk.time = 3
    #expect(desk.send(id, "m2").answer == .stored(id, Sequence(2), time: 9_000, isNew: true))
    #expect(desk.state.now == 9_000)
    desk.time = .max
    #expect(desk.send(id, "m3").answer == .stored(id, Sequence(3), time: .max, isNew: true))
  }
}
