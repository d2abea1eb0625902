import Kernel
import Testing

@testable import Desk

@Suite("One entry gives a bounded number of those who wait to agents")
struct BoundedPullTests {
  private static let bob = AgentID("bob")

  private func level2() -> Desk {
    var desk = Desk()
    desk.apply(.raiseLevel(RaiseLevel(.second)))
    return desk
  }

  /// Forty thousand sessions, in entries as the server makes them.
  private static func crowd(_ count: Int) -> (state: ReplicatedState, index: UInt64) {
    var state = ReplicatedState()
    var effects: [Effect] = []
    state.apply(
      [Submission(origin: Origin(server: Desk.one, request: 0), command: .raiseLevel(RaiseLevel(.second)))],
      index: 1, now: 1_000, into: &effects)
    var index: UInt64 = 1
    var left = count
    while left > 0 {
      index += 1
      let part = (0..<min(left, 1_000)).map { place in
        Submission(
          origin: Origin(server: Desk.one, request: 0),
          command: .open(.by("c\(index)-\(place)", request: "r", skill: "", priority: 0, owner: Desk.one)))
      }
      state.apply(part, index: index, now: 1_000, into: &effects)
      left -= part.count
    }
    return (state, index)
  }

  private static func status(_ agent: String, capacity: UInt32) -> Submission {
    Submission(
      origin: Origin(server: Desk.one, request: 0),
      command: .setStatus(
        SetAgentStatus(
          agent: AgentID(agent), name: agent, status: .online, skills: nil, capacity: capacity,
          presence: Presence(server: Desk.one, connection: 1))))
  }

  private static let time = Submission(
    origin: Origin(server: Desk.one, request: 0), command: .timePasses(TimePasses(limit: 1_024)))

  private static func assigned(_ effects: [Effect]) -> [SessionID] {
    effects.compactMap { if case .session(let id, .assigned) = $0 { id } else { nil } }
  }

  @Test("an agent with room for a hundred thousand gets forty thousand chats in parts, in their order")
  func crowd() {
    var (state, index) = Self.crowd(40_000)
    let line = state.main.queue(of: "")
    var served: [SessionID] = []
    var effects: [Effect] = []
    state.apply([Self.status("bob", capacity: 100_000)], index: index + 1, now: 2_000, into: &effects)
    served += Self.assigned(effects)
    #expect(served.count == state.mostPulled + 1)
    #expect(state.hasUnserved)
    var entries = 0
    while state.hasUnserved, entries < 1_000 {
      entries += 1
      effects = []
      state.apply([Self.time], index: index + 1 + UInt64(entries), now: 2_000, into: &effects)
      let part = Self.assigned(effects)
      #expect(part.count <= state.mostPulled + 1 && !part.isEmpty)
      served += part
    }
    #expect(served == line)
    #expect(state.checkInvariants().isEmpty)
  }

  @Test("the bound is that of the entry, whatever number of agents come with it")
  func manyAgents() {
    var (state, index) = Self.crowd(3_000)
    var effects: [Effect] = []
    state.apply(
      (0..<100).map { Self.status("agent\($0)", capacity: 500) }, index: index + 1, now: 2_000, into: &effects)
    #expect(Self.assigned(effects).count == 100 + state.mostPulled)
  }

  @Test("what is left goes to the least loaded, and nobody who comes later is served before")
  func fair() {
    var desk = level2()
    desk.state.mostPulled = 1
    let waiting = (0..<6).map { desk.open("c\($0)") }
    desk.status("bob", capacity: 10, connection: 1)
    #expect(desk.state.main.sessions(of: Self.bob) == Array(waiting.prefix(2)))
    let late = desk.open("late")
    #expect(desk.state.position(of: late)?.position == 5)
    let urgent = desk.open("urgent", priority: 1)
    #expect(desk.agents(of: urgent) == ["bob"])
    desk.status("ann", capacity: 10, connection: 2)
    #expect(desk.state.main.sessions(of: AgentID("ann")) == [waiting[2], waiting[3]])
    let next = desk.apply(.timePasses(TimePasses(limit: 10)))
    let ann = AgentID("ann")
    #expect(
      next.effects == [
        .session(waiting[4], .assigned(ann)), .session(waiting[5], .assigned(ann)), .timePassed(chats: 0),
      ])
    desk.apply(.timePasses(TimePasses(limit: 10)))
    #expect(!desk.agents(of: late).isEmpty && !desk.state.hasUnserved)
  }

  @Test("who is asked for a skill that nobody waits for serves those first who wait for another one")
  func otherLine() {
    var desk = level2()
    desk.state.mostPulled = 0
    let waiting = (0..<2).map { desk.open("c\($0)", skill: "tax") }
    desk.status("bob", skills: ["tax"], capacity: 10)
    let other = desk.open("other")
    #expect(desk.state.session(other)?.state == .queued)
    desk.apply(.timePasses(TimePasses(limit: 10)))
    #expect(desk.state.main.sessions(of: Self.bob) == waiting)
  }

  @Test("an agent who goes again leaves the rest waiting, and nothing is left to be done")
  func leaves() {
    var desk = level2()
    desk.state.mostPulled = 0
    for number in 0..<3 { desk.open("c\(number)") }
    desk.status("bob", capacity: 10)
    #expect(desk.state.hasUnserved)
    desk.status("bob", .away)
    #expect(!desk.state.hasUnserved)
    #expect(desk.state.main.queue(of: "").count == 2)
  }

  @Test("a snapshot in the middle of it is read, and goes on in the same way")
  func snapshot() throws {
    var desk = level2()
    desk.state.mostPulled = 1
    for number in 0..<9 { desk.open("c\(number)", skill: number % 2 == 0 ? "" : "tax") }
    desk.status("bob", skills: ["tax"], capacity: 10)
    var other = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    other.mostPulled = 1
    #expect(other.hasUnserved)
    #expect(other.checkInvariants().isEmpty)
    for step in 1...20 {
      var (ours, theirs): ([Effect], [Effect]) = ([], [])
      desk.state.apply([Self.time], index: desk.index + UInt64(step), now: desk.time, into: &ours)
      other.apply([Self.time], index: desk.index + UInt64(step), now: desk.time, into: &theirs)
      #expect(ours == theirs)
    }
    #expect(!other.hasUnserved)
    #expect(other.encodedSnapshot() == desk.state.encodedSnapshot())
  }

  @Test("at level 1 an entry does what the release before did")
  func levelOne() {
    var desk = Desk()
    desk.state.mostPulled = 0
    for number in 0..<600 { desk.open("c\(number)") }
    desk.status("bob", capacity: 1_000)
    #expect(desk.state.main.sessions(of: Self.bob).count == 600)
  }
}
