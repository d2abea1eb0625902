import Kernel
import Testing

@testable import Desk

@Suite("Time behind a chat")
struct WrapUpTests {
  private var desk = Desk.newest

  init() { desk.policy(Policy(algorithm: .leastConnections, wrapUp: 1_000)) }

  @Test("a chat that is over takes its room until the time is over, and the next one is given then")
  mutating func time() throws {
    desk.agent("bob", capacity: 1)
    let (first, second) = (desk.open("c1"), desk.open("c2"))
    desk.close(first, by: .customer("c1"))
    #expect(desk.agents(of: second).isEmpty && desk.state.nextDeadline == desk.time + 1_000)
    try desk.reload()
    desk.pass(999)
    #expect(desk.agents(of: second).isEmpty)
    let outcome = desk.pass(1)
    #expect(
      outcome.effects.prefix(2) == [.agent(.main, AgentID("bob")), .session(second, .assigned(AgentID("bob")))])
    #expect(desk.state.nextDeadline == nil)
  }

  @Test("a word of the agent ends it, of one chat or of all")
  mutating func ready() {
    desk.agent("bob", capacity: 3)
    let sessions = (0..<3).map { desk.open("c\($0)") }
    for (place, session) in sessions.enumerated() { desk.close(session, by: .customer("c\(place)")) }
    let waiting = (3..<6).map { desk.open("c\($0)") }
    #expect(desk.state.agent(AgentID("bob"))?.wrappingUp == sessions)
    #expect(desk.arrange(EndWrapUp(session: sessions[1]), by: .agent("bob")).answer == .done)
    #expect(waiting.map { desk.agents(of: $0) } == [["bob"], [], []])
    #expect(desk.arrange(EndWrapUp(session: waiting[0]), by: .agent("bob")).effects.isEmpty)
    desk.arrange(EndWrapUp(), by: .agent("bob"))
    #expect(waiting.map { desk.agents(of: $0) } == [["bob"], ["bob"], ["bob"]])
    #expect(desk.arrange(EndWrapUp(), by: .agent("bob")).answer == .done && desk.state.nextDeadline == nil)
  }

  @Test("whoever gives a chat away has it as well; whoever loses one has not")
  mutating func givenAway() {
    desk.agent("bob", capacity: 1)
    let session = desk.open()
    desk.agent("eve")
    desk.perform(Transfer(session: session, agent: "eve"), by: .agent("bob"))
    #expect(desk.state.agent(AgentID("bob"))?.wrappingUp == [session])
    desk.end("eve", connection: 1, grace: 100)
    desk.pass(100)
    #expect(desk.state.agent(AgentID("eve"))?.wrappingUp == [])
  }

  @Test("without such a policy, and below level 10, a chat that is over is over")
  mutating func off() {
    desk.policy(Policy(algorithm: .leastConnections))
    desk.agent("bob", capacity: 1)
    let (first, second) = (desk.open("c1"), desk.open("c2"))
    desk.close(first, by: .customer("c1"))
    #expect(desk.agents(of: second) == ["bob"])
  }

  @Test("one entry ends no more of it than it may")
  mutating func bounded() {
    for number in 0..<6 { desk.agent("a\(number)", capacity: 1) }
    let sessions = (0..<6).map { desk.open("c\($0)") }
    for (place, session) in sessions.enumerated() { desk.close(session, by: .customer("c\(place)")) }
    desk.pass(1_000, limit: 4)
    #expect(desk.state.agents().count { $0.wrappingUp.isEmpty } == 4)
    desk.pass(0, limit: 4)
    #expect(desk.state.nextDeadline == nil)
  }
}
