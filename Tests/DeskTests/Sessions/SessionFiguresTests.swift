import Kernel
import Testing

@testable import Desk

@Suite("What a session counts for reports")
struct SessionFiguresTests {
  private var desk = Desk()

  private func figures(_ session: SessionID) -> SessionFigures? { desk.state.session(session)?.figures }

  @Test("when it was given to an agent and answered first, who has said how much, how often it was handed on")
  mutating func counts() throws {
    desk.raise(.seventh)
    let session = desk.open()
    desk.send(session, "m1")
    #expect(figures(session)?.assignedAt == nil && figures(session)?.customerMessages == 1)
    desk.time = 5_000
    desk.status("bob", skills: ["tax"], grace: 100)
    desk.time = 6_000
    desk.send(session, "m2")
    desk.time = 7_000
    desk.send(session, "a1", by: .agent("bob"))
    desk.time = 8_000
    desk.send(session, "a2", by: .agent("bob"))
    let counted = try #require(figures(session))
    #expect(
      counted.assignedAt == 5_000 && counted.response?.time == 7_000 && counted.response?.by == AgentID("bob"))
    #expect(counted.customerMessages == 2 && counted.staffMessages == 2)
    #expect(counted.transfers == 0 && counted.releases == 0)

    desk.time = 9_000
    desk.status("kim", skills: ["law"])
    desk.transfer(session, to: .agent(AgentID("kim")), request: "t1")
    desk.transfer(session, to: .agent(AgentID("kim")), by: .agent("kim"), request: "t2")
    desk.send(session, "k1", by: .agent("kim"))
    #expect(figures(session)?.transfers == 1, "the second one has changed nothing")
    #expect(figures(session)?.assignedAt == 5_000 && figures(session)?.response?.by == AgentID("bob"))

    desk.status("bob", .offline)
    desk.end("kim", grace: 500)
    desk.pass(501)
    #expect(figures(session)?.releases == 1 && desk.state.session(session)?.state == .queued)
    desk.send(session, "m2")
    desk.apply(
      .send(
        SendMessage(
          session: session, epoch: Epoch(1), id: "s1", sender: .system, kind: .system, body: Array("hm".utf8))))
    #expect(figures(session)?.customerMessages == 2 && figures(session)?.staffMessages == 3)
    #expect(desk.state.session(session)?.sequence == Sequence(6))

    let restored = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(restored.session(session)?.figures == figures(session) && restored.checkInvariants().isEmpty)
    #expect(restored.encodedSnapshot() == desk.state.encodedSnapshot())
  }

  @Test("a session that was opened below level 7 counts nothing, then and later")
  mutating func earlier() throws {
    desk.raise(.sixth)
    desk.status("bob")
    let old = desk.open()
    desk.send(old, "m1")
    let before = desk.state.encodedSnapshot()
    desk.raise(.seventh)
    desk.send(old, "a1", by: .agent("bob"))
    desk.transfer(old, to: .skill("tax"), request: "t1")
    let new = desk.open(request: "r2")
    desk.send(new, "a2", by: .agent("bob"))
    #expect(figures(old) == nil && figures(new)?.staffMessages == 1)
    let restored = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(restored.session(old)?.figures == nil && restored.session(new)?.figures == figures(new))
    #expect(try ReplicatedState(snapshot: before).session(old)?.figures == nil)
  }

  @Test("its bytes in snapshots are these, for ever")
  func bytes() throws {
    var figures = SessionFigures()
    var writer = ByteWriter()
    figures.encode(into: &writer, openedAt: 1_000)
    #expect(writer.bytes == [0, 0, 0, 0, 0, 0])
    figures.isGiven(at: 1_000)
    figures.isGiven(at: 2_000)
    for _ in 1...3 { figures.count(.text, by: .customer("ann"), at: 1_500) }
    figures.count(.text, by: .agent("bob"), at: 1_300)
    figures.count(.system, by: .system, at: 1_400)
    figures.isHandedOn()
    figures.isReleased()
    writer = ByteWriter()
    figures.encode(into: &writer, openedAt: 1_000)
    #expect(writer.bytes == [1, 0xAD, 0x02, 3, 98, 111, 98, 3, 1, 1, 1])
    for ageLimit: UInt64 in [300, 299] {
      var reader = ByteReader(writer.bytes)
      let read = try? SessionFigures(from: &reader, openedAt: 1_000, ageLimit: ageLimit)
      #expect(read == (ageLimit == 300 ? figures : nil), "an answer in the future is damage")
    }
  }

  @Test("messages that have left the state stay counted")
  mutating func left() {
    desk.raise(.seventh)
    desk.status("bob")
    let session = desk.open()
    for number in 1...400 {
      desk.send(session, "m\(number)", by: number % 4 == 0 ? .agent("bob") : .customer("alice"))
    }
    #expect((desk.state.session(session)?.firstKept ?? .zero) > Sequence(64))
    #expect(figures(session)?.customerMessages == 300 && figures(session)?.staffMessages == 100)
  }
}
