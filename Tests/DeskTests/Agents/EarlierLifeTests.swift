import Desk
import Testing

@Suite("What a server said before it started anew")
struct EarlierLifeTests {
  private let bob = AgentID("bob")

  private func announce(_ desk: inout Desk, request: UInt64, limit: UInt32 = 100) -> Answer? {
    desk.apply(
      .endPresences(
        EndPresences(server: Desk.two, items: nil, bounds: Bounds(limit: limit, grace: 1_000))),
      from: Origin(server: Desk.two, request: request)
    ).answer
  }

  private func status(_ desk: inout Desk, request: UInt64, connection: UInt64 = 1) -> Answer? {
    desk.apply(
      .setStatus(
        SetAgentStatus(
          agent: bob, name: "", status: .online, skills: nil, capacity: nil,
          presence: Presence(server: Desk.two, connection: connection))),
      from: Origin(server: Desk.two, request: request)
    ).answer
  }

  @Test("a presence that was held back on its way is not brought back")
  func lateStatus() {
    var desk = Desk()
    #expect(status(&desk, request: 10) == .done)
    #expect(announce(&desk, request: 100) == .done && desk.state.life(of: Desk.two) == 100)
    #expect(status(&desk, request: 11) == .refused(.earlierLife))
    #expect(desk.state.agent(bob)?.status == .offline && desk.state.presentCount(on: Desk.two) == 0)
    #expect(status(&desk, request: 101) == .done && desk.state.presentCount(on: Desk.two) == 1)
  }

  @Test("an announcement that is in the log twice does not end what came in between")
  func repeatedAnnouncement() {
    var desk = Desk()
    #expect(announce(&desk, request: 100) == .done)
    #expect(status(&desk, request: 101) == .done)
    #expect(announce(&desk, request: 100) == .done)
    #expect(desk.state.agent(bob)?.status == .online)
    #expect(announce(&desk, request: 50) == .refused(.earlierLife))
    #expect(desk.state.agent(bob)?.status == .online && desk.state.life(of: Desk.two) == 100)
  }

  @Test("the end of a connection of an earlier life does not end one of this life with the same number")
  func lateEnd() {
    var desk = Desk()
    #expect(announce(&desk, request: 100) == .done)
    #expect(status(&desk, request: 101, connection: 3) == .done)
    let end = EndPresences(
      server: Desk.two, items: [EndPresences.Item(agent: bob, connection: 3)],
      bounds: Bounds(limit: 1, grace: 1_000))
    desk.apply(.endPresences(end), from: Origin(server: Desk.two, request: 12))
    #expect(desk.state.agent(bob)?.status == .online)
    desk.apply(.endPresences(end), from: Origin(server: Desk.two, request: 102))
    #expect(desk.state.agent(bob)?.status == .offline)
  }

  @Test("many presences end in parts, each announced under a number of its own")
  func parts() {
    var desk = Desk()
    for number in 0..<5 { desk.status("agent\(number)", connection: UInt64(number), server: Desk.two) }
    #expect(announce(&desk, request: 100, limit: 2) == .done && desk.state.presentCount(on: Desk.two) == 3)
    #expect(announce(&desk, request: 101, limit: 2) == .done && desk.state.presentCount(on: Desk.two) == 1)
    #expect(announce(&desk, request: 102, limit: 2) == .done && desk.state.presentCount(on: Desk.two) == 0)
  }

  @Test("a snapshot keeps it")
  func snapshot() throws {
    var desk = Desk()
    #expect(announce(&desk, request: 100) == .done)
    desk.state = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(status(&desk, request: 99) == .refused(.earlierLife))
  }
}
