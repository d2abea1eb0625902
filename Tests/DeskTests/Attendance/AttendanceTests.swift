import Kernel
import Testing

@testable import Desk

@Suite("The waiting lines are of people who are there")
struct AttendanceTests {
  private static func desk() -> Desk {
    var desk = Desk()
    desk.state.level = .second
    return desk
  }

  @Test("who is gone is passed over and keeps the place; who comes back within the grace has it")
  func passedOver() {
    var desk = Self.desk()
    let sessions = ["a", "b", "c"].map { desk.open($0) }
    #expect(desk.leave(sessions[0]).effects == [.session(sessions[0], .left)])
    #expect(desk.leave(sessions[0]).effects.isEmpty, "said twice")
    #expect(desk.state.main.queue(of: "") == [sessions[1], sessions[2]])
    #expect(desk.state.position(of: sessions[0])?.position == 1)
    desk.status("bob", capacity: 1)
    #expect(desk.agents(of: sessions[1]) == ["bob"])
    #expect(
      desk.back(sessions[0]).effects == [
        .session(sessions[0], .returned), .session(sessions[0], .queued(position: 1)),
      ])
    desk.close(sessions[1], by: .customer("b"))
    #expect(desk.agents(of: sessions[0]) == ["bob"])
  }

  @Test("who comes back while somebody is free is served at once")
  func backToAFreeAgent() {
    var desk = Self.desk()
    let session = desk.open()
    desk.leave(session)
    desk.status("bob")
    #expect(desk.agents(of: session).isEmpty)
    #expect(
      desk.back(session).effects == [
        .session(session, .returned), .session(session, .assigned(AgentID("bob"))),
      ])
  }

  @Test("three who left fill nobody's chats, and leave the queue when the grace is over")
  func leavesTheQueue() {
    var desk = Self.desk()
    let gone = (0..<3).map { desk.open("gone\($0)") }
    let there = desk.open("there")
    for session in gone { desk.leave(session, queue: 5_000) }
    desk.status("bob", capacity: 2)
    #expect(desk.agents(of: there) == ["bob"])
    #expect(desk.state.nextDeadline == desk.time + 5_000)
    #expect(desk.pass(4_999).effects == [.timePassed(chats: 0)])
    let closed = desk.pass(1, limit: 2).effects
    #expect(
      closed == gone.prefix(2).map { .session($0, .closed(by: .system, reason: DeskState.leftTheLine)) }
        + [
          .timePassed(chats: 0)
        ])
    #expect(desk.state.nextDeadline == desk.time)
    desk.pass(0)
    #expect(desk.state.session(gone[2])?.isClosed == true && desk.state.nextDeadline == nil)
    #expect(desk.state.session(there)?.isClosed == false)
  }

  @Test("an open session whose customer does not come back is closed, and its agent serves the next one")
  func abandoned() {
    var desk = Self.desk()
    desk.status("bob", capacity: 1)
    let session = desk.open("a")
    let next = desk.open("b")
    desk.leave(session, queue: 1_000, open: 60_000)
    desk.pass(30_000)
    #expect(desk.agents(of: session) == ["bob"])
    desk.back(session)
    desk.pass(60_000)
    #expect(desk.agents(of: session) == ["bob"])
    desk.leave(session, queue: 1_000, open: 60_000)
    let closed = desk.pass(60_000).effects
    #expect(closed.first == .session(session, .closed(by: .system, reason: DeskState.abandoned)))
    #expect(desk.agents(of: next) == ["bob"])
  }

  @Test("graces of 0: nobody is passed over, and nothing is closed")
  func forEver() {
    var desk = Self.desk()
    let session = desk.open()
    desk.leave(session, queue: 0, open: 0)
    #expect(desk.state.main.queue(of: "") == [session] && desk.state.nextDeadline == nil)
    desk.status("bob")
    #expect(desk.agents(of: session) == ["bob"])
  }

  @Test("a chat whose agent is lost too waits out of line, with all of the grace before it")
  func releasedWhileGone() {
    var desk = Self.desk()
    desk.status("bob")
    let session = desk.open()
    desk.leave(session, queue: 9_000, open: 100_000)
    desk.status("bob", .offline, grace: 5_000)
    desk.status("eve")
    let released = desk.pass(5_000).effects
    #expect(
      released.prefix(2) == [
        .session(session, .released(by: AgentID("bob"))), .session(session, .queued(position: 1)),
      ])
    #expect(desk.agents(of: session).isEmpty)
    #expect(desk.state.nextDeadline == desk.time + 9_000)
    #expect(desk.back(session).effects.last == .session(session, .assigned(AgentID("eve"))))
  }

  @Test("only the owner of now says that somebody is gone, and only of a session that is open")
  func refused() {
    var desk = Self.desk()
    let session = desk.open(owner: Desk.two)
    desk.lose(Desk.two, to: [Desk.one])
    #expect(desk.leave(session).answer == .refused(.staleEpoch))
    #expect(desk.leave(session, epoch: 2).answer == .done)
    desk.close(session, epoch: 2)
    #expect(desk.back(session).answer == .refused(.sessionClosed))
    #expect(desk.leave(SessionID(rawValue: 77)).answer == .refused(.notFound))
    #expect(desk.state.nextDeadline == nil)
  }

  @Test("handed on while its customer is gone: an agent takes it, a line does not")
  func transferred() {
    var desk = Self.desk()
    let session = desk.open()
    desk.leave(session)
    desk.status("bob", skills: ["tax"])
    desk.transfer(session, to: .skill("tax"), by: .supervisor("s"), request: "t1")
    #expect(desk.agents(of: session).isEmpty && desk.state.main.queue(of: "tax").isEmpty)
    desk.transfer(session, to: .agent(AgentID("bob")), by: .supervisor("s"), request: "t2")
    #expect(desk.agents(of: session) == ["bob"])
  }

  @Test("level 1 knows nothing of it")
  func firstLevel() {
    var desk = Desk()
    let session = desk.open()
    #expect(desk.leave(session).answer == .refused(.forbidden))
    #expect(desk.state.main.queue(of: "") == [session])
  }

  @Test(
    "whatever else happens, everything kept for speed is right, and a snapshot says all of it",
    arguments: SplitMix.seeds)
  func random(seed: UInt64) throws {
    var commands = RandomCommands(seed: seed, isRace: true)
    var desk = Self.desk()
    for step in 1...400 {
      desk.time += commands.random.next() % 300
      let session = desk.state.main.openSessions(of: .customer("customer\(step % 12)"), limit: 1).sessions.first
      if step % 3 == 0, let session, let epoch = desk.state.owner(of: session)?.epoch {
        if step % 2 == 0 {
          desk.leave(session, epoch: epoch.rawValue, queue: commands.random.next() % 3 * 500, open: 900)
        } else {
          desk.back(session)
        }
      } else {
        commands.learn(desk.apply(commands.next(desk.state)).effects)
      }
      if step % 100 == 0 {
        let copy = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
        #expect(copy.checkInvariants().isEmpty && copy.encodedSnapshot() == desk.state.encodedSnapshot())
      }
    }
    #expect(desk.state.absentCount > 0 || desk.state.sessionCounts.closed > 0)
  }

  @Test("a snapshot keeps who is gone, since when, and what becomes of it")
  func snapshot() throws {
    var desk = Self.desk()
    let sessions = ["a", "b", "c"].map { desk.open($0) }
    desk.time += 500
    desk.leave(sessions[0], queue: 7_000)
    desk.leave(sessions[1], queue: 0, open: 9_000)
    let copy = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(copy.checkInvariants().isEmpty)
    #expect(copy.main.queue(of: "") == [sessions[1], sessions[2]])
    #expect(copy.nextDeadline == desk.state.nextDeadline && copy.absentCount == 2)
    #expect(copy.encodedSnapshot() == desk.state.encodedSnapshot())
  }
}

extension Desk {
  @discardableResult
  mutating func leave(_ session: SessionID, epoch: UInt64 = 1, queue: UInt64 = 10_000, open: UInt64 = 0)
    -> Outcome
  {
    apply(
      .attend(
        SetAttendance(
          session: session, absence: .init(epoch: Epoch(epoch), queueGrace: queue, openGrace: open))))
  }

  @discardableResult
  mutating func back(_ session: SessionID) -> Outcome {
    apply(.attend(SetAttendance(session: session, absence: nil)))
  }
}
