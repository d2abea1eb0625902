import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("No turn does more for an agent than a bounded piece")
struct AgentTurnTests {
  private static let connection = ConnectionID(sink: 0, number: 2)
  private static let most = 2 * ReadBudget.mostBytes + (256 << 10)

  /// So many sessions wait.
  private func crowd(_ count: Int, messages: Int = 0, bytes: Int = 0) throws -> LoneNode {
    var node = try LoneNode()
    node.raiseLevel()
    var number = 0
    while number < count {
      let part = (number..<min(number + 1_000, count)).map { place in
        Submission(
          origin: Origin(server: ServerID(3), request: 0),
          command: .open(
            OpenSession(
              customer: Person(id: "c\(place)", role: .customer, name: ""), requestID: "r", channel: "web",
              skill: "", intent: "", priority: 0, attributes: [], owner: ServerID(3))))
      }
      node.commit(part)
      number += part.count
      guard messages > 0 else { continue }
      for place in part.indices {
        guard let session = SessionID(index: node.last.rawValue - UInt64(place), place: place) else { continue }
        node.commit(
          (0..<messages).map {
            node.said("m\($0)", in: session, by: "c\(number - part.count + place)", bytes: bytes)
          })
      }
    }
    node.forget()
    return node
  }

  private func online(_ node: inout LoneNode, capacity: UInt32) -> [TurnWork] {
    node.ask(.status(.online, skills: nil, capacity: capacity), tag: 1, by: .anna, on: Self.connection)
    node.endTurn()
    node.append([node.pending.map { node.submission($0) }])
    return node.turns()
  }

  private func timePasses(_ node: inout LoneNode) -> [TurnWork] {
    node.append([
      [
        Submission(
          origin: Origin(server: ServerID(2), request: 0),
          command: .timePasses(TimePasses(limit: UInt32(node.node.configuration.maxReleased))))
      ]
    ])
    return node.turns()
  }

  @Test("an agent with room for a hundred thousand comes while forty thousand sessions wait")
  func largeCapacity() throws {
    var node = try crowd(40_000)
    var turns = online(&node, capacity: 100_000)
    var entries = 0
    while node.node.state.hasUnserved, entries < 1_000 {
      turns += timePasses(&node)
      entries += 1
    }
    #expect(turns.allSatisfy { $0.assigned <= 1 + node.node.state.mostPulled })
    #expect(turns.reduce(0) { $0 + $1.assigned } == 40_000)
    #expect(node.node.state.main.chats(of: AgentID("anna"), after: nil, limit: .max).count == 40_000)
  }

  @Test("a follower leaves the rest to the leader")
  func follower() throws {
    var node = try LoneNode { $0.mostPulled = 1 }
    node.raiseLevel()
    let sessions = try (0..<6).map { try node.open("r\($0)", customer: "c\($0)", owner: 3) }
    _ = online(&node, capacity: 6)
    #expect(node.node.state.hasUnserved)
    node.forget()
    node.pass(200)
    #expect(node.proposals.isEmpty)
    for _ in sessions where node.node.state.hasUnserved { _ = timePasses(&node) }
    #expect(node.node.state.main.sessions(of: AgentID("anna")) == sessions)
  }

  @Test("an agent is given a session of thirty-three megabytes")
  func longSession() throws {
    var node = try LoneNode()
    let session = try node.longSession(528, bytes: 64 << 10)
    let turns = online(&node, capacity: 1)
    #expect(turns.allSatisfy { $0.readBytes <= node.node.configuration.maxMissedBytes })
    #expect(node.clients.told(Self.connection) == ["assigned anna", "not resumed", "done"])
    #expect(node.node.state.main.sessions(of: AgentID("anna")) == [session])
  }

  @Test("an agent is given hundreds of sessions, each with as much as a join brings")
  func manySessions() throws {
    var node = try crowd(200, messages: 15, bytes: 16 << 10)
    let turns = online(&node, capacity: 200)
    #expect(turns.allSatisfy { $0.readBytes <= Self.most })
    let told = node.clients.told(Self.connection)
    #expect(told.count { $0.hasPrefix("assigned") } == 200)
    // Nobody is left without a word.
    let (brought, toRead) = (told.count { $0.hasPrefix("missed") }, told.count { $0 == "not resumed" })
    #expect(brought + toRead == 200 && brought > 0 && toRead > 0)
  }

  @Test("an agent comes back to thousands of chats")
  func comesBack() throws {
    var node = try crowd(3_500)
    _ = online(&node, capacity: 10_000)
    for _ in 0..<100 where node.node.state.hasUnserved { _ = timePasses(&node) }
    node.ask(.disconnected, by: .anna, on: Self.connection)
    node.endTurn()
    node.commit(node.node.pending.numbers { _ in true }.map { node.submission($0) })
    node.forget()
    let again = ConnectionID(sink: 0, number: 3)
    node.ask(.status(.online, skills: nil, capacity: 10_000), tag: 9, by: .anna, on: again)
    node.endTurn()
    node.append([node.pending.map { node.submission($0) }])
    let turns = node.turns()
    #expect(turns.allSatisfy { $0.assigned <= TurnLimits().chats })
    #expect(turns.reduce(0) { $0 + $1.assigned } == 3_500)
    #expect(node.clients.told(again).count { $0.hasPrefix("assigned") } == 3_500)
  }

  @Test("an agent with thousands of chats stays away: one command gives a bounded number of them back")
  func staysAway() throws {
    var node = try crowd(3_500)
    _ = online(&node, capacity: 10_000)
    for _ in 0..<100 where node.node.state.hasUnserved { _ = timePasses(&node) }
    node.ask(.disconnected, by: .anna, on: Self.connection)
    node.endTurn()
    node.commit(node.node.pending.numbers { _ in true }.map { node.submission($0) })
    node.timeOfDay += UInt64(node.node.configuration.agentGrace)
    var released: [Int] = []
    var left = node.node.state.sessionCounts.active
    for _ in 0..<100 where left > 0 {
      _ = timePasses(&node)
      released.append(left - node.node.state.sessionCounts.active)
      left = node.node.state.sessionCounts.active
    }
    #expect(left == 0 && released.allSatisfy { $0 <= node.node.configuration.maxReleased && $0 > 0 })
  }
}
