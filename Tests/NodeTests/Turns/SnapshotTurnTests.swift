import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("A snapshot takes the state's place: its clients are told part by part, and in order")
struct SnapshotTurnTests {
  private static let most = ReadBudget.mostBytes + (256 << 10)

  /// So many connections, each with a session of its own that it follows.
  private func followed(_ count: Int) throws -> (node: LoneNode, sessions: [SessionID]) {
    var node = try LoneNode()
    var sessions: [SessionID] = []
    for place in 0..<count {
      let person = Person(id: "c\(place)", role: .customer, name: "c\(place)")
      sessions.append(try node.open("r", customer: person.id, owner: 3))
      node.ask(
        .join(sessions[place], after: .zero), tag: 1, by: person,
        on: ConnectionID(sink: 0, number: UInt64(place + 1)))
    }
    node.endTurn()
    node.answerReads()
    node.forget()
    return (node, sessions)
  }

  /// The state after so much was said elsewhere in each of the sessions.
  private func state(_ node: LoneNode, _ sessions: [SessionID], messages: Int, bytes: Int) -> ReplicatedState {
    var elsewhere = node
    for (place, session) in sessions.enumerated() {
      elsewhere.commit(
        (0..<messages).map { elsewhere.said("m\($0)", in: session, by: "c\(place)", bytes: bytes) })
    }
    return elsewhere.node.state
  }

  private func begin(_ node: inout LoneNode, _ state: ReplicatedState) throws -> SnapshotChunk {
    let chunk = node.snapshot(of: state, after: 2_000)
    node.receive(.snapshotChunk(chunk))
    node.endTurn()
    node.persist()
    try #require(node.loads.last == chunk.meta)
    node.take(.snapshotLoaded(chunk.meta, try ReplicatedState(snapshot: chunk.data)))
    return chunk
  }

  @Test("twenty-four megabytes for clients who were there all along")
  func large() throws {
    var (node, sessions) = try followed(120)
    _ = try begin(&node, state(node, sessions, messages: 14, bytes: 15 << 10))
    var turns: [TurnWork] = []
    repeat {
      let before = node.clients.deliveries.count
      node.turn()
      var bytes = 0
      for (_, delivery) in node.clients.deliveries[before...] {
        if case .message(_, let message, _) = delivery { bytes += message.body.count }
      }
      #expect(bytes <= Self.most)
      turns.append(TurnWork(NodeOutput()))
    } while node.hasMore
    #expect(turns.count >= 120 * 14 * (15 << 10) / Self.most)
    for place in sessions.indices {
      #expect(
        node.clients.told(ConnectionID(sink: 0, number: UInt64(place + 1))) == (1...14).map { "message \($0)" })
    }
  }

  @Test("many sessions with little in them")
  func many() throws {
    var (node, sessions) = try followed(1_300)
    _ = try begin(&node, state(node, sessions, messages: 1, bytes: 10))
    let turns = node.turns()
    #expect(turns.allSatisfy { $0.deliveries <= TurnLimits().caughtUp })
    #expect(turns.reduce(0) { $0 + $1.deliveries } == 1_300)
  }

  @Test("what is committed, asked and read meanwhile comes behind it")
  func inOrder() throws {
    var (node, sessions) = try followed(TurnLimits().caughtUp + 2)
    let place = sessions.count - 1
    let (session, connection) = (sessions[place], ConnectionID(sink: 0, number: UInt64(place + 1)))
    let newcomer = ConnectionID(sink: 0, number: 50_000)
    let person = Person(id: "c\(place)", role: .customer, name: "c\(place)")
    var elsewhere = node
    elsewhere.commit([
      elsewhere.said("m0", in: session, by: person.id), elsewhere.said("m1", in: session, by: person.id),
    ])
    elsewhere.commit([
      Submission(
        origin: Origin(server: ServerID(3), request: 0),
        command: .close(CloseSession(session: session, epoch: Epoch(1), by: person, reason: "")))
    ])
    _ = try begin(&node, elsewhere.node.state)
    node.ask(.resume(session, after: Sequence(1)), tag: 5, by: person, on: newcomer)
    node.turn()
    #expect(node.hasMore && node.clients.told(connection) == [])
    // Its answer is in the state already.
    node.say("m1", in: session, tag: 6, customer: person.id, on: connection)
    let contexts = node.asked
    node.asked = []
    for context in contexts { node.receive(.readIndexReply(.init(context: context, index: node.last))) }
    node.endTurn()
    node.answerReads()
    #expect(node.clients.told(connection).first == "message 1")
    #expect(Array(node.clients.told(connection).prefix(3)) == ["message 1", "message 2", "closed"])
    #expect(node.clients.told(newcomer) == ["resumed", "missed 2", "closed"])
  }

  @Test("a newer snapshot that comes meanwhile waits, and nobody is told anything twice")
  func newer() throws {
    var (node, sessions) = try followed(TurnLimits().caughtUp + 2)
    let first = state(node, sessions, messages: 1, bytes: 10)
    let second = state(node, sessions, messages: 2, bytes: 10)
    _ = try begin(&node, first)
    node.turn()
    #expect(node.hasMore)
    var chunk = node.snapshot(of: second, after: 2_000)
    chunk.meta.index = node.last
    node.receive(.snapshotChunk(chunk))
    node.turn()
    while let number = node.writes.last?.number {
      node.writes = []
      node.take(.written(number: number, seconds: 0))
      node.turn()
    }
    if node.loads.last == chunk.meta {
      node.take(.snapshotLoaded(chunk.meta, try ReplicatedState(snapshot: chunk.data)))
    }
    node.endTurn()
    for place in sessions.indices {
      #expect(
        node.clients.told(ConnectionID(sink: 0, number: UInt64(place + 1))) == ["message 1", "message 2"])
    }
  }
}
