import Desk
import Testing

@Suite("Agents who are gone")
struct GraceTests {
  private let bob = AgentID("bob")
  private let kim = AgentID("kim")

  @Test("who is back in time keeps its chats, and nothing is told to anybody")
  func back() {
    var desk = Desk()
    desk.status("bob", capacity: 2)
    let id = desk.open()
    desk.end("bob")
    #expect(desk.state.nextDeadline == 6_000 && desk.state.agent(bob)?.deadline == 6_000)
    #expect(desk.pass(4_999).effects == [.timePassed(chats: 0)])
    desk.status("bob", connection: 2, server: Desk.two)
    #expect(desk.state.nextDeadline == nil)
    #expect(desk.pass(60_000).effects == [.timePassed(chats: 0)])
    #expect(desk.agents(of: id) == ["bob"])
  }

  @Test("who is not loses them, once, at the time of the entry")
  func late() {
    var desk = Desk()
    desk.status("bob", capacity: 2)
    let ids = [desk.open("a"), desk.open("b")]
    desk.end("bob")
    desk.status("kim", connection: 2)
    // The first in line goes to whoever is free, the other one waits.
    let outcome = desk.pass(5_000)
    #expect(
      outcome.effects == [
        .session(ids[0], .released(by: bob)), .session(ids[0], .assigned(kim)),
        .session(ids[1], .released(by: bob)), .session(ids[1], .queued(position: 1)), .timePassed(chats: 2),
      ])
    #expect(desk.pass(0).effects == [.timePassed(chats: 0)])
    #expect(desk.state.nextDeadline == nil && desk.state.session(ids[1])?.state == .queued)
    // Back too late, the agent is one of those who are free.
    desk.status("bob")
    #expect(desk.agents(of: ids[1]) == ["bob"])
  }

  @Test("chats go back to their old place: by priority, then by arrival")
  func oldPlace() {
    var desk = Desk()
    desk.status("bob", capacity: 3)
    let low = desk.open("a")
    let high = desk.open("b", priority: 5)
    let middle = desk.open("c")
    let waiting = [desk.open("d"), desk.open("e", priority: 5)]
    desk.end("bob")
    let outcome = desk.pass(5_000)
    #expect(desk.state.main.queue(of: "") == [high, waiting[1], low, middle, waiting[0]])
    #expect(outcome.effects.contains(.session(middle, .queued(position: 4))))
    #expect(desk.state.position(of: waiting[0])?.position == 5)
    #expect(desk.send(low, "m", by: .agent("bob")).answer == .refused(.forbidden))
  }

  @Test("a part of the chats at a time; who comes back in between keeps the rest")
  func parts() {
    var desk = Desk()
    desk.status("bob", capacity: 5)
    let ids = (0..<5).map { desk.open("c\($0)") }
    desk.end("bob")
    #expect(desk.pass(5_000, limit: 2).effects.last == .timePassed(chats: 2))
    #expect(desk.state.nextDeadline == 6_000 && desk.state.main.sessions(of: bob) == Array(ids[2...]))
    desk.pass(0, limit: 1)
    desk.status("bob", .away, connection: 3)
    #expect(desk.pass(0).effects == [.timePassed(chats: 0)])
    #expect(desk.state.main.sessions(of: bob) == Array(ids[3...]))
  }

  @Test("several agents lose their chats in the order of their deadlines")
  func order() {
    var desk = Desk()
    desk.status("bob", connection: 1)
    desk.status("kim", connection: 2)
    let ids = [desk.open("a"), desk.open("b")]
    desk.end("kim", connection: 2, grace: 1_000)
    desk.end("bob", grace: 2_000)
    #expect(desk.state.nextDeadline == 2_000)
    desk.pass(1_500)
    #expect(desk.state.nextDeadline == 3_000)
    #expect(ids.map { desk.agents(of: $0) } == [["bob"], []])
  }

  @Test("a lost server starts the same time for its agents, unless they are connected elsewhere")
  func serverLost() {
    var desk = Desk()
    desk.status("bob", capacity: 1)
    desk.status("kim", capacity: 1, connection: 2)
    let ids = [desk.open("a", owner: Desk.two), desk.open("b", owner: Desk.two)]
    desk.status("kim", connection: 9, server: Desk.two)
    desk.lose(Desk.one, to: [Desk.two])
    desk.pass(5_000)
    #expect(ids.map { desk.agents(of: $0) } == [[], ["kim"]])
  }

  @Test("who says offline has the same time, and saying it again does not prolong it")
  func saysOffline() {
    var desk = Desk()
    desk.status("bob", connection: 1)
    desk.status("bob", connection: 2)
    let id = desk.open()
    desk.status("bob", .offline, connection: 1, grace: 5_000)
    desk.time += 4_000
    desk.status("bob", .offline, connection: 2, grace: 5_000)
    desk.end("bob", connection: 2)
    #expect(desk.state.nextDeadline == 6_000)
    desk.pass(1_000)
    #expect(desk.state.session(id)?.state == .queued)
  }

  @Test("no deadline without chats: closed while the agent is gone, or never there")
  func nothingToLose() {
    var desk = Desk()
    desk.status("bob")
    desk.status("kim", connection: 2)
    let id = desk.open()
    desk.end("bob")
    desk.end("kim", connection: 2)
    #expect(desk.state.agent(kim)?.deadline == nil)
    desk.close(id)
    #expect(desk.state.nextDeadline == nil && desk.pass(9_999).effects == [.timePassed(chats: 0)])
  }

  @Test("an agent of whom an old log says nothing keeps its chats; the next word with a time starts it")
  func withoutGrace() {
    var desk = Desk()
    desk.status("bob")
    let id = desk.open()
    desk.apply(.endPresences(EndPresences(server: Desk.one, items: nil)))
    #expect(desk.pass(1_000_000).effects == [.timePassed(chats: 0)])
    #expect(desk.agents(of: id) == ["bob"])
    desk.status("bob", .offline, grace: 1_000)
    desk.pass(1_000)
    #expect(desk.agents(of: id).isEmpty)
  }

  @Test("no grace is none, and the longest does not overflow", arguments: [0, .max])
  func extremes(grace: UInt64) {
    var desk = Desk()
    desk.status("bob")
    let id = desk.open()
    desk.end("bob", grace: grace)
    desk.pass(0)
    #expect(desk.agents(of: id).isEmpty == (grace == 0))
  }

  @Test("the estimate counts the time since the chat waits again, not since it was opened")
  func estimate() {
    var desk = Desk()
    desk.status("bob", capacity: 2)
    let ids = [desk.open("a"), desk.open("b")]
    desk.time += 3_600_000
    desk.end("bob")
    desk.pass(5_000)
    #expect(desk.state.session(ids[0])?.queuedAt == 3_606_000)
    desk.time += 1_000
    desk.status("kim", capacity: 1, connection: 2)
    #expect(desk.state.position(of: ids[1])?.etaMilliseconds == 1_000)
  }
}
