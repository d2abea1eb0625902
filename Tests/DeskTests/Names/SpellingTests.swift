import Kernel
import Testing

@testable import Desk

/// "é" as one scalar and as two: the same to `String`, and not the same name.
@Suite("Names are compared by their bytes")
struct SpellingTests {
  private static let composed = "jos\u{E9}"
  private static let decomposed = "jose\u{301}"

  private static func desk(_ level: Level) -> Desk {
    var desk = Desk()
    desk.state.level = level
    return desk
  }

  @Test("a customer whose name is another's in other code points has nothing of theirs")
  func customers() {
    var desk = Self.desk(.second)
    let id = desk.open(Self.composed)
    let other = Person.customer(Self.decomposed)
    #expect(!desk.state.mayFollow(other, session: id) && !desk.state.maySend(other, session: id))
    #expect(desk.send(id, "m1", by: other).answer == .refused(.forbidden))
    #expect(desk.close(id, by: other).answer == .refused(.forbidden))
    #expect(desk.open(Self.decomposed) != id)
    #expect(desk.open(Self.composed) == id)
  }

  @Test("reading is by bytes at level 1 as well: it changes no state")
  func reading() {
    var desk = Self.desk(.first)
    let id = desk.open(Self.composed)
    let other = Person.customer(Self.decomposed)
    #expect(!desk.state.mayFollow(other, session: id) && !desk.state.maySend(other, session: id))
    let send = SendMessage(
      session: id, epoch: Epoch(1), id: "m", sender: other, kind: .text, body: [])
    #expect(desk.state.foresee(.send(send)) == .doubtful(.refused(.forbidden)))
  }

  @Test("agents, skills and requests of other spellings are others")
  func others() throws {
    var desk = Self.desk(.second)
    desk.status(Self.composed, skills: [Self.composed, Self.decomposed], capacity: 5)
    desk.status(Self.decomposed, skills: [Self.decomposed], capacity: 5, connection: 2)
    #expect(desk.state.agents().count == 2)
    #expect(desk.state.agent(AgentID(Self.composed))?.skills.count == 2)
    #expect(AgentID(Self.composed) != AgentID(Self.decomposed))
    let first = desk.open("a", skill: Self.composed)
    #expect(desk.state.session(first)?.agents == [AgentID(Self.composed)])
    // The one with fewer chats serves the skill that both have.
    let second = desk.open("b", skill: Self.decomposed)
    #expect(desk.state.session(second)?.agents == [AgentID(Self.decomposed)])
    #expect(desk.open("c", request: Self.composed) != desk.open("c", request: Self.decomposed))
    let agent = Person.agent(Self.decomposed)
    #expect(!desk.state.maySend(agent, session: first) && desk.state.maySend(agent, session: second))
    let copy = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(copy.agents().count == 2 && copy.checkInvariants().isEmpty)
  }

  @Test("at level 1 every spelling is read as the first one, as nodes of the previous release do")
  func levelOne() throws {
    var desk = Self.desk(.first)
    desk.status("kim", skills: [Self.decomposed], capacity: 1)
    let id = desk.open(Self.composed, request: Self.composed, skill: Self.composed)
    #expect(desk.agents(of: id) == ["kim"], "kim has the skill by another spelling")
    #expect(desk.open(Self.decomposed, request: Self.decomposed, skill: Self.decomposed) == id)
    desk.status(Self.composed, connection: 2)
    desk.status(Self.decomposed, .away, connection: 2)
    #expect(desk.state.agents().count == 2)
    #expect(desk.state.agent(AgentID(Self.decomposed))?.status == .away)
    #expect(
      desk.transfer(id, to: .agent(AgentID(Self.composed)), by: .supervisor("sue")).answer
        == .refused(.agentUnavailable))
    // A node that begins with a snapshot goes on in the same way.
    var copy = desk
    copy.state = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    for spelling in [Self.composed, Self.decomposed] {
      #expect(copy.open(spelling, request: spelling, skill: spelling) == id)
      #expect(
        copy.send(id, "m", by: .customer(spelling)).answer == desk.send(id, "m", by: .customer(spelling)).answer
      )
    }
    // With the level the spellings part.
    desk.state.level = .second
    #expect(desk.open(Self.composed, request: Self.composed, skill: Self.composed) != id)
  }
}
