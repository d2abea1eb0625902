import Desk
import Testing

@Suite("Agents' status and presence")
struct StatusTests {
  @Test("the first word of an agent makes it known, with room for one chat")
  func firstWord() throws {
    var desk = Desk()
    let outcome = desk.status("bob", .away, connection: 4)
    #expect(outcome.answer == .done && outcome.effects == [.agent(.main, AgentID("bob"))])
    let agent = try #require(desk.state.agent(AgentID("bob")))
    #expect(agent.name == "BOB" && agent.status == .away && agent.capacity == 1 && agent.skills.isEmpty)
    #expect(agent.presences == [Presence(server: Desk.one, connection: 4)] && agent.chats.isEmpty)
    #expect(desk.state.agentCounts.away == 1 && desk.state.agentCounts.offline == 0)
  }

  @Test("what is not said stays as it was; what is said is put in order")
  func partial() {
    var desk = Desk()
    desk.status("bob", skills: ["tax", "", "billing", "tax"], capacity: 3)
    desk.status("bob", .busy)
    let agent = desk.state.agent(AgentID("bob"))
    #expect(agent?.skills.map(\.skill) == ["billing", "tax"] && agent?.capacity == 3 && agent?.status == .busy)
    desk.status("bob", skills: [])
    #expect(desk.state.agent(AgentID("bob"))?.skills.isEmpty == true)
  }

  @Test("nothing new is no effect")
  func unchanged() {
    var desk = Desk()
    desk.status("bob", skills: ["tax"], capacity: 2)
    #expect(desk.status("bob", skills: ["tax"], capacity: 2).effects.isEmpty)
    #expect(desk.status("bob", connection: 2).effects == [.agent(.main, AgentID("bob"))])
  }

  @Test("several connections are one agent, who stays as long as one of them does")
  func manyConnections() {
    var desk = Desk()
    desk.status("bob", connection: 1)
    desk.status("bob", connection: 2)
    desk.status("bob", connection: 1, server: Desk.two)
    let bob = AgentID("bob")
    let item = { (connection: UInt64) in EndPresences.Item(agent: bob, connection: connection) }
    let outcome = desk.apply(.endPresences(EndPresences(server: Desk.one, items: [item(2), item(9), item(1)])))
    #expect(outcome.answer == .done && outcome.effects == [.agent(.main, bob), .agent(.main, bob)])
    #expect(desk.state.agent(bob)?.status == .online)
    desk.apply(.endPresences(EndPresences(server: Desk.two, items: [item(1)])))
    #expect(desk.state.agent(bob)?.status == .offline && desk.state.agentCounts.offline == 1)
    let unknown = EndPresences.Item(agent: AgentID("nobody"), connection: 1)
    #expect(desk.apply(.endPresences(EndPresences(server: Desk.one, items: [unknown]))).effects.isEmpty)
  }

  @Test("offline on one connection is offline, and the next word on another brings the agent back")
  func saysOffline() {
    var desk = Desk()
    let bob = AgentID("bob")
    desk.status("bob", connection: 1)
    desk.status("bob", connection: 2)
    desk.status("bob", .offline, connection: 1)
    #expect(desk.state.agent(bob)?.status == .offline)
    #expect(desk.state.agent(bob)?.presences == [Presence(server: Desk.one, connection: 2)])
    let waiting = desk.open()
    #expect(desk.agents(of: waiting).isEmpty)
    desk.status("bob", .online, connection: 2)
    #expect(desk.agents(of: waiting) == ["bob"])
  }

  @Test("all presences of a server end together, and nobody else's")
  func serverRestart() {
    var desk = Desk()
    for (number, name) in ["zoe", "bob", "kim"].enumerated() { desk.status(name, connection: UInt64(number)) }
    desk.status("kim", connection: 7, server: Desk.two)
    let outcome = desk.apply(.endPresences(EndPresences(server: Desk.one, items: nil)))
    #expect(
      outcome.effects == [
        .agent(.main, AgentID("bob")), .agent(.main, AgentID("kim")), .agent(.main, AgentID("zoe")),
      ])
    #expect(desk.state.agent(AgentID("kim"))?.status == .online)
    #expect(desk.state.agentCounts.offline == 2 && desk.state.agentCounts.online == 1)
    #expect(desk.state.agents().map(\.id.rawValue) == ["bob", "kim", "zoe"])
  }

  @Test("an agent who is gone keeps its chats, and finds them again")
  func keepsChats() {
    var desk = Desk()
    desk.status("bob", capacity: 2)
    let id = desk.open()
    desk.apply(.endPresences(EndPresences(server: Desk.one, items: nil)))
    #expect(desk.state.main.sessions(of: AgentID("bob")) == [id] && desk.state.session(id)?.state == .active)
    let waiting = desk.open("carol")
    #expect(desk.state.position(of: waiting)?.position == 1)
    desk.status("bob", connection: 9)
    #expect(desk.state.main.sessions(of: AgentID("bob")) == [id, waiting])
  }

  @Test("lowering the capacity drops no chat and takes no new one")
  func lowersCapacity() {
    var desk = Desk()
    desk.status("bob", capacity: 3)
    let ids = ["a", "b", "c"].map { desk.open($0) }
    desk.status("bob", capacity: 1)
    #expect(desk.state.main.sessions(of: AgentID("bob")) == ids)
    let waiting = desk.open("d")
    desk.close(ids[0], by: .customer("a"))
    desk.close(ids[1], by: .customer("b"))
    #expect(desk.state.position(of: waiting)?.position == 1)
    desk.close(ids[2], by: .customer("c"))
    #expect(desk.agents(of: waiting) == ["bob"])
    desk.status("bob", capacity: 0)
    #expect(desk.state.main.sessions(of: AgentID("bob")) == [waiting])
  }
}
