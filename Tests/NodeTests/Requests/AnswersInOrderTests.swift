import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("What a connection is told of a session is in order of the sequence")
struct AnswersInOrderTests {
  private let other = ConnectionID(sink: 0, number: 2)

  /// A session with three messages, of which this node owns or does not own it.
  private func talk(owner: UInt64 = 1) throws -> (LoneNode, SessionID) {
    var node = try LoneNode()
    let session = try node.open("r1", owner: owner)
    for id in ["m1", "m2", "m3"] { node.sayElsewhere(id, in: session) }
    node.forget()
    return (node, session)
  }

  /// - Returns: a node with a connection that follows the session.
  private func following(_ connections: ConnectionID...) throws -> (LoneNode, SessionID) {
    var (node, session) = try talk()
    for connection in connections { node.ask(.join(session, after: Sequence(3)), on: connection) }
    node.endTurn()
    node.answerReads()
    node.forget()
    return (node, session)
  }

  @Test(
    "a message that is sent behind a resume or join goes once that is answered, whatever comes first",
    arguments: [false, true], [1, 2] as [UInt64])
  func behindResume(isJoin: Bool, owner: UInt64) throws {
    var (node, session) = try talk(owner: owner)
    node.ask(isJoin ? .join(session, after: Sequence(1)) : .resume(session, after: Sequence(1)), tag: 1)
    node.say("m4", in: session, tag: 2)
    node.say("m5", in: session, tag: 3)
    node.endTurn()
    node.commitPending()
    #expect(node.clients.told(.first).isEmpty)
    node.answerReads()
    node.commitPending()
    node.commitPending()
    #expect(
      node.clients.told(.first) == [isJoin ? "joined" : "resumed", "missed 2 3", "ack 4", "ack 5"])
    #expect(node.node.order.count == 0)
  }

  @Test("a resume or join waits for the answers to what was sent before it", arguments: [false, true])
  func aheadOfResume(isJoin: Bool) throws {
    var (node, session) = try talk()
    node.say("m4", in: session, tag: 1)
    node.say("m5", in: session, tag: 2)
    node.ask(isJoin ? .join(session, after: Sequence(5)) : .resume(session, after: Sequence(5)), tag: 3)
    node.endTurn()
    node.answerReads()
    #expect(node.clients.told(.first).isEmpty)
    node.commitPending()
    node.commitPending()
    node.answerReads()
    #expect(node.clients.told(.first) == ["ack 4", "ack 5", isJoin ? "joined" : "resumed"])
    // And so it goes on, on the same connection.
    node.say("m6", in: session, tag: 4)
    node.endTurn()
    node.commitPending()
    node.ask(.join(session, after: Sequence(6)), tag: 5)
    node.endTurn()
    node.answerReads()
    #expect(node.clients.told(.first).suffix(2) == ["ack 6", "joined"])
    #expect(node.node.order.count == 0)
  }

  @Test(
    "what closes or transfers the session does not overtake what was said before it", arguments: [false, true])
  func closing(isHeld: Bool) throws {
    var (node, session) = try talk()
    let bodies: [DeskRequest] = [
      .resume(session, after: Sequence(3)), .send(session, id: "m4", body: [1]),
      .perform(Close(session: session, reason: ""), id: ""),
      .join(session, after: Sequence(4)),
    ]
    for (tag, body) in bodies.enumerated() {
      node.ask(body, tag: UInt32(tag))
      if isHeld { node.endTurn() }
    }
    node.endTurn()
    #expect(node.pending.isEmpty)
    node.answerReads()
    while let number = node.pending.first { node.commit([node.submission(number)]) }
    node.answerReads()
    #expect(node.clients.told(.first) == ["resumed", "ack 4", "closed", "done", "joined"])
    #expect(node.node.order.count == 0)
  }

  @Test("a join that is refused lets go what was sent behind it")
  func refusedJoin() throws {
    var (node, session) = try talk()
    let carl = Person(id: "carl", role: .customer, name: "carl")
    node.ask(.join(session, after: .zero), tag: 1, by: carl)
    node.say("m4", in: session, tag: 2, customer: "carl")
    node.endTurn()
    node.answerReads()
    // A refusal from a state that may be old is no answer.
    node.answerReads()
    #expect(node.clients.told(.first) == ["forbidden", "forbidden"])
    #expect(node.node.order.count == 0)
    // Of a session that there never was.
    node.ask(.join(SessionID(rawValue: 1 << 40), after: .zero), tag: 3)
    node.say("m", in: SessionID(rawValue: 1 << 40), tag: 4)
    node.endTurn()
    node.answerReads()
    node.answerReads()
    #expect(node.clients.told(.first).suffix(2) == ["not_found", "not_found"])
    #expect(node.node.order.count == 0)
  }

  @Test("a message that is refused at once lets go what was asked behind it")
  func refusedMessage() throws {
    var (node, session) = try talk()
    node.take(.diskFull(free: 0))
    node.say("m4", in: session, tag: 1)
    node.ask(.join(session, after: Sequence(3)), tag: 2)
    node.endTurn()
    node.answerReads()
    #expect(node.clients.told(.first).first == "busy")
    #expect(node.clients.told(.first).last == "joined")
    #expect(node.node.order.count == 0)
    node.take(.roomAgain(free: 1 << 40))
    var full = try LoneNode { $0.maxPending = 0 }
    let another = try full.open("r1", owner: 1)
    full.say("m1", in: another, tag: 1)
    full.ask(.join(another, after: .zero), tag: 2)
    full.endTurn()
    full.answerReads()
    #expect(full.clients.told(.first) == ["busy", "joined"])
  }

  @Test("of a connection that goes nothing stays behind, and what it had waiting is not said")
  func connectionGoes() throws {
    var (node, session) = try talk()
    node.ask(.resume(session, after: .zero), tag: 1)
    node.say("m4", in: session, tag: 2)
    node.ask(.disconnected)
    node.endTurn()
    node.answerReads()
    node.commitPending()
    #expect(node.node.order.count == 0)
    #expect(node.pending.isEmpty)
    #expect(node.clients.told(.first).isEmpty)
    #expect(node.node.state.sequence(of: session) == Sequence(3))
    #expect(node.node.subscriptions.sessions.isEmpty)
  }

  @Test(
    "without a quorum a resume waits, and what is sent behind it is told so; the resume has its answer later")
  func noQuorum() throws {
    var (node, session) = try talk()
    node.take(.inboundLost(NodeID(2)))
    node.endTurn()
    node.ask(.resume(session, after: Sequence(1)), tag: 1)
    node.say("m4", in: session, tag: 2)
    node.ask(.join(session, after: Sequence(1)), tag: 3)
    node.endTurn()
    node.pass(1_500, isLed: false)
    #expect(node.clients.told(.first) == ["no_quorum", "no_quorum"])
    node.forget()
    node.pass(500)
    node.answerReads()
    #expect(node.clients.told(.first) == ["resumed", "missed 2 3"])
    #expect(node.node.order.count == 0)
  }

  @Test("what waits behind a resume that has no answer for long is given up, and can be repeated")
  func slowRead() throws {
    var (node, session) = try talk()
    node.ask(.resume(session, after: Sequence(1)), tag: 1)
    node.say("m4", in: session, tag: 2)
    node.endTurn()
    node.pass(5_200)
    #expect(node.clients.told(.first) == ["busy"])
    node.answerReads()
    node.say("m4", in: session, tag: 3)
    node.endTurn()
    node.commitPending()
    #expect(node.clients.told(.first) == ["busy", "resumed", "missed 2 3", "ack 4"])
  }

  @Test("who has sent a message has its ack and not the message, and the other connections have the message")
  func ownLine() throws {
    var (node, session) = try following(.first, other)
    node.say("m4", in: session, tag: 1)
    node.endTurn()
    node.commitPending()
    #expect(node.clients.told(.first) == ["ack 4"])
    #expect(node.clients.told(other) == ["message 4"])
  }

  @Test("so it is, too, when the message comes in a snapshot; and in order")
  func ownLineInSnapshot() throws {
    var (node, session) = try following(.first, other)
    node.say("mine", in: session, tag: 1)
    node.say("mine, too", in: session, tag: 2)
    node.endTurn()
    let mine = node.submission(node.pending[0])
    var state = node.node.state
    var effects: [Effect] = []
    // Of the same id, but somebody else's.
    state.apply(
      [node.said("m4", in: session), mine, node.said("m6", in: session)], index: 99, now: node.timeOfDay + 9,
      into: &effects)
    try node.install(node.snapshot(of: state))
    #expect(node.clients.told(.first) == ["message 4", "ack 5", "message 6"])
    #expect(node.clients.told(other) == ["message 4", "message 5", "message 6"])
    // What was not in it goes on, once.
    #expect(node.pending.count == 1)
    node.commit([mine] + node.pending.map { node.submission($0) })
    #expect(node.clients.told(.first) == ["message 4", "ack 5", "message 6", "ack 7"])
    #expect(node.clients.acks.map(\.tag) == [1, 2])
    #expect(node.pending.isEmpty)
  }

  @Test("a message of the same id that somebody else has sent is no answer, and is heard")
  func anothersLineInSnapshot() throws {
    var (node, session) = try following(.first)
    let status = SetAgentStatus(
      agent: AgentID("anna"), name: "anna", status: .online, skills: nil, capacity: 1,
      presence: Presence(server: ServerID(3), connection: 1))
    node.commit([Submission(origin: Origin(server: ServerID(3), request: 0), command: .setStatus(status))])
    node.forget()
    node.say("same", in: session, tag: 1)
    node.endTurn()
    let mine = node.pending
    var state = node.node.state
    var effects: [Effect] = []
    let annas = SendMessage(
      session: session, epoch: Epoch(1), id: "same", sender: .anna, kind: .text, body: [65])
    state.apply(
      [Submission(origin: Origin(server: ServerID(3), request: 0), command: .send(annas))], index: 99,
      now: node.timeOfDay + 9, into: &effects)
    try node.install(node.snapshot(of: state))
    #expect(node.clients.told(.first) == ["message 4"])
    #expect(node.pending == mine)
  }

  @Test("when a snapshot has skipped more than can be pushed, the client reads its history, and has its ack")
  func muchInSnapshot() throws {
    var (node, session) = try following(.first, other)
    node.say("mine", in: session, tag: 1)
    node.endTurn()
    let mine = node.submission(node.pending[0])
    var state = node.node.state
    var effects: [Effect] = []
    let many = (0..<node.node.configuration.maxMissedMessages).map { node.said("n\($0)", in: session) }
    state.apply(many + [mine], index: 99, now: node.timeOfDay + 9, into: &effects)
    try node.install(node.snapshot(of: state))
    node.commitPending()
    let end = many.count + 4
    #expect(node.clients.told(.first) == ["not resumed", "ack \(end)"])
    #expect(node.clients.told(other) == ["not resumed"])
  }
}
