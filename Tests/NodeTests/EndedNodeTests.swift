import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("A node that has ended")
struct EndedNodeTests {
  /// Whatever can happen to a node.
  private func inputs(_ node: LoneNode) -> [NodeInput] {
    let heartbeat = Raft.Message(
      from: NodeID(2), to: NodeID(1), term: Term(9), body: .heartbeat(Heartbeat(commit: node.last)))
    let status = DeskRequest.status(.online, skills: nil, capacity: 1)
    return [
      .tick(Surroundings()),
      .requests([ClientRequest(connection: .first, tag: 1, person: .anna, desk: .main, body: status)]),
      .peer(.raft([heartbeat]), from: NodeID(2)), .linkUp(NodeID(3), .newest),
      .linkDown(NodeID(3), refused: true),
      .inboundLost(NodeID(2)), .unsent(NodeID(2)), .written(number: 1, seconds: 0), .diskFull(free: 0),
      .roomAgain(free: 1 << 40), .snapshotFailed("x"), .sinks(4),
    ]
  }

  private func expectSilence(_ node: LoneNode) {
    var node = node
    node.forget()
    for input in inputs(node) {
      node.take(input)
      let output = node.turn()
      #expect(output.frames.isEmpty && output.writes.isEmpty && output.deliveries.isEmpty, "\(input)")
      #expect(output.answers.isEmpty && output.logs.isEmpty && output.failure == nil, "\(input)")
      #expect(!output.hasMore && output.peers == nil && output.hints == nil && output.load == nil, "\(input)")
    }
    let applied = node.node.raft.appliedIndex
    node.commit([])
    #expect(node.node.raft.appliedIndex == applied)
    node.end()
    #expect(node.answers.isEmpty)
  }

  @Test("because its process ends takes nothing and gives nothing")
  func stopped() throws {
    var node = try LoneNode()
    _ = try node.open("r1", owner: 1)
    node.end()
    #expect(node.node.hasEnded)
    #expect(node.failure == nil)
    expectSilence(node)
  }

  @Test("because it was removed says so once, a while after it knows, with its last words on their way")
  func removed() throws {
    var node = try LoneNode()
    node.commit(Membership(voters: [NodeID(2), NodeID(3)]))
    #expect(!node.node.hasEnded)
    node.pass(400)
    #expect(node.failure == nil)
    node.pass(200)
    #expect(node.failure == .removed)
    #expect(node.node.hasEnded)
    expectSilence(node)
  }

  @Test("because an entry cannot be read says so once, and has applied what was before it")
  func unreadableEntry() throws {
    var node = try LoneNode()
    let session = try node.open("r1", owner: 1)
    node.append([[node.said("m1", in: session)]])
    // Of a form and a level that are known, and cut off.
    node.append(bytes: CommandCodec.encode([node.said("m2", in: session)]).dropLast(3))
    node.endTurn()
    var index: UInt64?
    if case .unreadableEntry(let number, _)? = node.failure { index = number }
    #expect(index == node.last.rawValue)
    #expect(node.node.state.session(session)?.sequence == Sequence(1))
    #expect(node.node.raft.appliedIndex < node.last)
    expectSilence(node)
  }

  @Test("because a received snapshot cannot be read says so once")
  func unreadableSnapshot() throws {
    var node = try LoneNode()
    let chunk = node.snapshot(of: node.node.state)
    node.receive(.snapshotChunk(chunk))
    node.endTurn()
    node.persist()
    #expect(node.loads == [chunk.meta])
    node.take(.snapshotUnreadable(chunk.meta, "its checksum"))
    node.endTurn()
    #expect(node.failure == .snapshot("its checksum"))
    #expect(node.node.hasEnded)
    expectSilence(node)
  }

  @Test("answers every call that it has, and those that still come, once")
  func calls() throws {
    var node = try LoneNode()
    _ = try node.open("r1", owner: 1)
    node.take(.call(1, .read))
    node.take(.call(2, .drain(true)))
    node.endTurn()
    node.take(.call(3, .read))
    #expect(node.answers.isEmpty)
    node.end()
    #expect(node.answered == ["1 busy", "3 busy", "2 drained"])
    node.forget()
    node.take(.call(4, .change(.remove("node2"))))
    node.take(.call(5, .transferLeadership(to: nil)))
    node.take(.call(6, .drain(true)))
    node.take(.call(7, .read))
    node.endTurn()
    #expect(node.answered == ["4 busy", "5 busy", "6 drained", "7 busy"])
    node.forget()
    expectSilence(node)
  }

  @Test("in the middle of a turn answers the calls of that turn, too")
  func callsOfTheLastTurn() throws {
    var node = try LoneNode()
    node.take(.call(1, .read))
    node.commit(Membership(voters: [NodeID(2), NodeID(3)]))
    node.later(.seconds(1))
    node.take(.tick(Surroundings()))
    #expect(node.node.hasEnded)
    node.take(.call(2, .read))
    node.end()
    #expect(node.answered == ["1 busy", "2 busy"])
    node.turn()
    #expect(node.answered == ["1 busy", "2 busy"])
  }
}
