import Desk
import Testing

@Suite("A server is lost")
struct ServerLostTests {
  @Test("its sessions go to the heirs, balanced, under the next epoch")
  func balanced() {
    var desk = Desk()
    let mine = (0..<6).map { desk.open("a\($0)", owner: Desk.one) }
    let theirs = (0..<2).map { desk.open("b\($0)", owner: Desk.two) }
    desk.close(mine[5], by: .customer("a5"))
    let outcome = desk.apply(.serverLost(ServerLost(server: Desk.one, heirs: [Desk.two, Desk.three])))
    #expect(
      outcome.answer == .done
        && outcome.effects == [.serverLost(Desk.one, sessions: 5, agents: 0, more: false)])
    let owners = mine.map { desk.state.owner(of: $0)?.server.rawValue }
    #expect(owners == [3, 3, 2, 3, 2, 1])
    #expect(mine.map { desk.state.owner(of: $0)?.epoch.rawValue } == [2, 2, 2, 2, 2, 1])
    #expect(theirs.allSatisfy { desk.state.owner(of: $0)?.epoch == Epoch(1) })
    #expect(desk.state.ownedCounts == [Desk.two: 4, Desk.three: 3])
    #expect(desk.state.sessions(ownedBy: Desk.three) == [mine[0], mine[1], mine[3]])
  }

  @Test("its presences end, and its agents keep their chats")
  func presences() {
    var desk = Desk()
    desk.status("bob", server: Desk.one)
    desk.status("kim", server: Desk.two)
    let id = desk.open(owner: Desk.two)
    let outcome = desk.apply(.serverLost(ServerLost(server: Desk.one, heirs: [Desk.two])))
    #expect(
      outcome.effects == [
        .agent(.main, AgentID("bob")), .serverLost(Desk.one, sessions: 0, agents: 1, more: false),
      ])
    #expect(desk.agents(of: id) == ["bob"] && desk.state.agent(AgentID("bob"))?.status == .offline)
    #expect(desk.state.agent(AgentID("kim"))?.status == .online)
  }

  @Test("what is on a server is known, be it sessions or agents alone, until it is lost")
  func involved() {
    var desk = Desk()
    #expect(desk.state.involvedServers == [])
    desk.status("kim", server: Desk.three)
    desk.status("bob", server: Desk.one)
    let id = desk.open(owner: Desk.two)
    #expect(desk.state.involvedServers == [Desk.one, Desk.two, Desk.three])
    desk.apply(.serverLost(ServerLost(server: Desk.three, heirs: [Desk.two])))
    desk.close(id)
    #expect(desk.state.involvedServers == [Desk.one])
  }

  @Test("without heirs nothing happens; the lost server itself is none")
  func noHeirs() {
    var desk = Desk()
    desk.status("bob")
    let id = desk.open()
    for heirs in [[], [Desk.one], [Desk.one, Desk.one]] {
      let outcome = desk.apply(.serverLost(ServerLost(server: Desk.one, heirs: heirs)))
      #expect(outcome.answer == .done && outcome.effects.isEmpty)
    }
    #expect(desk.state.owner(of: id)?.epoch == Epoch(1) && desk.state.agentCounts.online == 1)
  }

  @Test("in parts it comes to the same as at once", arguments: [1, 2, 3, 7, 100])
  func parts(limit: UInt32) {
    var desk = Desk()
    for number in 0..<9 { desk.open("a\(number)", owner: Desk.one) }
    for number in 0..<3 { desk.open("b\(number)", owner: Desk.two) }
    for number in 0..<4 { desk.status("agent\(number)", connection: UInt64(number)) }
    var whole = desk
    let heirs = [Desk.two, Desk.three]
    whole.lose(Desk.one, to: heirs)
    var moved = 0
    var ended = 0
    var goesOn = true
    while goesOn {
      guard
        case .serverLost(Desk.one, let sessions, let agents, let more)? = desk.lose(
          Desk.one, to: heirs, limit: limit
        ).effects.last
      else {
        Issue.record("nothing happened")
        return
      }
      #expect(sessions + agents <= Int(limit) && sessions + agents > 0)
      moved += sessions
      ended += agents
      goesOn = more
    }
    #expect(moved == 9 && ended == 4 && !desk.state.isInvolved(Desk.one))
    #expect(desk.state.encodedSnapshot() == whole.state.encodedSnapshot())
    #expect(desk.lose(Desk.one, to: heirs, limit: limit).effects.isEmpty)
  }

  @Test("a limit of 0 still gets further")
  func noLimit() {
    var desk = Desk()
    desk.open("a")
    desk.open("b")
    desk.lose(Desk.one, to: [Desk.two], limit: 0)
    #expect(desk.state.ownedCounts == [Desk.one: 1, Desk.two: 1])
  }

  @Test("heirs in any order, and named twice, give the same result")
  func heirOrder() {
    var desk = Desk()
    for number in 0..<7 { desk.open("c\(number)") }
    var other = desk
    desk.apply(.serverLost(ServerLost(server: Desk.one, heirs: [Desk.two, Desk.three])))
    other.apply(.serverLost(ServerLost(server: Desk.one, heirs: [Desk.three, Desk.two, Desk.three, Desk.one])))
    #expect(desk.state.encodedSnapshot() == other.state.encodedSnapshot())
  }
}
