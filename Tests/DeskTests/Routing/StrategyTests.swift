import Kernel
import Testing

@testable import Desk

@Suite("Rules by which an agent is chosen")
struct StrategyTests {
  /// Each opens a session, is served, and goes.
  private func order(_ desk: inout Desk, _ count: Int, skill: String = "", stays: Bool = false) -> String {
    var order = ""
    for number in 0..<count {
      desk.time += 1_000
      let customer = "c\(number)-\(desk.index)"
      let session = desk.open(customer, skill: skill)
      order += desk.agents(of: session).first ?? "-"
      if !stays { desk.close(session, by: .customer(customer)) }
    }
    return order
  }

  private func expect(_ found: String, _ wanted: String, location: SourceLocation = #_sourceLocation) {
    #expect(found == wanted, sourceLocation: location)
  }

  @Test("smooth weighted round robin spreads the heavier ones, and is in proportion")
  func smooth() {
    var desk = Desk.newest
    desk.policy(
      Policy(
        algorithm: .weightedRoundRobin,
        weights: [AgentWeight(agent: AgentID("A"), weight: 3), AgentWeight(agent: AgentID("B"), weight: 1)]))
    desk.agent("A", capacity: 100)
    desk.agent("B", capacity: 100)
    expect(order(&desk, 8), "ABAAABAA")
    // Five, one and one, as nginx says it: no agent is asked twice in a row where it need not be.
    var three = Desk.newest
    three.policy(
      Policy(algorithm: .weightedRoundRobin, weights: [AgentWeight(agent: AgentID("a"), weight: 5)]))
    for agent in ["a", "b", "c"] { three.agent(agent) }
    expect(order(&three, 7), "aabacaa")
  }

  @Test("who has weight 0 is never asked, not even when it gets room; who is away gains nothing meanwhile")
  func weightZero() {
    var desk = Desk.newest
    desk.policy(
      Policy(algorithm: .weightedRoundRobin, weights: [AgentWeight(agent: AgentID("A"), weight: 0)]))
    let waiting = desk.open("first")
    desk.agent("A")
    #expect(desk.agents(of: waiting).isEmpty)
    desk.agent("B")
    #expect(desk.agents(of: waiting) == ["B"])
    desk.agent("C", .away)
    expect(order(&desk, 4), "BBBB")
    desk.agent("C")
    expect(order(&desk, 4), "CBCB")
    // A policy that is set anew begins anew.
    desk.policy(Policy(algorithm: .weightedRoundRobin))
    expect(String(order(&desk, 3).sorted()), "ABC")
  }

  @Test("round robin asks who was asked longest ago in this line; nobody who comes back catches up")
  func roundRobin() {
    var desk = Desk.newest
    desk.policy(Policy(algorithm: .roundRobin))
    for agent in ["a", "b", "c"] { desk.agent(agent) }
    expect(order(&desk, 4), "abca")
    desk.agent("c", .away)
    expect(order(&desk, 4), "baba")
    desk.agent("c")
    // Next once, and then in turn.
    expect(order(&desk, 5), "cbacb")
    desk.agent("d")
    expect(order(&desk, 4), "dacb")
  }

  @Test("round robin counts each line by itself")
  func turnsOfLines() {
    var desk = Desk.newest
    desk.policy(Policy(algorithm: .roundRobin))
    for agent in ["a", "b"] { desk.agent(agent, levels: ["tax": 1_000]) }
    let order = ["", "tax", "", "tax"].map { self.order(&desk, 1, skill: $0) }
    #expect(order == ["a", "a", "b", "b"])
  }

  @Test("by skill the highest level is asked, then the least loaded; without a skill the least loaded alone")
  func skill() {
    var desk = Desk.newest
    desk.policy(Policy(algorithm: .skill))
    desk.agent("a", levels: ["tax": 400])
    desk.agent("b", levels: ["tax": 900], capacity: 2)
    desk.agent("c", levels: ["tax": 900])
    expect(order(&desk, 5, skill: "tax", stays: true), "ccccb")
    expect(order(&desk, 1, stays: true), "a")
  }

