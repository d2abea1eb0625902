import Desk
import Kernel
import Protocol
import Testing

@testable import Node

@Suite("An agent's status is done once")
struct StatusOnceTests {
  private static let connection = ConnectionID(sink: 0, number: 900)
  private static let passing = ConnectionID(sink: 0, number: 901)

  private static func anna(_ node: LoneNode) -> Agent? { node.node.state.agent(AgentID("anna"), in: .main) }

  private static func asked(_ status: AgentStatus, _ id: String) -> DeskRequest {
    .arrange(DeskRecord(SetStatus(status: status), id: id), stays: false)
  }

  private static func ask(_ node: inout LoneNode, _ request: DeskRequest, on connection: ConnectionID) {
    node.ask(request, tag: 1, by: .anna, on: connection)
    node.endTurn()
    node.commit(node.node.pending.numbers { _ in true }.map { node.submission($0) })
  }

  @Test(
    "below its level it is written as before, and a connection that does not stay has to wait for the level")
  func levels() throws {
    var node = try LoneNode()
    node.ask(.status(.online, skills: nil, capacity: 2, id: "s1"), tag: 1, by: .anna, on: Self.connection)
    node.endTurn()
    #expect(
      node.pending.contains { if case .setStatus = node.node.pending[$0]?.command { true } else { false } })
    node.commitPending()
    #expect(Self.anna(node)?.status == .online)
    Self.ask(&node, Self.asked(.away, "s2"), on: Self.passing)
    #expect(node.clients.failures.map(\.failure.code) == [.upgrading])
    #expect(Self.anna(node)?.status == .online)
  }

  @Test(
    "one that is asked again counts once, and a connection that goes with its answer is none of the agent's")
  func once() throws {
    var node = try LoneNode()
    node.commit([
      Submission(origin: Origin(server: ServerID(3), request: 0), command: .raiseLevel(RaiseLevel(.newest)))
    ])
    Self.ask(&node, .status(.online, skills: nil, capacity: 2, id: "s1"), on: Self.connection)
    Self.ask(&node, Self.asked(.away, "s2"), on: Self.passing)
    Self.ask(&node, .disconnected, on: Self.passing)
    #expect(Self.anna(node)?.status == .away && Self.anna(node)?.presences.count == 1)
    // A client says its last status on each new connection.
    let again = ConnectionID(sink: 0, number: 902)
    Self.ask(&node, .status(.online, skills: nil, capacity: 2, id: "s1"), on: again)
    #expect(Self.anna(node)?.status == .away && Self.anna(node)?.presences.count == 2)
    Self.ask(&node, .disconnected, on: Self.connection)
    Self.ask(&node, .disconnected, on: again)
    #expect(Self.anna(node)?.status == .offline)
    Self.ask(&node, Self.asked(.online, "s3"), on: Self.passing)
    #expect(node.clients.failures.last?.failure.code == .busy)
    #expect(Self.anna(node)?.status == .offline)
  }
}
