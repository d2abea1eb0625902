import Desk
import NIOCore
import Protocol
import Testing

@testable import Replica

@Suite("What a node that is behind answers")
struct StaleRefusalTests {
  private static let bob = Person(id: "bob", role: .agent, name: "bob")

  private func request(_ body: ClientRequest.Body, tag: UInt32, connection: UInt64 = 1) -> ClientRequest {
    ClientRequest(
      connection: ConnectionID(sink: 0, number: connection), tag: tag, person: Self.bob, body: body)
  }

  /// The agent serves it from now on, as the log says.
  private func assign(_ node: LoneReplica) {
    let status = SetAgentStatus(
      agent: AgentID("bob"), name: "bob", status: .online, skills: nil, capacity: 9,
      presence: Presence(server: ServerID(2), connection: 5))
    node.commit([Submission(origin: Origin(server: ServerID(2), request: 0), command: .setStatus(status))])
  }

  @Test(
    "send, close and transfer of somebody who is not part of the session yet wait until the node is up to date")
  func waits() throws {
    let node = try LoneReplica()
    let session = try node.open("r1", owner: 1)
    let bodies: [ClientRequest.Body] = [
      .send(session, id: "m1", body: [1]), .close(session, reason: ""),
      .transfer(session, id: "t", to: .skill("tech")),
    ]
    for (tag, body) in bodies.enumerated() {
      node.core.take(request(body, tag: UInt32(tag), connection: UInt64(tag + 1)))
    }
    node.endTurn()
    #expect(node.clients.replies.isEmpty, "a refusal from an old state is no answer")
    #expect(node.core.reads.isWaiting)
    assign(node)
    for (tag, body) in bodies.enumerated() {
      node.core.takeAgain(request(body, tag: UInt32(tag), connection: UInt64(tag + 1)))
    }
    node.endTurn()
    #expect(node.clients.failures.isEmpty)
    #expect(node.pending.count == 3)
    #expect(node.core.held.isEmpty)
  }

  @Test("up to date, the refusal is final, and says the same of a session that is closed")
  func isFinal() throws {
    let node = try LoneReplica()
    let session = try node.open("r1", owner: 1)
    let send = request(.send(session, id: "m1", body: [1]), tag: 1)
    node.core.take(send)
    node.core.takeAgain(send)
    node.endTurn()
    #expect(node.clients.failures.map(\.failure.code) == [.forbidden])
    #expect(node.core.held.isEmpty)
  }

  @Test("for a closed session a stranger learns nothing of message ids, and everything is said at once")
  func closedSession() throws {
    let node = try LoneReplica()
    let session = try node.open("r1", owner: 2)
    let ann = Person(id: "ann", role: .customer, name: "ann")
    let origin = Origin(server: ServerID(2), request: 0)
    node.commit([
      Submission(
        origin: origin,
        command: .send(
          SendMessage(session: session, epoch: Epoch(1), id: "m1", sender: ann, kind: .text, body: [1]))),
      Submission(
        origin: origin,
        command: .close(CloseSession(session: session, epoch: Epoch(1), by: ann, reason: ""))),
    ])
    for (tag, id) in ["m1", "m2"].enumerated() {
      node.core.take(request(.send(session, id: id, body: [1]), tag: UInt32(tag)))
    }
    node.endTurn()
    #expect(node.clients.failures.map(\.failure.code) == [.forbidden, .forbidden])
    node.clients.forget()
    // Its own customer gets what there is.
    node.say("m1", in: session, tag: 3)
    node.say("m2", in: session, tag: 4)
    node.core.take(
      ClientRequest(
        connection: ConnectionID(sink: 0, number: 1), tag: 5, person: ann,
        body: .send(session, id: "m1", body: [2])))
    node.endTurn()
    #expect(node.clients.acks.map(\.tag) == [3])
    #expect(node.clients.failures.map(\.failure.code) == [.sessionClosed, .conflict])
  }

  @Test("what the same client says later waits behind what is held")
  func order() throws {
    let node = try LoneReplica()
    let session = try node.open("r1", owner: 1)
    let first = request(.send(session, id: "m1", body: [1]), tag: 1)
    let second = request(.send(session, id: "m2", body: [2]), tag: 2)
    node.core.take(first)
    assign(node)
    node.core.take(second)
    #expect(node.pending.isEmpty, "the second one must not go first")
    node.core.takeAgain(first)
    node.core.takeAgain(second)
    let ids = node.pending.compactMap { number -> String? in
      if case .send(let send)? = node.core.pending[number]?.command { send.id } else { nil }
    }
    #expect(ids == ["m1", "m2"])
    // Nobody is held any more.
    node.core.take(request(.send(session, id: "m3", body: [3]), tag: 3))
    #expect(node.pending.count == 3)
  }

  @Test("an id that somebody else has used is not acknowledged with the other's place")
  func otherSender() throws {
    let node = try LoneReplica()
    assign(node)
    let session = try node.open("r1", owner: 1)
    node.say("m1", in: session, tag: 1)
    node.core.take(request(.send(session, id: "m1", body: [9]), tag: 2, connection: 2))
    while let number = node.pending.first { node.commit([node.submission(number)]) }
    #expect(node.clients.acks.map(\.tag) == [1])
    #expect(node.clients.failures.map(\.failure.code) == [.conflict], "the cluster is at level 1")
  }
}

@Suite("Agents on any gateway loop")
struct PresenceLoopTests {
  /// What connections of one loop are told.
  final class Events: DeliverySink, @unchecked Sendable {
    private(set) var events: [(session: SessionID, event: SessionEvent)] = []
    var openConnections: Int { 1 }

    func deliver(_ batch: [Delivery]) {
      for case .event(let session, let event, _) in batch { events.append((session, event)) }
    }
  }

  @Test("an agent hears of the sessions that are assigned", arguments: [0, 63, 64, 255] as [UInt16])
  func assigned(loop: UInt16) throws {
    let node = try LoneReplica()
    let sink = Events()
    node.core.attach(sink, as: loop)
    node.core.take(
      ClientRequest(
        connection: ConnectionID(sink: loop, number: 900), tag: 1,
        person: Person(id: "bob", role: .agent, name: "bob"), body: .status(.online, skills: nil, capacity: 2)))
    while let number = node.pending.first { node.commit([node.submission(number)]) }
    let session = try node.open("r1", owner: 1)
    #expect(sink.events.map(\.session) == [session])
    #expect(sink.events.first?.event == .assigned(AgentID("bob"), name: "bob"))
  }

  @Test("a presence is found by its connection's number and ends with that connection alone")
  func numbers() {
    var presences = LocalPresences()
    let here = ConnectionID(sink: 200, number: 7)
    presences.keep(
      SetAgentStatus(
        agent: AgentID("bob"), name: "", status: .online, skills: nil, capacity: nil,
        presence: Presence(server: ServerID(1), connection: 7)), connection: here)
    #expect(presences.connection(7) == here)
    #expect(presences.connection(8) == nil)
    #expect(presences.remove(ConnectionID(sink: 1, number: 7)) == nil)
    #expect(presences.remove(here) == AgentID("bob"))
    #expect(presences.connection(7) == nil)
  }
}