  @Test("by weighted load it is the level over the chats; who has not the skill counts as half")
  func weightedLoad() {
    var desk = Desk.newest
    desk.policy(
      Policy(
        algorithm: .weightedLoad,
        steps: [PolicyStep(after: 0), PolicyStep(after: 1, agents: [AgentID("z")])]))
    desk.agent("a", levels: ["tax": 1_000])
    desk.agent("b", levels: ["tax": 400])
    // 1000, then 500 against 400, then 333 against 400, then 333 against 200, 250 and 200, 200 and 200.
    expect(order(&desk, 6, skill: "tax", stays: true), "aabaab")
    desk.agent("z")
    #expect(desk.state.main.agent(AgentID("z"))?.level(of: "tax") == nil)
    var two = Desk.newest
    two.policy(
      Policy(algorithm: .weightedLoad, steps: [PolicyStep(after: 0, agents: [AgentID("y"), AgentID("z")])]))
    two.agent("y", levels: ["tax": 400])
    two.agent("z")
    #expect(two.serving("one", skill: "tax") == ["z"])
  }

  @Test("the composite goes by the load after the assignment, the occupancy and the first words")
  func composite() throws {
    var shares = CompositeShares()
    (shares.queue, shares.busy, shares.delay) = (0, 0, 1_000)
    var desk = Desk.newest
    desk.policy(Policy(algorithm: .composite, composite: shares))
    desk.agent("a")
    desk.agent("b")
    // Ann takes a minute for her first words, Bob a second.
    for (agent, pause) in [("a", 60_000), ("b", 1_000)] as [(String, UInt64)] {
      let session = desk.open("c-\(agent)")
      #expect(desk.agents(of: session) == [agent])
      desk.time += pause
      desk.send(session, "m", by: .agent(agent))
      desk.send(session, "n", by: .agent(agent))
      desk.close(session, by: .customer("c-\(agent)"))
      #expect(desk.state.agent(AgentID(agent))?.work.replyMilliseconds == pause)
    }
    expect(order(&desk, 3), "bbb")
    // A new one counts as the mean of the others.
    desk.agent("c")
    expect(order(&desk, 3), "bbb")
    let late = desk.open("last")
    let last = try #require(desk.state.assignments(of: late).last)
    #expect(last.best.map(\.agent) == ["b", "c", "a"] && last.best.map(\.score) == [16, 508, 1_000])

    (shares.queue, shares.busy, shares.delay) = (0, 1_000, 0)
    var busy = Desk.newest
    busy.policy(Policy(algorithm: .composite, composite: shares))
    busy.agent("a")
    busy.agent("b")
    let session = busy.open("one")
    busy.time += 600_000
    busy.close(session, by: .customer("one"))
    busy.time += 600_000
    #expect(busy.serving("two") == ["b"])
    let third = busy.open("three")
    let why = try #require(busy.state.assignments(of: third).last)
    #expect(why.best.map(\.score) == [0, 500] && why.best.map(\.agent) == ["b", "a"])
  }

  @Test("what is manual waits in its place until somebody gives it to an agent")
  func manual() {
    var desk = Desk.newest
    desk.policy(Policy(algorithm: .manual), channel: "web")
    desk.agent("bob")
    let first = desk.open("a")
    let second = desk.open("b")
    #expect(desk.state.position(of: second)?.position == 2 && !desk.state.hasUnserved)
    desk.status("bob", .away)
    desk.status("bob", .online)
    #expect(desk.agents(of: first).isEmpty)
    #expect(desk.transfer(second, to: .agent(AgentID("bob")), by: .supervisor("kim")).answer == .done)
    #expect(desk.agents(of: second) == ["bob"] && desk.state.position(of: first)?.position == 1)
    desk.close(first, by: .customer("a"))
    #expect(desk.state.main.queue(of: "").isEmpty)
  }

  @Test("of very many who are free the first are compared, and that is said")
  func cut() throws {
    var desk = Desk.newest
    desk.policy(Policy(algorithm: .skill))
    for number in 0..<300 { desk.agent("a\(number)", levels: ["tax": 500]) }
    let one = desk.open("one", skill: "tax")
    let last = try #require(desk.state.assignments(of: one).last)
    #expect(last.isCut && last.candidates == 256 && last.best.count == 5)
    desk.agent("best", levels: ["law": 1])
    let two = desk.open("two", skill: "law")
    let law = try #require(desk.state.assignments(of: two).last)
    #expect(!law.isCut && law.agent == "best")
  }
}
