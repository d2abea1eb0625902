import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("Answers, when what would have brought them did not come as an entry or not under that epoch")
struct AnsweredOnceTests {
  @Test("a message that came back inside a snapshot is acknowledged, once", arguments: [1, 2] as [UInt64])
  func insideSnapshot(owner: UInt64) throws {
    var node = try LoneNode()
    let session = try node.open("r1", owner: owner)
    node.say("m1", in: session, tag: 7)
    node.endTurn()
    node.persist()
    let number = try #require(node.pending.first)
    let submission = node.submission(number)
    // The leader has committed it, and the entry is gone before this node gets it.
    var state = node.node.state
    var effects: [Effect] = []
    state.apply([submission], index: 12, now: 2_000, into: &effects)
    let attempt = node.node.pending[number]?.lastAttempt
    node.forget()
    node.later(.milliseconds(50))
    try node.install(node.snapshot(of: state))
    #expect(node.node.state.session(session)?.sequence == Sequence(1))
    #expect(node.clients.acks.isEmpty)
    // Nobody here follows the session. It is asked for again at once: nothing else would bring the answer.
    #expect(try #require(node.node.pending[number]?.lastAttempt) > #require(attempt))
    #expect(node.proposals == (owner == 1 ? [[submission]] : []))
    #expect(node.forwards(to: 2).map(\.request) == (owner == 2 ? [number] : []))
    node.commit([submission])
    node.commit([submission])
    #expect(node.clients.acks.map(\.sequence) == [1])
    #expect(node.clients.acks.map(\.tag) == [7])
    #expect(node.clients.failures.isEmpty)
    #expect(node.pending.isEmpty)
    #expect(node.node.state.session(session)?.sequence == Sequence(1))
  }

  @Test(
    "what waits in the lane of a session that moves goes to the new owner under its epoch, and nothing twice")
  func laneMoves() throws {
    var node = try LoneNode()
    let session = try node.open("r1", owner: 1)
    for (tag, id) in ["m1", "m2", "m3"].enumerated() { node.say(id, in: session, tag: UInt32(tag)) }
    let numbers = node.pending
    #expect(numbers.map { node.node.pipelines.isWaiting(session, $0) } == [false, true, true])
    let old = node.submission(numbers[0])
    node.endTurn()
    #expect(node.proposals == [[old]])
    // The others take this node for lost: the session is node 3's now.
    node.forget()
    let lost = ServerLost(server: ServerID(1), heirs: [ServerID(3)], bounds: node.node.bounds)
    node.commit([Submission(origin: Origin(server: ServerID(2), request: 0), command: .serverLost(lost))])
    #expect(node.node.state.owner(of: session)?.server == ServerID(3))
    #expect(node.proposals.isEmpty)
    #expect(passedOn(by: node, to: 3) == [.init(request: numbers[0], epoch: 2)])
    // The proposal of before comes through after all: it changes nothing, and what waits goes on waiting.
    node.forget()
    node.commit([old])
    #expect(node.node.state.session(session)?.sequence == .zero)
    #expect(node.proposals.isEmpty)
    #expect(passedOn(by: node, to: 3) == [.init(request: numbers[0], epoch: 2)])
    #expect(node.clients.replies.isEmpty)
    // The new owner's comes, and lets the others go: to it, and under its epoch.
    node.forget()
    let first = node.submission(numbers[0])
    node.commit([first])
    #expect(node.proposals.isEmpty)
    #expect(passedOn(by: node, to: 3) == numbers[1...].map { .init(request: $0, epoch: 2) })
    let rest = numbers[1...].map { node.submission($0) }
    node.commit(rest + [first] + rest)
    #expect(node.clients.acks.map(\.tag) == [0, 1, 2])
    #expect(node.clients.acks.map(\.sequence) == [1, 2, 3])
    #expect(node.clients.failures.isEmpty)
    #expect(node.pending.isEmpty)
    #expect(node.node.state.main.messages(session, after: .zero, limit: 10).map(\.id) == ["m1", "m2", "m3"])
  }

  private struct Passed: Equatable {
    var request: UInt64
    var epoch: UInt64
  }

  /// What has gone to that server.
  private func passedOn(by node: LoneNode, to owner: UInt64) -> [Passed] {
    node.forwards(to: owner).compactMap {
      guard case .send(let send) = $0.command, send.epoch == $0.epoch else { return nil }
      return Passed(request: $0.request, epoch: send.epoch.rawValue)
    }
  }
}
