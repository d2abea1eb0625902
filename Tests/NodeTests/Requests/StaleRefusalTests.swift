import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("What a node that is behind answers")
struct StaleRefusalTests {
  private static let bob = Person(id: "bob", role: .agent, name: "bob")

  private func connection(_ number: Int) -> ConnectionID { ConnectionID(sink: 0, number: UInt64(number)) }

  /// The agent serves it from now on, as the log says.
  private func assign(_ node: inout LoneNode) {
    let status = SetAgentStatus(
      agent: AgentID("bob"), name: "bob", status: .online, skills: nil, capacity: 9,
      presence: Presence(server: ServerID(2), connection: 5))
    node.commit([Submission(origin: Origin(server: ServerID(2), request: 0), command: .setStatus(status))])
  }

  @Test(
    "send, close and transfer of somebody who is not part of the session yet wait until the node is up to date")
  func waits() throws {
    var node = try LoneNode()
    let session = try node.open("r1", owner: 1)
    let bodies: [DeskRequest] = [
      .send(session, id: "m1", body: [1]), .perform(Close(session: session, reason: ""), id: ""),
      .perform(Transfer(session, to: .skill("tech")), id: "t"),
    ]
    for (tag, body) in bodies.enumerated() {
      node.ask(body, tag: UInt32(tag), by: Self.bob, on: connection(tag + 1))
    }
    node.endTurn()
    #expect(node.clients.replies.isEmpty, "a refusal from an old state is no answer")
    #expect(node.node.reads.isWaiting)
    assign(&node)
    node.answerReads()
    #expect(node.clients.failures.isEmpty)
    #expect(node.pending.count == 3)
    #expect(node.node.held.isEmpty)
  }

  @Test("up to date, the refusal is final, and says the same of a session that is closed")
  func isFinal() throws {
    var node = try LoneNode()
    let session = try node.open("r1", owner: 1)
    node.ask(.send(session, id: "m1", body: [1]), tag: 1, by: Self.bob)
    node.endTurn()
    node.answerReads()
    #expect(node.clients.failures.map(\.failure.code) == [.forbidden])
    #expect(node.node.held.isEmpty && node.node.order.count == 0)
  }

  @Test("for a closed session a stranger learns nothing of message ids, and everything is said at once")
  func closedSession() throws {
    var node = try LoneNode()
    let session = try node.open("r1", owner: 2)
    node.commit([
      node.said("m1", in: session),
      Submission(
        origin: Origin(server: ServerID(2), request: 0),
        command: .close(CloseSession(session: session, epoch: Epoch(1), by: .ann, reason: ""))),
    ])
    for (tag, id) in ["m1", "m2"].enumerated() {
      node.ask(.send(session, id: id, body: [1]), tag: UInt32(tag), by: Self.bob)
    }
    node.endTurn()
    #expect(node.clients.failures.map(\.failure.code) == [.forbidden, .forbidden])
    node.clients.forget()
    // Its own customer gets what there is.
    node.say("m1", in: session, tag: 3, body: [65])
    node.say("m2", in: session, tag: 4)
    node.say("m1", in: session, tag: 5, body: [2])
    node.endTurn()
    #expect(node.clients.acks.map(\.tag) == [3])
    #expect(node.clients.failures.map(\.failure.code) == [.sessionClosed, .conflict])
    #expect(node.node.order.count == 0)
  }

  @Test("what the same client says later waits behind what is held")
  func order() throws {
    var node = try LoneNode()
    let session = try node.open("r1", owner: 1)
    node.ask(.send(session, id: "m1", body: [1]), tag: 1, by: Self.bob)
    node.endTurn()
    assign(&node)
    node.ask(.send(session, id: "m2", body: [2]), tag: 2, by: Self.bob)
    node.endTurn()
    #expect(node.pending.isEmpty, "the second one must not go first")
    node.answerReads()
    #expect(sends(node) == ["m1", "m2"])
    // Nobody is held any more.
    node.ask(.send(session, id: "m3", body: [3]), tag: 3, by: Self.bob)
    #expect(node.pending.count == 3)
  }

  @Test("also when the first read is lost with a connection, and the second one is answered")
  func lostRead() throws {
    var node = try LoneNode()
    let session = try node.open("r1", owner: 1)
    node.ask(.send(session, id: "m1", body: [1]), tag: 1, by: Self.bob)
    node.endTurn()
    node.asked = []
    assign(&node)
    node.ask(.send(session, id: "m2", body: [2]), tag: 2, by: Self.bob)
    node.endTurn()
    node.answerReads()
    node.pass(700)
    node.answerReads()
    #expect(sends(node) == ["m1", "m2"])
    #expect(node.node.held.isEmpty)
  }

  @Test("also when the node knew no leader for the second one")
  func lostLeader() throws {
    var node = try LoneNode()
    let session = try node.open("r1", owner: 1)
    node.ask(.send(session, id: "m1", body: [1]), tag: 1, by: Self.bob)
    node.endTurn()
    node.asked = []
    assign(&node)
    node.take(.inboundLost(NodeID(2)))
    node.endTurn()
    try #require(node.node.raft.leader == nil)
    node.ask(.send(session, id: "m2", body: [2]), tag: 2, by: Self.bob)
    node.pass(550, isLed: false)
    node.receive(.heartbeat(Heartbeat(commit: node.last)))
    node.pass(700)
    node.answerReads()
    #expect(sends(node) == ["m1", "m2"])
  }

  private func sends(_ node: LoneNode) -> [String] {
    node.pending.compactMap { number in
      if case .send(let send)? = node.node.pending[number]?.command { send.id } else { nil }
    }
  }

  @Test("an id that somebody else has used is not acknowledged with the other's place")
  func otherSender() throws {
    var node = try LoneNode()
    assign(&node)
    let session = try node.open("r1", owner: 1)
    node.say("m1", in: session, tag: 1)
    node.ask(.send(session, id: "m1", body: [9]), tag: 2, by: Self.bob, on: connection(2))
    while let number = node.pending.first { node.commit([node.submission(number)]) }
    #expect(node.clients.acks.map(\.tag) == [1])
    #expect(node.clients.failures.map(\.failure.code) == [.conflict], "the cluster is at level 1")
  }

  @Test("an agent hears of the sessions that are assigned, on any gateway loop", arguments: [0, 63, 64, 255])
  func assigned(loop: Int) throws {
    var node = try LoneNode(sinks: 256)
    let connection = ConnectionID(sink: UInt16(loop), number: 900)
    node.ask(.status(.online, skills: nil, capacity: 2), tag: 1, by: Self.bob, on: connection)
    while let number = node.pending.first { node.commit([node.submission(number)]) }
    _ = try node.open("r1", owner: 1)
    #expect(node.clients.told(connection).contains("assigned bob"))
  }
}
