import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("Who is gone is said by the owner, and who is there by their node")
struct AbsenceTests {
  private func absences(_ node: LoneNode) -> [SetAttendance] {
    node.proposals.flatMap { $0 }.compactMap { if case .attend(let said) = $0.command { said } else { nil } }
  }

  private func report(_ session: SessionID, _ people: [Person], isFollowed: Bool = true) -> NodeInput {
    .peer(
      .attendance(
        .reports([AttendanceReport(session: session, seen: 0, isFollowed: isFollowed, people: people)])),
      from: NodeID(3))
  }

  private func owner() throws -> (LoneNode, SessionID) {
    var node = try LoneNode()
    node.raiseLevel()
    let session = try node.open("r", owner: 1)
    node.take(report(session, [.ann]))
    node.pass(1_000)
    node.forget()
    return (node, session)
  }

  @Test("a customer who has left is gone after a while, and not before; the graces go with the word")
  func leaves() throws {
    var (node, session) = try owner()
    node.take(report(session, [], isFollowed: false))
    node.pass(2_500)
    #expect(absences(node).isEmpty)
    node.pass(1_500)
    let said = absences(node)
    #expect(said.count == 1 && said.first?.session == session)
    #expect(said.first?.absence == .init(epoch: Epoch(1), queueGrace: 120_000, openGrace: 86_400_000))
  }

  @Test(
    "a session that waits says that its customer is gone, once that is agreed, and no longer when they are back"
  )
  func shown() throws {
    var (node, session) = try owner()
    #expect(node.node.detail(of: session, in: .main)?.customerIsAway == false)
    for isGone in [true, false] {
      let absence = SetAttendance.Absence(epoch: Epoch(1), queueGrace: 120_000, openGrace: 86_400_000)
      node.commit([
        Submission(
          origin: Origin(server: ServerID(2), request: 0),
          command: .attend(SetAttendance(session: session, absence: isGone ? absence : nil)))
      ])
      #expect(node.node.detail(of: session, in: .main)?.customerIsAway == isGone)
    }
  }

  @Test("whoever loads the page anew was never gone")
  func reloads() throws {
    var (node, session) = try owner()
    for _ in 0..<4 {
      node.take(report(session, [], isFollowed: false))
      node.pass(1_500)
      node.take(report(session, [.ann]))
      node.pass(500)
    }
    node.pass(10_000)
    #expect(absences(node).isEmpty)
  }

  @Test("an owner that has never heard of the customer waits for longer, and says it again when that got lost")
  func neverSeen() throws {
    var node = try LoneNode()
    node.raiseLevel()
    _ = try node.open("r", owner: 1)
    node.forget()
    node.pass(19_000)
    #expect(absences(node).isEmpty)
    node.pass(20_000)
    #expect(absences(node).count == 1)
    node.forget()
    node.pass(40_000)
    #expect(!absences(node).isEmpty)
  }

  @Test("nothing is said of others' sessions, of closed ones, at level 1, or where both graces are off")
  func silent() throws {
    var others = try LoneNode()
    others.raiseLevel()
    _ = try others.open("r", owner: 3)
    let closed = try others.open("s", owner: 1)
    others.commit([
      Submission(
        origin: Origin(server: ServerID(3), request: 0),
        command: .close(CloseSession(session: closed, epoch: Epoch(1), by: .ann, reason: "")))
    ])
    var first = try LoneNode()
    _ = try first.open("r", owner: 1)
    var off = try LoneNode {
      $0.queueGrace = 0
      $0.openGrace = 0
    }
    off.raiseLevel()
    _ = try off.open("r", owner: 1)
    for node in [others, first, off] {
      var node = node
      node.forget()
      node.pass(60_000)
      #expect(absences(node).isEmpty)
    }
  }

  @Test("the node of a customer who is said to be gone says that they are there")
  func isThere() throws {
    var node = try LoneNode()
    node.raiseLevel()
    let session = try node.open("r", owner: 3)
    node.ask(.join(session, after: .zero))
    node.endTurn()
    node.answerReads()
    node.pass(500)
    let gone = Submission(
      origin: Origin(server: ServerID(3), request: 0),
      command: .attend(
        SetAttendance(session: session, absence: .init(epoch: Epoch(1), queueGrace: 5_000, openGrace: 0))))
    node.forget()
    node.commit([gone])
    node.pass(300)
    #expect(absences(node) == [SetAttendance(session: session, absence: nil)])
    node.commit(node.node.pending.numbers { _ in true }.map { node.submission($0) })
    #expect(!node.node.state.isAbsent(session))
    // Said late by an owner that has not heard: once more.
    node.forget()
    node.commit([gone])
    node.pass(300)
    #expect(absences(node).count == 1)
    node.ask(.disconnected)
    node.forget()
    node.pass(5_000)
    #expect(node.node.pending.count == 0 || absences(node).isEmpty)
  }

  @Test("who comes back by a resume is there at once")
  func comesBack() throws {
    var node = try LoneNode()
    node.raiseLevel()
    let session = try node.open("r", owner: 3)
    node.commit([
      Submission(
        origin: Origin(server: ServerID(3), request: 0),
        command: .attend(
          SetAttendance(session: session, absence: .init(epoch: Epoch(1), queueGrace: 5_000, openGrace: 0))))
    ])
    node.forget()
    node.ask(.resume(session, after: .zero))
    node.endTurn()
    node.answerReads()
    node.pass(300)
    #expect(absences(node) == [SetAttendance(session: session, absence: nil)])
  }

  @Test("a hundred thousand sessions are looked at part by part")
  func bounded() throws {
    var watch = AbsenceWatch(AbsencePatience())
    let now = Instant(nanoseconds: 1_000_000_000)
    for number in 0..<100_000 { watch.doubt(SessionID(rawValue: UInt64(number)), hasLeft: true, at: now) }
    #expect(watch.takeDue(now + .milliseconds(2_999)).isEmpty)
    var seen: Set<SessionID> = []
    for _ in 0..<500 {
      let due = watch.takeDue(now + .milliseconds(3_000))
      #expect(due.count <= AbsenceWatch.limit)
      seen.formUnion(due)
    }
    #expect(seen.count == 100_000)
  }
}
