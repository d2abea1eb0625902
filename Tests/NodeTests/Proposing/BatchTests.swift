import Desk
import Kernel
import Raft
import Testing

@testable import Node

@Suite("Commands become entries")
struct BatchTests {
  private func send(_ session: UInt64, _ id: String, bytes: Int = 10) -> Submission {
    Submission(
      origin: Origin(server: ServerID(1), request: 1),
      command: .send(
        SendMessage(
          session: SessionID(rawValue: session), epoch: Epoch(1), id: id,
          sender: Person(id: "c", role: .customer, name: "c"), kind: .text,
          body: [UInt8](repeating: 65, count: bytes))))
  }

  @Test("what is batch leaves in one entry, in order, with the checksum of its bytes")
  func oneEntry() throws {
    var batch = Batch()
    let all = (0..<10).map { send(UInt64($0), "m\($0)") }
    for submission in all { batch.add(submission) }
    let entries = batch.take(maxCount: 100, maxBytes: 1 << 20)
    #expect(entries.count == 1)
    let payload = try #require(entries.first?.payload)
    #expect(try CommandCodec.decode(payload.data) == all)
    #expect(payload.checksum == CRC32C.checksum(payload.data))
    #expect(batch.isEmpty)
  }

  @Test("a transfer belongs to the run of its session")
  func transfers() {
    var batch = Batch()
    let transfer = Submission(
      origin: Origin(server: ServerID(1), request: 1),
      command: .transfer(
        TransferSession(
          session: SessionID(rawValue: 1), epoch: Epoch(1), requestID: "t",
          by: Person(id: "a", role: .agent, name: "a"), target: .skill("tax"))))
    for submission in [send(1, "a"), transfer, send(1, "b"), send(2, "c")] { batch.add(submission) }
    let entries = batch.take(maxCount: 1, maxBytes: 1 << 20)
    #expect(entries.map(\.submissions.count) == [3, 1])
  }

  @Test("a full entry ends between two sessions, never within the run of one")
  func runsStayWhole() throws {
    var batch = Batch()
    let all = (0..<3).map { send(1, "a\($0)") } + (0..<3).map { send(2, "b\($0)") } + [send(3, "c")]
    for submission in all { batch.add(submission) }
    let entries = batch.take(maxCount: 2, maxBytes: 1 << 20)
    #expect(entries.map(\.submissions.count) == [3, 3, 1])
    #expect(try entries.flatMap { try CommandCodec.decode($0.payload.data) } == all)
  }

  @Test("a proposal under way ends when its entry is applied, or is forgotten when it was lost")
  func underWay() throws {
    var batch = Batch()
    batch.add(send(1, "a"))
    let entries = batch.take(maxCount: 10, maxBytes: 1 << 20)
    let payload = try #require(entries.first?.payload)
    let now = Instant(nanoseconds: 0)
    batch.wasProposed(payload, until: now + .milliseconds(500))
    #expect(batch.proposalsUnderWay == 1)
    batch.expireProposals(now + .milliseconds(100))
    #expect(batch.proposalsUnderWay == 1)
    batch.wasApplied(checksum: payload.checksum)
    #expect(batch.proposalsUnderWay == 0)
    batch.wasProposed(payload, until: now + .milliseconds(500))
    batch.expireProposals(now + .seconds(1))
    #expect(batch.proposalsUnderWay == 0)
  }
}
