import Kernel
import Testing

@testable import Desk

@Suite("An operation of a desk is done once")
struct DeskOperationTests {
  private static let anna = Person(id: "anna", role: .agent, name: "Anna")
  private static let first = Presence(server: Desk.one, connection: 1)
  private static let second = Presence(server: Desk.one, connection: 2)

  private static func desk() -> Desk {
    var desk = Desk()
    desk.raise(.newest)
    return desk
  }

  private static func command(
    _ status: SetStatus, _ id: String, by person: Person = anna, in number: DeskNumber = .main,
    on presence: Presence? = first
  ) -> Command {
    .arrange(DeskEnvelope(DeskRecord(status, id: id), by: person, in: number, presence: presence, grace: 9))
  }

  private static func agent(_ desk: Desk, in number: DeskNumber = .main) -> Agent? {
    desk.state.agent(AgentID("anna"), in: number)
  }

  @Test("a repetition changes nothing that was said since, and its connection is one of the agent's")
  func again() throws {
    var desk = Self.desk()
    let online = SetStatus(status: .online, skills: [SkillWeight(skill: "tax")], capacity: 3)
    #expect(desk.apply(Self.command(online, "s1")).answer == .done)
    #expect(desk.apply(Self.command(SetStatus(status: .away, capacity: 5), "s2")).answer == .done)
    let again = desk.apply(Self.command(online, "s1"))
    #expect(again.answer == .done && !again.effects.contains { if case .agent = $0 { true } else { false } })
    #expect(desk.apply(Self.command(online, "s1", on: Self.second)).answer == .done)
    let agent = try #require(Self.agent(desk))
    #expect(agent.status == .away && agent.capacity == 5 && agent.presences == [Self.first, Self.second])
    // Whoever was nowhere connected is back with its words.
    desk.apply(.endPresences(EndPresences(server: Desk.one, items: nil)))
    #expect(Self.agent(desk)?.status == .offline)
    #expect(desk.apply(Self.command(online, "s1", on: Self.second)).answer == .done)
    #expect(Self.agent(desk)?.status == .online && Self.agent(desk)?.capacity == 5)
  }

  @Test("the same id for something else is a conflict; without an id it is done each time")
  func conflict() {
    var desk = Self.desk()
    desk.apply(Self.command(SetStatus(status: .online), "s1"))
    #expect(desk.apply(Self.command(SetStatus(status: .busy), "s1")).answer == .refused(.conflict))
    #expect(Self.agent(desk)?.status == .online)
    desk.apply(Self.command(SetStatus(status: .busy), ""))
    desk.apply(Self.command(SetStatus(status: .online), ""))
    desk.apply(Self.command(SetStatus(status: .busy), ""))
    #expect(Self.agent(desk)?.status == .busy)
  }

  @Test("a connection that does not stay makes nobody present: the agent has to be connected, or goes offline")
  func passing() {
    var desk = Self.desk()
    let online = SetStatus(status: .online)
    #expect(desk.apply(Self.command(online, "s1", on: nil)).answer == .refused(.agentUnavailable))
    #expect(desk.apply(Self.command(online, "s2")).answer == .done)
    #expect(desk.apply(Self.command(SetStatus(status: .away, capacity: 7), "s1", on: nil)).answer == .done)
    #expect(Self.agent(desk)?.status == .away && Self.agent(desk)?.capacity == 7)
    #expect(Self.agent(desk)?.presences == [Self.first])
    desk.apply(Self.command(online, "s3", on: nil))
    let session = desk.open(skill: "")
    #expect(desk.agents(of: session) == ["anna"])
    #expect(desk.apply(Self.command(SetStatus(status: .offline), "s4", on: nil)).answer == .done)
    #expect(Self.agent(desk)?.deadline != nil)
  }

  @Test("it is for its own desk and for agents, and nobody does it below its level")
  func borders() {
    var desk = Desk()
    let number = desk.create("sales")
    let online = SetStatus(status: .online)
    #expect(desk.apply(Self.command(online, "s1")).answer == .refused(.forbidden))
    desk.raise(.newest)
    #expect(desk.apply(Self.command(online, "s1", by: .supervisor("sue"))).answer == .refused(.forbidden))
    #expect(desk.apply(Self.command(online, "s1", in: number)).answer == .done)
    #expect(Self.agent(desk) == nil && Self.agent(desk, in: number)?.status == .online)
    // The same id in another desk is another request.
    #expect(desk.apply(Self.command(SetStatus(status: .busy), "s1")).answer == .done)
    #expect(desk.apply(Self.command(online, "s1", in: DeskNumber(9))).answer == .refused(.noSuchDesk))
  }

  @Test("what was done is in the snapshot, of so many of one agent; and the log reads what it wrote")
  func kept() throws {
    var desk = Self.desk()
    for place in 0...DoneWindow.mostOfOne {
      desk.apply(Self.command(SetStatus(status: .online, capacity: UInt32(place)), "s\(place)"))
    }
    var copy = desk
    copy.state = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(copy.state.encodedSnapshot() == desk.state.encodedSnapshot())
    #expect(copy.apply(Self.command(SetStatus(status: .busy), "s1")).answer == .refused(.conflict))
    #expect(copy.apply(Self.command(SetStatus(status: .busy), "s0")).answer == .done)
    for presence in [Self.first, nil] {
      let command = Self.command(SetStatus(status: .away, capacity: 4), "id", in: DeskNumber(7), on: presence)
      let submission = Submission(origin: Origin(server: Desk.one, request: 5), command: command)
      let bytes = CommandCodec.encode([submission])
      #expect(try CommandCodec.decode(bytes) == [submission] && command.since == .sixth)
      #expect(bytes.count <= command.mostBytes + 8)
    }
  }
}
