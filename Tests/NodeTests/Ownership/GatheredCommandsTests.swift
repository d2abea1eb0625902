import Desk
import Kernel
import NIOCore
import Raft
import Storage
import Testing
import Wire

@testable import Replica

@Suite("Commands become entries")
struct GatheredCommandsTests {
  private func send(_ session: UInt64, _ id: String, bytes: Int = 10) -> Submission {
    Submission(
      origin: Origin(server: ServerID(1), request: 1),
      command: .send(
        SendMessage(
          session: SessionID(rawValue: session), epoch: Epoch(1), id: id,
          sender: Person(id: "c", role: .customer, name: "c"), kind: .text,
          body: [UInt8](repeating: 65, count: bytes))))
  }

  @Test("what is gathered leaves in one entry, in order, with the checksum of its bytes")
  func oneEntry() throws {
    var gathered = GatheredCommands()
    let all = (0..<10).map { send(UInt64($0), "m\($0)") }
    for submission in all { gathered.add(submission) }
    let entries = gathered.take(maxCount: 100, maxBytes: 1 << 20)
    #expect(entries.count == 1)
    let payload = try #require(entries.first?.payload)
    #expect(try CommandCodec.decode(payload.data) == all)
    #expect(payload.checksum == CRC32C.checksum(payload.data))
    #expect(gathered.isEmpty)
  }

  @Test("a transfer belongs to the run of its session")
  func transfers() {
    var gathered = GatheredCommands()
    let transfer = Submission(
      origin: Origin(server: ServerID(1), request: 1),
      command: .transfer(
        TransferSession(
          session: SessionID(rawValue: 1), epoch: Epoch(1), requestID: "t",
          by: Person(id: "a", role: .agent, name: "a"), target: .skill("tax"))))
    for submission in [send(1, "a"), transfer, send(1, "b"), send(2, "c")] { gathered.add(submission) }
    let entries = gathered.take(maxCount: 1, maxBytes: 1 << 20)
    #expect(entries.map(\.submissions.count) == [3, 1])
  }

  @Test("a full entry ends between two sessions, never within the run of one")
  func runsStayWhole() throws {
    var gathered = GatheredCommands()
    let all = (0..<3).map { send(1, "a\($0)") } + (0..<3).map { send(2, "b\($0)") } + [send(3, "c")]
    for submission in all { gathered.add(submission) }
    let entries = gathered.take(maxCount: 2, maxBytes: 1 << 20)
    #expect(entries.map(\.submissions.count) == [3, 3, 1])
    #expect(try entries.flatMap { try CommandCodec.decode($0.payload.data) } == all)
  }

  @Test("a proposal under way ends when its entry is applied, or is forgotten when it was lost")
  func underWay() throws {
    var gathered = GatheredCommands()
    gathered.add(send(1, "a"))
    let entries = gathered.take(maxCount: 10, maxBytes: 1 << 20)
    let payload = try #require(entries.first?.payload)
    let now = NIODeadline.uptimeNanoseconds(0)
    gathered.wasProposed(payload, at: now)
    #expect(gathered.proposalsUnderWay == 1)
    gathered.expireProposals(now + .milliseconds(100))
    #expect(gathered.proposalsUnderWay == 1)
    gathered.wasApplied(checksum: payload.checksum)
    #expect(gathered.proposalsUnderWay == 0)
    gathered.wasProposed(payload, at: now)
    gathered.expireProposals(now + .seconds(1))
    #expect(gathered.proposalsUnderWay == 0)
  }
}
