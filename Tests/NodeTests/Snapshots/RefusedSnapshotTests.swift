import Desk
import Protocol
import Raft
import Storage
import Testing

@testable import Replica

@Suite("A received snapshot that is damaged")
struct RefusedSnapshotTests {
  private func refuse(_ node: LoneReplica) throws {
    let number = try #require(node.core.writesUnderWay.last?.number)
    node.core.writeEnded(
      .failed(.snapshotDamaged(file: "state.snapshot", what: "its checksum"), number: number))
    node.endTurn()
  }

  @Test("is dropped and counted, the node goes on as it was, and takes the snapshot when it comes again")
  func dropped() throws {
    let node = try LoneReplica()
    let session = try node.open("r1", owner: 1)
    node.persist()
    var newer = node.core.desk
    var effects: [Effect] = []
    newer.apply(
      [
        Submission(
          origin: Origin(server: ServerID(2), request: 0),
          command: .send(
            SendMessage(
              session: session, epoch: Epoch(1), id: "m1",
              sender: Person(id: "ann", role: .customer, name: "ann"), kind: .text, body: [1])))
      ], index: 20, now: 2_000, into: &effects)
    let (meta, bytes) = try node.writeSnapshot(of: newer)
    let chunk = SnapshotChunk(meta: meta, offset: 0, data: bytes)
    node.step(.snapshotChunk(chunk))
    node.endTurn()
    try refuse(node)
    #expect(node.core.isRunning)
    #expect(node.core.figures().snapshotsRefused == 1)
    #expect(node.core.writesUnderWay.isEmpty)
    #expect(node.core.raft.appliedIndex < meta.index)
    #expect(node.core.desk.session(session)?.sequence == .zero)
    node.step(.snapshotChunk(chunk))
    node.endTurn()
    node.persist()
    #expect(node.core.raft.appliedIndex == meta.index)
    #expect(node.core.desk.session(session)?.sequence == Sequence(1))
  }

  @Test("any other failure of the disk stops the node")
  func otherFailures() throws {
    let node = try LoneReplica()
    node.core.writeEnded(.failed(.io(operation: "fdatasync", file: "1.seg", code: 5), number: 1))
    #expect(!node.core.isRunning)
  }
}
