import Kernel
import Testing

@testable import Desk

@Suite("Timers of sessions")
struct TimerTests {
  private var desk = Desk.newest

  private mutating func rule(_ rules: TimerRules, location: SourceLocation = #_sourceLocation) {
    #expect(desk.arrange(SetTimers(rules)).answer == .done, sourceLocation: location)
  }

  private func state(of session: SessionID) -> Session.State? { desk.state.session(session)?.state }

  private func changes(_ outcome: Desk.Outcome) -> [SessionChange] {
    outcome.effects.compactMap { if case .session(_, let change) = $0 { change } else { nil } }
  }

  @Test("without rules nothing ever happens by itself")
  mutating func off() {
    let waiting = desk.open("cleo")
    desk.agent("bob", capacity: 1)
    desk.send(waiting, "1", by: .agent("bob"))
    desk.pass(10_000_000_000)
    #expect(state(of: waiting) == .active && desk.state.main.timerDeadlines.isEmpty)
  }

  @Test("who has waited for too long without an agent is let go, at that time and not before")
  mutating func queueLimit() {
    rule(TimerRules(queueLimit: 1_000))
    let session = desk.open()
    #expect(desk.state.nextDeadline == desk.time + 1_000, "somebody has to say when it is time")
    desk.pass(999)
    #expect(state(of: session) == .queued)
    let outcome = desk.pass(1)
    #expect(changes(outcome) == [.closed(by: .system, reason: DeskState.queuedTooLong)])
    #expect(desk.state.nextDeadline == nil)
  }

  @Test("whoever is given to an agent in time waits no longer")
  mutating func served() {
    rule(TimerRules(queueLimit: 1_000))
    let session = desk.open()
    desk.agent("bob")
    desk.pass(5_000)
    #expect(state(of: session) == .active)
  }

  @Test(
    "a session goes on from an agent who says nothing to one who is free, and comes back where there is none")
  mutating func noReply() {
    rule(TimerRules(noReply: 1_000))
    desk.agent("bob", capacity: 1)
    let session = desk.open()
    #expect(desk.agents(of: session) == ["bob"])
    let alone = desk.pass(1_000)
    #expect(changes(alone) == [.released(by: AgentID("bob")), .assigned(AgentID("bob"))])
    desk.agent("eve")
    let outcome = desk.pass(1_000)
    #expect(changes(outcome) == [.released(by: AgentID("bob")), .assigned(AgentID("eve"))])
    desk.send(session, "1", by: .agent("eve"))
    desk.pass(60_000)
    #expect(desk.agents(of: session) == ["eve"], "who has spoken keeps it")
  }

  @Test("an agent who has lost a chat takes who waited already, and the chat has its old place")
  mutating func oldPlace() {
    rule(TimerRules(noReply: 1_000))
    desk.agent("bob", capacity: 1)
    let first = desk.open("ann")
    desk.pass(10)
    let second = desk.open("ben")
    desk.pass(990)
    #expect(desk.agents(of: second) == ["bob"] && state(of: first) == .queued)
    desk.send(second, "1", by: .agent("bob"))
    let third = desk.open("cleo")
    desk.close(second, by: .customer("ben"))
    #expect(desk.agents(of: first) == ["bob"] && state(of: third) == .queued)
  }

  @Test(
    "one entry gives no more of those who wait to agents than it may, however many chats it takes from them")
  mutating func boundedGiving() {
    desk.state.mostPulled = 2
    rule(TimerRules(noReply: 1_000))
    for number in 0..<6 { desk.agent("a\(number)", capacity: 1) }
    for number in 0..<6 { desk.open("served\(number)") }
    desk.pass(10)
    let waiting = (0..<6).map { desk.open("waits\($0)") }
    desk.pass(990)
    #expect(waiting.count { state(of: $0) == .active } == 3, "one, and what there is room for")
    for _ in 0..<6 { desk.pass(0) }
    #expect(desk.state.sessionCounts.active == 6 && !desk.state.hasUnserved)
  }

  @Test("words of the customer do not count as the agent's")
  mutating func customersWords() {
    rule(TimerRules(noReply: 1_000))
    desk.agent("bob", capacity: 1)
    let session = desk.open()
    desk.send(session, "1")
    #expect(changes(desk.pass(1_000)).first == .released(by: AgentID("bob")))
  }

