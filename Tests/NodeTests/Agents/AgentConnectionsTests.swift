import Desk
import Kernel
import Protocol
import Testing

@testable import Node

@Suite("Agents are told of their sessions, on whichever gateway loop they are")
struct AgentConnectionsTests {
  private func status(_ agent: String, _ connection: UInt64) -> SetAgentStatus {
    SetAgentStatus(
      agent: AgentID(agent), name: agent, status: .online, skills: nil, capacity: 1,
      presence: Presence(server: ServerID(1), connection: connection))
  }

  @Test("a connection is found by its number, until it is gone", arguments: [0, 63, 64, 255, .max] as [UInt16])
  func found(sink: UInt16) {
    var connections = AgentConnections()
    let anna = ConnectionID(sink: sink, number: 7)
    connections.keep(status("anna", 7), connection: anna)
    #expect(connections.connection(7) == anna)
    #expect(connections.connection(8) == nil)
    // The same number on another loop is another's.
    let stranger = connections.remove(ConnectionID(sink: sink ^ 1, number: 7))
    #expect(stranger == nil)
    #expect(connections.connection(7) == anna)
    let removed = connections.remove(anna)
    #expect(removed == AgentOfDesk(.main, AgentID("anna")))
    #expect(connections.connection(7) == nil)
    #expect(connections.all.isEmpty)
  }

  @Test("who says so before the node has announced itself waits, and not after the connection is gone")
  func announcement() {
    var connections = AgentConnections()
    let (anna, ben) = (ConnectionID(sink: 0, number: 1), ConnectionID(sink: 70, number: 2))
    for (connection, name) in [(anna, "anna"), (ben, "ben")] {
      connections.keep(status(name, connection.number), connection: connection)
      connections.wait(connection, 5, .setStatus(status(name, connection.number)))
    }
    _ = connections.remove(anna)
    connections.beginAnnouncing()
    #expect(connections.isAnnouncing && !connections.isAnnounced)
    let waiting = connections.announced()
    #expect(waiting.map(\.0) == [ben])
    #expect(connections.isAnnounced)
    let again = connections.announced()
    #expect(again.isEmpty)
  }

  @Test(
    "an agent hears which session it was given, what was said in it, and what is said next",
    arguments: [0, 1, 63, 64, 65, 199] as [UInt16])
  func assigned(sink: UInt16) throws {
    var node = try LoneNode(sinks: 200)
    let connection = ConnectionID(sink: sink, number: 900)
    let session = try node.open("r1", owner: 2)
    node.sayElsewhere("m1", in: session)
    node.ask(.status(.online, skills: nil, capacity: 2), tag: 1, by: .anna, on: connection)
    node.endTurn()
    node.commitPending()
    #expect(node.clients.told(connection) == ["assigned anna", "missed 1", "done"])
    node.sayElsewhere("m2", in: session)
    #expect(node.clients.told(connection).last == "message 2")
    node.say("m3", in: session, tag: 2, agent: .anna, on: connection)
    node.endTurn()
    node.commitPending()
    #expect(node.clients.told(connection).last == "ack 3")
    // Gone, its presence ends, and nothing goes there any more.
    node.ask(.disconnected, by: .anna, on: connection)
    node.endTurn()
    let ends = node.node.pending.numbers { if case .endPresences = $0.command { true } else { false } }
    #expect(ends.count == 1)
    node.commit(ends.map { node.submission($0) })
    #expect(node.node.state.agent(AgentID("anna"), in: .main)?.presences == [])
    let told = node.clients.told(connection).count
    node.sayElsewhere("m4", in: session)
    #expect(node.clients.told(connection).count == told)
  }

  @Test(
    "an agent who resumes its session is there again, whether its last connection is seen to end before or after",
    arguments: [true, false])
  func resumes(endsBefore: Bool) throws {
    var node = try LoneNode(sinks: 2)
    let (old, new) = (ConnectionID(sink: 0, number: 900), ConnectionID(sink: 1, number: 901))
    func commitAll(_ node: inout LoneNode) {
      let numbers = node.node.pending.numbers { _ in true }
      node.commit(numbers.map { node.submission($0) })
    }
    func end(_ node: inout LoneNode) {
      node.ask(.disconnected, by: .anna, on: old)
      node.endTurn()
      commitAll(&node)
    }
    let session = try node.open("r1", owner: 2)
    node.ask(.status(.online, skills: nil, capacity: 2), tag: 1, by: .anna, on: old)
    node.endTurn()
    node.commitPending()
    if endsBefore {
      end(&node)
      #expect(node.node.state.agent(AgentID("anna"), in: .main)?.status == .offline)
    }
    node.ask(.resume(session, after: .zero), tag: 2, by: .anna, on: new)
    node.endTurn()
    node.answerReads()
    commitAll(&node)
    if !endsBefore { end(&node) }
    let anna = try #require(node.node.state.agent(AgentID("anna"), in: .main))
    #expect(anna.status == .online && anna.deadline == nil)
    #expect(anna.presences == [Presence(server: ServerID(1), connection: 901)])
    #expect(anna.capacity == 2)
    // A customer who resumes, and an agent who only looks on, change nothing.
    node.ask(.resume(session, after: .zero), tag: 3, by: .anna, on: new)
    node.endTurn()
    node.answerReads()
    #expect(node.node.pending.numbers { _ in true }.isEmpty)
  }
}
