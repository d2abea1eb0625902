import Desk
import Kernel
import Protocol
import Testing

@testable import Node

@Suite("An agent who comes back follows what it serves")
struct ReloadTests {
  private static let first = ConnectionID(sink: 0, number: 2)
  private static let again = ConnectionID(sink: 0, number: 3)

  private func status(_ node: inout LoneNode, on connection: ConnectionID, tag: UInt32 = 1) {
    node.ask(.status(.online, skills: nil, capacity: 1_000), tag: tag, by: .anna, on: connection)
    node.endTurn()
    node.commitPending()
    node.endTurn()
  }

  private func leave(_ node: inout LoneNode, _ connection: ConnectionID) {
    node.ask(.disconnected, by: .anna, on: connection)
    node.endTurn()
    node.commit(node.node.pending.numbers { _ in true }.map { node.submission($0) })
    node.forget()
  }

  @Test("it is told what was said, and what is said from then on, without a join")
  func followsAgain() throws {
    var node = try LoneNode()
    let session = try node.open("r", owner: 3)
    status(&node, on: Self.first)
    node.sayElsewhere("m1", in: session)
    leave(&node, Self.first)
    node.sayElsewhere("m2", in: session)
    node.forget()
    status(&node, on: Self.again)
    node.sayElsewhere("m3", in: session)
    #expect(node.clients.told(Self.again) == ["done", "assigned anna", "missed 1 2", "message 3"])
  }

  @Test("what comes in the same entry is told once")
  func sameEntry() throws {
    var node = try LoneNode()
    let session = try node.open("r", owner: 3)
    status(&node, on: Self.first)
    leave(&node, Self.first)
    node.ask(.status(.online, skills: nil, capacity: 9), tag: 1, by: .anna, on: Self.again)
    node.endTurn()
    node.commit(node.pending.map { node.submission($0) } + [node.said("m1", in: session)])
    node.endTurn()
    node.sayElsewhere("m2", in: session)
    #expect(node.clients.told(Self.again) == ["done", "assigned anna", "missed 1", "message 2"])
  }

  @Test("what is resumed comes from where it is wanted, and the rest from the beginning")
  func resumesSome() throws {
    var node = try LoneNode()
    let sessions = try (0..<2).map { try node.open("r\($0)", customer: "c\($0)", owner: 3) }
    status(&node, on: Self.first)
    for (number, session) in sessions.enumerated() {
      for word in ["a", "b"] { node.sayElsewhere(word, in: session, by: "c\(number)") }
    }
    leave(&node, Self.first)
    node.ask(.resume(sessions[1], after: Sequence(1)), tag: 7, by: .anna, on: Self.again)
    node.endTurn()
    node.answerReads()
    node.commit(node.node.pending.numbers { _ in true }.map { node.submission($0) })
    node.endTurn()
    for (number, session) in sessions.enumerated() { node.sayElsewhere("c", in: session, by: "c\(number)") }
    #expect(
      node.clients.told(Self.again).filter { !$0.hasPrefix("+") } == [
        "resumed", "missed 2", "assigned anna", "missed 1 2", "message 3", "message 3",
      ])
  }

  @Test("a history that is too long is said to be so, and what is said next comes by itself")
  func tooLong() throws {
    var node = try LoneNode()
    let session = try node.longSession(2_001, bytes: 1)
    status(&node, on: Self.first)
    #expect(node.clients.told(Self.first) == ["assigned anna", "not resumed", "done"])
    guard case .gap(session)? = node.clients.replies.first?.reply else {
      Issue.record("the gap belongs to a request")
      return
    }
    leave(&node, Self.first)
    status(&node, on: Self.again)
    node.sayElsewhere("next", in: session)
    #expect(node.clients.told(Self.again) == ["done", "assigned anna", "not resumed", "message 2002"])
  }

  @Test("an agent that cannot resume all is told of the session, and follows it")
  func cannotResume() throws {
    var node = try LoneNode()
    let session = try node.longSession(2_001, bytes: 1)
    status(&node, on: Self.first)
    leave(&node, Self.first)
    node.ask(.resume(session, after: .zero), tag: 7, by: .anna, on: Self.again)
    node.endTurn()
    node.answerReads()
    node.commit(node.node.pending.numbers { _ in true }.map { node.submission($0) })
    node.endTurn()
    node.sayElsewhere("next", in: session)
    #expect(
      node.clients.told(Self.again) == ["not resumed", "assigned anna", "not resumed", "message 2002"])
  }

  @Test("256 sessions with long histories make no long turn, and not more than the connection holds")
  func manyLong() throws {
    var node = try LoneNode()
    node.raiseLevel()
    for number in 0..<256 {
      let session = try node.open("r\(number)", customer: "c\(number)", owner: 3)
      node.commit((0..<12).map { node.said("m\($0)", in: session, by: "c\(number)", bytes: 16 << 10) })
    }
    status(&node, on: Self.first)
    for _ in 0..<4 { _ = node.turns() }
    leave(&node, Self.first)
    node.later(.seconds(5))
    node.ask(.status(.online, skills: nil, capacity: 1_000), tag: 1, by: .anna, on: Self.again)
    node.endTurn()
    node.append([node.pending.map { node.submission($0) }])
    let turns = node.turns()
    #expect(turns.allSatisfy { $0.readMessages <= 2 * ReadBudget.mostMessages })
    #expect(turns.reduce(0) { $0 + $1.readBytes } <= 2 * node.node.configuration.maxMissedBytes)
    let told = node.clients.told(Self.again)
    #expect(told.count { $0 == "assigned anna" } == 256)
    #expect(told.count { $0.hasPrefix("missed") } + told.count { $0 == "not resumed" } == 256)
    #expect(told.count { $0.hasPrefix("missed") } > 0)
  }
}
