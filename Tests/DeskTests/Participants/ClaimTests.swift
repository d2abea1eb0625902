import Kernel
import Testing

@testable import Desk

@Suite("Claims")
struct ClaimTests {
  /// Nobody is given anything but by hand.
  private static func desk() -> Desk {
    var desk = Desk.newest
    desk.policy(Policy(algorithm: .manual))
    return desk
  }

  @Test("an agent takes who waits, and the next one is told that it is taken")
  func claim() {
    var desk = Self.desk()
    desk.agent("ann")
    desk.agent("bob")
    let session = desk.open()
    #expect(desk.agents(of: session) == [])
    let outcome = desk.perform(Claim(session: session), by: .agent("bob"))
    #expect(outcome.answer == .done && outcome.effects == [.session(session, .assigned(AgentID("bob")))])
    #expect(desk.perform(Claim(session: session), by: .agent("ann")).answer == .refused(.taken))
    let again = desk.perform(Claim(session: session), by: .agent("bob"))
    #expect(again.answer == .done && again.effects.isEmpty)
    #expect(desk.agents(of: session) == ["bob"])
    #expect(desk.state.assignments(of: session).last?.agent == "bob")
  }

  @Test("it has to serve the line, be online, and have room; a supervisor has to be an agent")
  func refusals() {
    var desk = Self.desk()
    desk.agent("ann", levels: ["tax": 1_000], capacity: 1)
    desk.agent("bob")
    desk.agent("eve", .away)
    let (tax, other) = (desk.open("c1", skill: "tax"), desk.open("c2"))
    #expect(desk.perform(Claim(session: tax), by: .agent("bob")).answer == .refused(.forbidden))
    #expect(desk.perform(Claim(session: other), by: .agent("eve")).answer == .refused(.agentUnavailable))
    #expect(desk.perform(Claim(session: other), by: .agent("zoe")).answer == .refused(.noSuchAgent))
    #expect(desk.perform(Claim(session: other), by: .supervisor("zoe")).answer == .refused(.noSuchAgent))
    #expect(desk.perform(Claim(session: tax), by: .agent("ann")).answer == .done)
    #expect(desk.perform(Claim(session: other), by: .agent("ann")).answer == .refused(.agentUnavailable))
    // A supervisor may take from any line.
    let second = desk.open("c3", skill: "tax")
    #expect(desk.perform(Claim(session: second), by: .supervisor("bob")).answer == .done)
    #expect(desk.agents(of: second) == ["bob"])
    desk.close(other, by: .customer("c2"))
    #expect(desk.perform(Claim(session: other), by: .agent("bob")).answer == .refused(.sessionClosed))
  }

  @Test("a step of the policy opens a session to those whom it names")
  func widened() {
    var desk = Desk.newest
    desk.policy(
      Policy(algorithm: .skill, steps: [PolicyStep(after: 1_000, skill: "general")]))
    desk.agent("bob", levels: ["general": 1_000], capacity: 0)
    let session = desk.open("c1", skill: "tax")
    #expect(desk.perform(Claim(session: session), by: .agent("bob")).answer == .refused(.forbidden))
    desk.pass(1_000)
    #expect(desk.perform(Claim(session: session), by: .agent("bob")).answer == .refused(.agentUnavailable))
  }

  @Test("one whose customer is gone is in no line, and can be taken")
  func absent() {
    var desk = Self.desk()
    desk.agent("bob")
    let session = desk.open()
    let absence = SetAttendance.Absence(epoch: Epoch(1), queueGrace: 60_000, openGrace: 0)
    desk.apply(.attend(SetAttendance(session: session, absence: absence)))
    #expect(desk.perform(Claim(session: session), by: .agent("bob")).answer == .done)
    #expect(desk.agents(of: session) == ["bob"])
  }
}
