import Kernel
import Testing

@testable import Desk

@Suite("Assignments are explained")
struct ExplainTests {
  @Test("by which policy, among whom, what was compared, what decided, and why not the others")
  func chosen() throws {
    var desk = Desk.newest
    desk.policy(Policy(algorithm: .skill), channel: "web")
    desk.agent("a", levels: ["tax": 700])
    desk.agent("b", levels: ["tax": 700])
    desk.agent("c", levels: ["tax": 100])
    desk.agent("full", levels: ["tax": 900], capacity: 0)
    desk.agent("gone", .away, levels: ["tax": 900])
    desk.agent("other")
    let session = desk.open("one", skill: "tax")
    let explanation = try desk.explanation(of: session)
    let why = try #require(explanation.assignments.last)
    #expect(why.agent == "a" && why.way == .chosen && why.candidates == 3 && why.tie == .id)
    #expect(why.policy.channel == "web" && why.policy.version == 1 && why.policy.algorithm == .skill)
    #expect(why.best.map(\.agent) == ["a", "b", "c"] && why.best.map(\.score) == [700, 700, 100])
    #expect(why.best.allSatisfy { $0.chats == 0 && $0.capacity == 10 })
    let excluded = why.excluded.map { "\($0.reason.name) \($0.agents)" }
    #expect(excluded == ["away 1", "skill 1", "full 1"])
    #expect(explanation.wait == nil)
  }

  @Test("the last four are kept, of whichever way")
  func last() throws {
    var desk = Desk.newest
    let session = desk.open("one")
    desk.agent("a", capacity: 1)
    desk.agent("b", capacity: 1)
    for number in 0..<5 {
      let target = desk.agents(of: session) == ["a"] ? "b" : "a"
      desk.time += 1
      #expect(
        desk.transfer(session, to: .agent(AgentID(target)), by: .supervisor("kim"), request: "t\(number)")
          .answer
          == .done)
    }
    let explanation = try desk.explanation(of: session)
    #expect(explanation.assignments.map(\.way) == [.handed, .handed, .handed, .handed])
    #expect(explanation.assignments.map(\.agent) == ["a", "b", "a", "b"])
    let other = desk.open("two")
    desk.close(session, by: .customer("one"))
    #expect(try desk.explanation(of: other).assignments.first?.way == .chosen)
  }

  @Test("one who waits is told who could serve it, and why they do not")
  func waits() throws {
    var desk = Desk.newest
    desk.policy(
      Policy(algorithm: .skill, steps: [PolicyStep(after: 0, minLevel: 500), PolicyStep(after: 9_000)]))
    desk.agent("anna", levels: ["tax": 900], capacity: 1)
    desk.agent("bo", .away, levels: ["tax": 900])
    desk.agent("low", levels: ["tax": 100])
    desk.agent("other")
    desk.open("first", skill: "tax")
    let session = desk.open("second", skill: "tax", priority: 1)
    let wait = try #require(try desk.explanation(of: session).wait)
    #expect(
      wait.agents.map { "\($0.agent) \($0.reason.name) \($0.chats)/\($0.capacity)" } == [
        "anna full 1/1", "bo away 0/10", "low narrowed 0/10",
      ])
    #expect(
      wait.excluded.map { "\($0.reason.name) \($0.agents)" } == ["away 1", "skill 1", "full 1", "narrowed 1"])
    #expect(
      wait.position == 1 && wait.step == 1 && wait.nextStep == desk.time + 9_000 && wait.policy.version == 1)
    desk.policy(Policy(algorithm: .manual))
    #expect(try desk.explanation(of: session).wait?.excluded.first?.reason == .manual)
  }

  @Test("a session that there is not is not explained, and customers are told nothing")
  func nobody() throws {
    let desk = Desk.newest
    #expect(throws: Failure.self) { try desk.explanation(of: SessionID(rawValue: 1 << 12)) }
    #expect(throws: Failure.self) { try Explain.check(.customer) }
  }
}
