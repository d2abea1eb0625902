import Desk
import Protocol
import Raft
import Testing
import Wire

@testable import Replica

@Suite("Answers, when what would have brought them did not come as an entry or not under that epoch")
struct AnsweredOnceTests {
  @Test("a message that came back inside a snapshot is acknowledged, once", arguments: [1, 2] as [UInt64])
  func insideSnapshot(owner: UInt64) throws {
    let node = try LoneReplica()
    let session = try node.open("r1", owner: owner)
    node.say("m1", in: session, tag: 7)
    node.endTurn()
    node.persist()
    let number = try #require(node.pending.first)
    let submission = node.submission(number)
    // The leader has committed it, and the entry is gone before this node gets it.
    var state = node.core.desk
    var effects: [Effect] = []
    state.apply([submission], index: 12, now: 2_000, into: &effects)
    let (meta, bytes) = try node.writeSnapshot(of: state)
    let attempt = node.core.pending[number]?.lastAttempt
    let proposals = node.core.statistics.proposals
    node.step(.snapshotChunk(SnapshotChunk(meta: meta, offset: 0, data: bytes)))
    node.endTurn()
    node.persist()
    #expect(node.core.desk.session(session)?.sequence == Sequence(1))
    #expect(node.clients.acks.isEmpty)
    // It is asked for again at once: nothing else would bring the answer.
    #expect(try #require(node.core.pending[number]?.lastAttempt) > #require(attempt))
    #expect(node.core.statistics.proposals == proposals + (owner == 1 ? 1 : 0))
    node.commit([submission])
    node.commit([submission])
    #expect(node.clients.acks.map(\.sequence) == [1])
    #expect(node.clients.acks.map(\.tag) == [7])
    #expect(node.clients.failures.isEmpty)
    #expect(node.pending.isEmpty)
    #expect(node.core.desk.session(session)?.sequence == Sequence(1))
  }

  @Test(
    "what waits in the lane of a session that moves goes to the new owner under its epoch, and nothing twice")
  func laneMoves() throws {
    let node = try LoneReplica()
    let session = try node.open("r1", owner: 1)
    for (tag, id) in ["m1", "m2", "m3"].enumerated() { node.say(id, in: session, tag: UInt32(tag)) }
    let numbers = node.pending
    #expect(numbers.map { node.core.lanes.isWaiting(session, $0) } == [false, true, true])
    #expect(node.core.gathered.count == 1)
    let old = node.submission(numbers[0])
    node.endTurn()
    // The others take this node for lost: the session is node 3's now.
    let lost = ServerLost(server: ServerID(1), heirs: [ServerID(3)], bounds: node.core.bounds)
    node.takeIn([Submission(origin: Origin(server: ServerID(2), request: 0), command: .serverLost(lost))])
    #expect(node.core.desk.owner(of: session)?.server == ServerID(3))
    #expect(node.core.gathered.isEmpty)
    #expect(passedOn(by: node, to: 3) == [.init(request: numbers[0], epoch: 2)])
    node.endTurn()
    // The proposal of before comes through after all: it changes nothing, and what waits goes on waiting.
    node.takeIn([old])
    #expect(node.core.desk.session(session)?.sequence == .zero)
    #expect(node.core.gathered.isEmpty)
    #expect(passedOn(by: node, to: 3) == [.init(request: numbers[0], epoch: 2)])
    node.endTurn()
    #expect(node.clients.replies.isEmpty)
    // The new owner's comes, and lets the others go: to it, and under its epoch.
    let first = node.submission(numbers[0])
    node.takeIn([first])
    #expect(node.core.gathered.isEmpty)
    #expect(passedOn(by: node, to: 3) == numbers[1...].map { .init(request: $0, epoch: 2) })
    node.endTurn()
    let rest = numbers[1...].map { node.submission($0) }
    node.commit(rest + [first] + rest)
    #expect(node.clients.acks.map(\.tag) == [0, 1, 2])
    #expect(node.clients.acks.map(\.sequence) == [1, 2, 3])
    #expect(node.clients.failures.isEmpty)
    #expect(node.pending.isEmpty)
    #expect(node.core.desk.messages(session, after: .zero, limit: 10).map(\.id) == ["m1", "m2", "m3"])
  }

  private struct Passed: Equatable {
    var request: UInt64
    var epoch: UInt64
  }

  /// What goes to that server with the end of this turn.
  private func passedOn(by node: LoneReplica, to owner: UInt64) -> [Passed] {
    (node.core.forwards[ServerID(owner)] ?? []).compactMap {
      guard case .send(let send) = $0.command, send.epoch == $0.epoch else { return nil }
      return Passed(request: $0.request, epoch: send.epoch.rawValue)
    }
  }
}
