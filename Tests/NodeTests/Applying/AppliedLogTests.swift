import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("What is committed is applied in order, a bounded part in each turn")
struct AppliedLogTests {
  private func entries(_ range: ClosedRange<UInt64>) -> [Entry] {
    range.map { Entry(index: LogIndex($0), term: Term(1), time: $0 * 10) }
  }

  private func meta(_ index: UInt64) -> SnapshotMeta {
    SnapshotMeta(
      index: LogIndex(index), term: Term(1), time: index * 10, membership: Membership(voters: [NodeID(1)]),
      size: 1, checksum: 1)
  }

  private func take(_ log: inout AppliedLog, _ count: Int = .max) -> [UInt64] {
    var taken: [UInt64] = []
    while taken.count < count, let entry = log.next() {
      log.applied(entry)
      taken.append(entry.index.rawValue)
    }
    return taken
  }

  @Test("entries come out one by one as they went in, and the place is known")
  func order() {
    var log = AppliedLog(index: .zero, time: 0)
    #expect(!log.hasMore)
    log.enqueue([])
    #expect(!log.hasMore)
    log.enqueue(entries(1...3))
    log.enqueue(entries(4...4))
    let first = take(&log, 2)
    #expect(first == [1, 2])
    #expect(log.index == LogIndex(2) && log.time == 20 && log.hasMore)
    let rest = take(&log)
    #expect(rest == [3, 4])
    #expect(log.index == LogIndex(4) && log.time == 40 && !log.hasMore)
  }

  @Test("nothing is applied while a snapshot is read; what it covers is gone, and what follows it waits")
  func loading() {
    var log = AppliedLog(index: .zero, time: 0)
    log.enqueue(entries(1...3))
    _ = take(&log, 1)
    log.load(meta(9))
    log.enqueue(entries(10...11))
    let meanwhile = take(&log)
    #expect(meanwhile.isEmpty && !log.hasMore && log.index == LogIndex(1))
    log.loaded(meta(9))
    #expect(log.index == LogIndex(9) && log.time == 90 && log.hasMore)
    let rest = take(&log)
    #expect(rest == [10, 11])
  }

  @Test("a budget ends with its commands, or with its bytes, whichever is first")
  func budget() {
    var budget = ApplyBudget()
    budget.spend(commands: 4_095, bytes: 0)
    #expect(!budget.isSpent)
    // An entry without commands is work, too.
    budget.spend(commands: 0, bytes: 0)
    #expect(budget.isSpent)
    var bytes = ApplyBudget()
    bytes.spend(commands: 1, bytes: 2 << 20)
    #expect(bytes.isSpent)
  }

  private func expectParts(_ node: LoneNode, _ batches: [[Submission]], entriesOfFirst: Int) {
    var node = node
    node.persist()
    node.forget()
    let before = node.last.rawValue
    node.append(batches)
    node.turn()
    #expect(node.hasMore)
    #expect(node.node.raft.appliedIndex.rawValue == before + UInt64(entriesOfFirst))
    // In between it answers its peers.
    node.receive(.heartbeat(Heartbeat(commit: node.last, readRound: 77)))
    node.turn()
    let rounds = node.frames.flatMap { frame -> [UInt64] in
      guard case .raft(let messages) = frame.content else { return [] }
      return messages.compactMap {
        if case .heartbeatReply(let reply) = $0.body { reply.readRound } else { nil }
      }
    }
    #expect(node.hasMore)
    #expect(rounds == [77])
    node.endTurn()
    #expect(!node.hasMore)
    #expect(node.node.raft.appliedIndex == node.last)
  }

  @Test("a turn applies some commands and says that there is more")
  func manyCommands() throws {
    let node = try LoneNode()
    let nothing = Submission(
      origin: Origin(server: ServerID(2), request: 0), command: .timePasses(TimePasses(limit: 1)))
    let batch = [Submission](repeating: nothing, count: 1_024)
    expectParts(node, [[Submission]](repeating: batch, count: 10), entriesOfFirst: 4)
  }

  @Test("a turn applies some bytes and says that there is more")
  func manyBytes() throws {
    var node = try LoneNode()
    let session = try node.open("r1", owner: 1)
    let batches = (0..<10).map { [node.said("m\($0)", in: session, bytes: 600 << 10)] }
    expectParts(node, batches, entriesOfFirst: 4)
  }

  @Test("while a snapshot is read nothing is applied and nothing spins; then all that has come meanwhile is")
  func whileLoading() throws {
    var node = try LoneNode()
    let session = try node.open("r1", owner: 1)
    node.persist()
    let chunk = node.snapshot(of: node.node.state)
    node.receive(.snapshotChunk(chunk))
    node.endTurn()
    node.persist()
    let applied = node.node.raft.appliedIndex
    node.commit([node.said("m1", in: session)])
    #expect(!node.hasMore)
    #expect(node.node.raft.appliedIndex == applied)
    #expect(node.node.state.sequence(of: session) == .zero)
    // An answer to something else changes nothing.
    var other = chunk.meta
    other.index = LogIndex(other.index.rawValue - 1)
    node.take(.snapshotLoaded(other, ReplicatedState()))
    node.take(.snapshotUnreadable(other, "x"))
    node.endTurn()
    #expect(node.failure == nil)
    #expect(node.node.raft.appliedIndex == applied)
    try node.load(chunk)
    #expect(node.node.raft.appliedIndex == node.last)
    #expect(node.node.state.sequence(of: session) == Sequence(1))
    // It comes twice: the second one says nothing new.
    node.take(.snapshotLoaded(chunk.meta, try ReplicatedState(snapshot: chunk.data)))
    node.endTurn()
    #expect(node.node.state.sequence(of: session) == Sequence(1))
  }

  @Test("no snapshot of the own state is begun while another takes its place")
  func noSnapshotWhileLoading() throws {
    var node = try LoneNode { $0.snapshotEntries = 3 }
    _ = try node.open("r1", owner: 1)
    node.persist()
    node.append([[]], isCommitted: false)
    node.endTurn()
    node.persist()
    node.receive(.heartbeat(Heartbeat(commit: node.last)))
    node.endTurn()
    #expect(node.snapshotJobs.count == 1)
    let job = try #require(node.snapshotJobs.first)
    #expect(job.index <= node.node.raft.durableIndex)
    node.take(.snapshotFailed("no room"))
    let chunk = node.snapshot(of: node.node.state)
    node.receive(.snapshotChunk(chunk))
    node.endTurn()
    node.persist()
    for _ in 0..<5 {
      node.append([[]], isCommitted: false)
      node.endTurn()
      node.persist()
      node.receive(.heartbeat(Heartbeat(commit: node.last)))
      node.endTurn()
    }
    #expect(node.snapshotJobs.count == 1)
    try node.load(chunk)
    #expect(node.snapshotJobs.count == 2)
  }
}