  @Test("a silent customer is reminded once, and then the session is closed")
  mutating func silence() throws {
    rule(TimerRules(remind: 1_000, remindText: "Are you there?", idleClose: 3_000))
    desk.agent("bob")
    let session = desk.open()
    desk.send(session, "1")
    desk.pass(10_000)
    #expect(state(of: session) == .active, "it is the agent's turn")
    desk.send(session, "2", by: .agent("bob"))
    let reminded = desk.pass(1_000)
    #expect(reminded.effects.first == .message(session, Sequence(3)))
    let said = try #require(desk.state.message(session, at: Sequence(3)))
    #expect(
      said.kind == .system && said.sender == .system
        && String(decoding: said.body, as: UTF8.self) == "Are you there?")
    desk.send(session, "4", by: .agent("bob"))
    desk.pass(2_999)
    #expect(desk.state.sequence(of: session) == Sequence(4), "once, until the customer speaks")
    #expect(changes(desk.pass(1)) == [.closed(by: .system, reason: DeskState.idle)])
  }

  @Test("a customer who speaks in time is neither reminded nor sent away, and may be reminded again later")
  mutating func speaks() {
    rule(TimerRules(remind: 1_000, remindText: "?", idleClose: 3_000))
    desk.agent("bob")
    let session = desk.open()
    desk.send(session, "1", by: .agent("bob"))
    desk.pass(1_000)
    desk.send(session, "2")
    desk.pass(60_000)
    #expect(state(of: session) == .active && desk.state.sequence(of: session) == Sequence(3))
    desk.send(session, "3", by: .agent("bob"))
    desk.pass(1_000)
    #expect(desk.state.sequence(of: session) == Sequence(5))
  }

  @Test("a rule concerns what begins after it")
  mutating func laterRule() {
    let waiting = desk.open("ann")
    rule(TimerRules(queueLimit: 1_000))
    let other = desk.open("ben")
    rule(TimerRules())
    desk.pass(1_000)
    #expect(state(of: waiting) == .queued && state(of: other) == .closed)
  }

  @Test(
    "so many fire with one entry as it allows, in the order of their times, and the rest with the next ones")
  mutating func bounded() {
    rule(TimerRules(queueLimit: 1_000))
    let sessions = (0..<10).map { number in
      desk.time += 1
      return desk.open("c\(number)")
    }
    desk.pass(2_000, limit: 4)
    #expect(sessions.map { state(of: $0) == .closed } == (0..<10).map { $0 < 4 })
    #expect(desk.state.nextDeadline.map { $0 <= desk.time } == true)
    desk.pass(0, limit: 100)
    #expect(sessions.allSatisfy { state(of: $0) == .closed })
  }

  @Test("timers and rules come back from a snapshot, and what runs goes on")
  mutating func snapshot() throws {
    rule(TimerRules(queueLimit: 9_000, noReply: 500, remind: 1_000, remindText: "?", idleClose: 3_000))
    desk.agent("bob", capacity: 2)
    let session = desk.open("ann")
    let silent = desk.open("ben")
    let waiting = desk.open("cleo")
    desk.send(session, "1", by: .agent("bob"))
    let before = desk.state.main.timerDeadlines.elements
    #expect(before.map(\.kind) == [.noReply, .remind, .idleClose, .queueLimit])
    desk.state = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(desk.state.main.timerDeadlines.elements == before && desk.state.main.timerRules.version == 1)
    desk.pass(500)
    #expect(desk.agents(of: waiting) == ["bob"] && state(of: silent) == .queued, "it takes who waited already")
    desk.pass(500)
    #expect(desk.state.sequence(of: session) == Sequence(2))
    desk.state = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    desk.send(session, "2", by: .agent("bob"))
    desk.pass(1_500)
    #expect(desk.state.sequence(of: session) == Sequence(3), "that it was reminded is kept")
  }

  @Test("timers of a desk are its own")
  mutating func desks() {
    rule(TimerRules(queueLimit: 1_000))
    #expect(desk.state.main.timerRules.version == 1)
    #expect(desk.arrange(SetTimers(TimerRules(), expecting: 7)).answer == .refused(.timersChanged))
    #expect(desk.arrange(SetTimers(TimerRules(), expecting: 1)).answer == .done)
    #expect(desk.state.main.timerRules.version == 2)
  }

  @Test("below level 9 there are none")
  mutating func level() {
    desk = Desk()
    desk.raise(.eighth)
    #expect(desk.arrange(SetTimers(TimerRules(queueLimit: 1_000))).answer == .refused(.forbidden))
  }

  @Test(
    "rules that cannot be meant are refused by name",
    arguments: [
      (#"{"queue_limit_ms": 5}"#, "queue_limit_ms"), (#"{"remind_ms": 1000}"#, "remind_text"),
      (#"{"remind_ms": 1000, "remind_text": "?", "idle_close_ms": 1000}"#, "idle_close_ms"),
      (#"{"idle_close_ms": 99999999999}"#, "idle_close_ms"),
    ])
  func bounds(document: String, name: String) {
    let text = Array(document.utf8)
    let failure = text.withUnsafeBytes { text -> Failure? in
      do throws(Failure) {
        try SetTimers.fields.read(text).check()
        return nil
      } catch { return error }
    }
    #expect(failure?.code == .badFrame && failure?.message.contains(name) == true)
  }
}
