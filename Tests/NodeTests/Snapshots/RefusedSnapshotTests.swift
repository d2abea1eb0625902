import Desk
import Protocol
import Raft
import Testing

@testable import Node

@Suite("A received snapshot that is damaged")
struct RefusedSnapshotTests {
  private func withSnapshot() throws -> (LoneNode, SessionID, SnapshotChunk) {
    var node = try LoneNode()
    let session = try node.open("r1", owner: 1)
    node.persist()
    var newer = node.node.state
    var effects: [Effect] = []
    newer.apply([node.said("m1", in: session)], index: 20, now: 2_000, into: &effects)
    let chunk = node.snapshot(of: newer)
    return (node, session, chunk)
  }

  @Test("is dropped and counted, the node goes on as it was, and takes the snapshot when it comes again")
  func dropped() throws {
    var (node, session, chunk) = try withSnapshot()
    node.receive(.snapshotChunk(chunk))
    node.endTurn()
    let number = try #require(node.writes.last?.number)
    node.forget()
    node.refuseSnapshot()
    #expect(!node.node.hasEnded)
    #expect(node.node.figures().snapshotsRefused == 1)
    #expect(node.node.writes.isEmpty)
    #expect(node.node.raft.appliedIndex < chunk.meta.index)
    #expect(node.node.state.session(session)?.sequence == .zero)
    #expect(node.loads.isEmpty)
    // What the write had promised is not said, not even when the disk says that it was durable.
    node.take(.written(number: number, seconds: 0))
    node.endTurn()
    #expect(node.frames.isEmpty)
    try node.install(chunk)
    #expect(node.node.raft.appliedIndex == chunk.meta.index)
    #expect(node.node.state.session(session)?.sequence == Sequence(1))
  }
}
