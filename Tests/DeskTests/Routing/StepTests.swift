import Kernel
import Testing

@testable import Desk

@Suite("Steps widen who may be asked")
struct StepTests {
  private static let levels = Policy(
    algorithm: .skill,
    steps: [
      PolicyStep(after: 0, minLevel: 800), PolicyStep(after: 30_000, minLevel: 300),
      PolicyStep(after: 60_000, skill: "general"),
    ])

  @Test("a lower level is asked when the wait is long enough, and not before; then another skill as well")
  func levels() {
    var desk = Desk.newest
    desk.policy(Self.levels)
    desk.agent("low", levels: ["tax": 300], capacity: 1)
    desk.agent("other", levels: ["general": 1_000])
    let first = desk.open("a", skill: "tax")
    let second = desk.open("b", skill: "tax")
    #expect(desk.state.nextDeadline == desk.time + 30_000)
    desk.pass(29_999)
    #expect(desk.agents(of: first).isEmpty)
    desk.pass(1)
    #expect(desk.agents(of: first) == ["low"] && desk.agents(of: second).isEmpty)
    #expect(desk.state.position(of: second)?.position == 1)
    desk.pass(30_000)
    #expect(desk.agents(of: second) == ["other"] && desk.state.nextDeadline == nil)
  }

  @Test("whoever gets room takes only whom the step lets it, and a better one takes first whom it may")
  func gates() {
    var desk = Desk.newest
    desk.policy(Self.levels)
    let first = desk.open("a", skill: "tax")
    let general = desk.open("g", skill: "general")
    desk.agent("low", levels: ["tax": 300])
    #expect(desk.agents(of: first).isEmpty)
    desk.agent("high", levels: ["tax": 800])
    #expect(desk.agents(of: first) == ["high"])
    let second = desk.open("b", skill: "tax")
    #expect(desk.agents(of: second) == ["high"])
    #expect(desk.agents(of: general).isEmpty)
  }

  @Test("named agents are asked whatever they know, and nobody else until the next step")
  func named() {
    var desk = Desk.newest
    desk.policy(
      Policy(
        algorithm: .leastConnections,
        steps: [PolicyStep(after: 0, agents: [AgentID("ann")]), PolicyStep(after: 10_000)]))
    desk.agent("bob", levels: ["tax": 1_000])
    let first = desk.open("a", skill: "tax")
    #expect(desk.agents(of: first).isEmpty)
    desk.agent("ann")
    #expect(desk.agents(of: first) == ["ann"])
    desk.agent("ann", .away)
    let second = desk.open("b", skill: "tax")
    #expect(desk.state.main.queue(of: "tax") == [second])
    desk.pass(10_000)
    #expect(desk.agents(of: second) == ["bob"])
  }

  @Test("before the first step begins, whoever has the skill is asked")
  func before() {
    var desk = Desk.newest
    desk.policy(Policy(algorithm: .leastConnections, steps: [PolicyStep(after: 5_000, skill: "general")]))
    desk.agent("ann", levels: ["tax": 1], capacity: 1)
    #expect(desk.serving("a", skill: "tax") == ["ann"])
    let waiting = desk.open("b", skill: "tax")
    desk.agent("bob", levels: ["general": 1])
    #expect(desk.agents(of: waiting).isEmpty)
    desk.pass(5_000)
    #expect(desk.agents(of: waiting) == ["bob"])
    // Those of its own skill are still asked.
    let next = desk.open("c", skill: "tax")
    desk.agent("bob", .away, levels: ["general": 1])
    desk.pass(5_000)
    desk.agent("ann", levels: ["tax": 1], capacity: 2)
    #expect(desk.agents(of: next) == ["ann"])
  }

  @Test("steps count from when it waits, also for whoever waits again, and for a customer who was away")
  func again() {
    var desk = Desk.newest
    desk.policy(Self.levels)
    desk.agent("high", levels: ["tax": 900], capacity: 1)
    let session = desk.open("a", skill: "tax")
    desk.agent("low", levels: ["tax": 300])
    desk.pass(50_000)
    desk.status("high", .offline, grace: 10)
    desk.pass(20)
    #expect(desk.agents(of: session).isEmpty && desk.state.nextDeadline == desk.time + 30_000)
    let epoch = Epoch(1)
    let gone = SetAttendance.Absence(epoch: epoch, queueGrace: 90_000, openGrace: 0)
    desk.apply(.attend(SetAttendance(session: session, absence: gone)))
    desk.pass(40_000)
    #expect(desk.agents(of: session).isEmpty)
    desk.apply(.attend(SetAttendance(session: session, absence: nil)))
    #expect(desk.agents(of: session) == ["low"])
  }

  @Test("a policy that is replaced moves the steps of those who wait")
  func replaced() {
    var desk = Desk.newest
    desk.policy(Self.levels)
    desk.agent("low", levels: ["tax": 300])
    let session = desk.open("a", skill: "tax")
    desk.policy(
      Policy(algorithm: .skill, steps: [PolicyStep(after: 0, minLevel: 800), PolicyStep(after: 90_000)]))
    desk.pass(30_000)
    #expect(desk.agents(of: session).isEmpty && desk.state.nextDeadline == desk.time + 60_000)
    desk.policy(Policy(algorithm: .skill))
    #expect(desk.agents(of: session) == ["low"] && desk.state.nextDeadline == nil)
  }
}
