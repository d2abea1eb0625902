import Kernel
import Testing

@testable import Desk

@Suite("Sessions leave the state a while after their end")
struct RetireSessionsTests {
  private var desk = Desk()

  init() { desk.raise(.sixth) }

  @discardableResult
  private mutating func retire(before time: UInt64, limit: UInt32 = 100) -> Answer? {
    desk.apply(.timePasses(TimePasses(limit: limit, endedBefore: time))).answer
  }

  @Test("those that ended before the time go, the oldest first and so many at once; all others stay")
  mutating func leaves() {
    let sessions = (1...6).map { desk.open("c\($0)") }
    for (number, session) in sessions[..<5].enumerated() {
      desk.time = 10_000 + UInt64(number) * 10
      desk.close(session, by: .customer("c\(number + 1)"))
    }
    #expect(desk.state.firstEnd == 10_000)
    retire(before: 10_000)
    #expect(desk.state.sessionCounts.closed == 5)
    retire(before: 10_031, limit: 3)
    #expect(sessions.map { desk.state.session($0) == nil } == [true, true, true, false, false, false])
    #expect(desk.state.firstEnd == 10_030 && desk.state.sessionCounts.closed == 2)
    retire(before: 10_031, limit: 3)
    #expect(desk.state.firstEnd == 10_040)
    retire(before: .max)
    #expect(desk.state.firstEnd == nil && desk.state.session(sessions[5])?.state == .queued)
  }

  @Test(
    "who asks for what has left is told that there is no such session, and the request that opened it opens another one"
  )
  mutating func afterwards() {
    let session = desk.open("alice", request: "r1")
    desk.send(session, "m1")
    desk.close(session)
    #expect(desk.open("alice", request: "r1") == session)
    retire(before: .max)
    #expect(desk.send(session, "m1").answer == .refused(.notFound))
    #expect(desk.close(session).answer == .refused(.notFound))
    #expect(desk.open("alice", request: "r1") != session)
  }

  @Test(
    "what the same entry does to a session that leaves comes too late: nothing is done that no archive is given"
  )
  mutating func sameEntry() {
    let session = desk.open()
    desk.close(session)
    let rate = Envelope(
      Rate(session: session, score: 4, comment: nil), id: "r", by: .customer("alice"), epoch: Epoch(1))
    let commands: [Command] = [.perform(rate), .timePasses(TimePasses(limit: 9, endedBefore: .max))]
    var effects: [Effect] = []
    desk.index += 1
    desk.state.apply(
      commands.enumerated().map {
        Submission(origin: Origin(server: Desk.one, request: UInt64(500 + $0.offset)), command: $0.element)
      }, index: desk.index, now: desk.time, into: &effects)
    #expect(effects.first == .answer(Origin(server: Desk.one, request: 500), .refused(.notFound)))
    #expect(desk.state.session(session) == nil)
  }

  @Test("below level 6 nothing leaves, and nothing is due")
  mutating func levels() {
    desk = Desk()
    desk.raise(.fifth)
    desk.close(desk.open())
    #expect(desk.state.firstEnd == nil)
    desk.raise(.sixth)
    #expect(desk.state.firstEnd == desk.time)
    retire(before: .max)
    #expect(desk.state.sessionCounts.closed == 0)
  }

  @Test("a snapshot knows what is over, and goes on in the same way")
  mutating func snapshot() throws {
    for number in 1...40 {
      desk.time += UInt64(number % 3)
      let session = desk.open("c\(number)")
      if number % 4 != 0 { desk.close(session, by: .customer("c\(number)")) }
    }
    var twin = desk
    twin.state = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(twin.state.checkInvariants().isEmpty && twin.state.firstEnd == desk.state.firstEnd)
    for _ in 0..<5 {
      for end in [twin.state.firstEnd, desk.state.firstEnd] { #expect(end != nil) }
      retire(before: .max, limit: 6)
      twin.apply(.timePasses(TimePasses(limit: 6, endedBefore: .max)))
      #expect(twin.state.encodedSnapshot() == desk.state.encodedSnapshot())
    }
    retire(before: .max, limit: 6)
    #expect(desk.state.sessionCounts.closed == 0 && desk.state.sessionCounts.queued == 10)
  }

  @Test("what a customer has used in this hour stays counted")
  mutating func use() {
    for number in 1...3 {
      let session = desk.open("alice", request: "r\(number)")
      desk.send(session, "m\(number)", body: String(repeating: "x", count: 2_000))
      desk.close(session)
    }
    let before = desk.state.main.use(ofCustomer: "alice", at: desk.time)
    retire(before: .max)
    #expect(desk.state.main.use(ofCustomer: "alice", at: desk.time) == before && before.opened == 3)
  }

  @Test("the command is written with its time from level 6 on, and without as ever")
  func codec() throws {
    for time in [nil, 0, 5, UInt64.max] {
      let command = Command.timePasses(TimePasses(limit: 9, endedBefore: time))
      #expect(command.since == (time == nil ? .first : .sixth))
      let submission = Submission(origin: Origin(server: ServerID(2), request: 0), command: command)
      let entry = CommandCodec.encode([submission])
      #expect(try CommandCodec.decode(entry) == [submission] && command.mostBytes >= entry.count - 8)
      #expect(try CommandCodec.level(of: entry) == command.since)
    }
  }
}
