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

  @Test("what is gathered leaves in one entry, in order, with the checksum of its bytes")
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

  @Test("nor when others come between: what is tried again comes in the order of all requests")
  func interleaved() throws {
    var batch = Batch()
    for submission in [send(1, "a0"), send(2, "b0"), send(1, "a1"), send(3, "c"), send(2, "b1")] {
      batch.add(submission)
    }
    let entries = batch.take(maxCount: 2, maxBytes: 1 << 20)
    #expect(
      entries.map(\.submissions) == [
        [send(1, "a0"), send(1, "a1")], [send(2, "b0"), send(2, "b1")], [send(3, "c")],
      ])
  }

  @Test("what two nodes say in one session can be parted")
  func origins() {
    var batch = Batch()
    var other = send(1, "b")
    other.origin.server = ServerID(2)
    for submission in [send(1, "a0"), other, send(1, "a1")] { batch.add(submission) }
    let entries = batch.take(maxCount: 2, maxBytes: 1 << 20)
    #expect(entries.map(\.submissions) == [[send(1, "a0"), send(1, "a1")], [other]])
  }

  @Test("opens count with all that they bring: 2,200 customers with attributes make many entries")
  func opens() throws {
    var batch = Batch()
    let attributes = (0..<8).map { Attribute(name: "a\($0)", json: String(repeating: "x", count: 8_000)) }
    for number in 0..<2_200 {
      batch.add(
        Submission(
          origin: Origin(server: ServerID(1), request: UInt64(number)),
          command: .open(
            OpenSession(
              customer: Person(id: "c\(number)", role: .customer, name: "c"), requestID: "r", channel: "web",
              skill: "", intent: "", priority: 0, attributes: attributes, owner: ServerID(1)))))
    }
    let entries = batch.take(maxCount: 1_024, maxBytes: 512 << 10)
    #expect(entries.allSatisfy { $0.payload.data.count <= 512 << 10 })
    #expect(entries.reduce(0) { $0 + $1.submissions.count } == 2_200)
  }

  @Test("no mix of commands makes an entry above the bound", arguments: 1...20 as ClosedRange<UInt64>)
  func anyMix(seed: UInt64) throws {
    var random = Dice(state: seed)
    var batch = Batch()
    var pipelines = SessionPipelines()
    var commands: [UInt64: Submission] = [:]
    let bound = 512 << 10
    for request in 1...800 as ClosedRange<UInt64> {
      let command = random.command(largest: 1 << random.below(18))
      let submission = Submission(origin: Origin(server: ServerID(1), request: request), command: command)
      commands[request] = submission
      guard let session = command.session else {
        batch.add(submission)
        continue
      }
      if pipelines.enter(session, request, bytes: command.mostBytes) { batch.add(submission) }
    }
    var taken = 0
    while !batch.isEmpty {
      let entries = batch.take(maxCount: 1_024, maxBytes: bound)
      for (payload, submissions) in entries {
        #expect(payload.data.count <= bound)
        #expect(submissions.count <= 1_024)
        #expect(try CommandCodec.decode(payload.data) == submissions)
        taken += submissions.count
      }
      for submission in entries.flatMap(\.submissions) {
        guard let session = submission.command.session else { continue }
        for next in pipelines.finished(session) { if let next = commands[next] { batch.add(next) } }
      }
    }
    #expect(taken == commands.count)
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

/// SplitMix64.
private struct Dice {
  var state: UInt64

  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }

  mutating func text(_ most: Int) -> String { String(repeating: "é", count: below(most / 2 + 1)) }

  mutating func person() -> Person {
    Person(id: "p\(below(4))" + text(120), role: .customer, name: text(250))
  }

  /// - Parameter largest: bytes of its largest part.
  mutating func command(largest: Int) -> Command {
    let session = SessionID(rawValue: UInt64(1 + below(6)) << 12)
    switch below(5) {
    case 0:
      return .open(
        OpenSession(
          customer: person(), requestID: text(256), channel: text(64), skill: text(64), intent: text(64),
          priority: .min,
          attributes: (0..<below(64)).map { _ in Attribute(name: text(128), json: text(largest / 16)) },
          owner: ServerID(.max)))
    case 1:
      return .setStatus(
        SetAgentStatus(
          agent: AgentID(text(128)), name: text(256), status: .online,
          skills: (0..<below(256)).map { _ in SkillWeight(skill: text(64)) }, capacity: .max,
          presence: Presence(server: ServerID(.max), connection: .max), grace: .max))
    case 2: return .close(CloseSession(session: session, epoch: Epoch(.max), by: person(), reason: text(256)))
    default:
      return .send(
        SendMessage(
          session: session, epoch: Epoch(.max), id: text(256), sender: person(), kind: .text,
          body: [UInt8](repeating: 65, count: below(largest + 1))))
    }
  }
}
