import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("A node and its archive")
struct ArchiveHandoverTests {
  private func node(archived: UInt64? = 0) throws -> LoneNode {
    var restored = RestoredNode()
    restored.archived = archived.map { LogIndex($0) }
    return try LoneNode(restored: restored)
  }

  /// A session is opened and closed; gives what the node hands over meanwhile.
  private func converse(_ node: inout LoneNode, _ customer: String) -> [ArchiveBatch] {
    let person = Person(id: customer, role: .customer, name: customer)
    let open = OpenSession(
      customer: person, requestID: "r", channel: "web", skill: "", intent: "", priority: 0, attributes: [],
      owner: ServerID(2))
    let id = SessionID(index: node.last.rawValue + 1, place: 0) ?? SessionID(rawValue: 0)
    node.commit([Submission(origin: Origin(server: ServerID(2), request: 1), command: .open(open))])
    node.commit([
      Submission(
        origin: Origin(server: ServerID(2), request: 2),
        command: .perform(Envelope(Close(session: id), id: "", by: person, epoch: Epoch(1))))
    ])
    defer { node.archived = [] }
    return node.archived
  }

  @Test("hands over what is over, and how far the log is")
  func rows() throws {
    var node = try node()
    let batches = converse(&node, "alice")
    #expect(batches.count == 1 && batches.first?.rows.count == 1 && batches.first?.whole == nil)
    #expect(batches.first?.upTo == node.last)
    #expect(converse(&node, "bert").count == 1)
  }

  @Test("hands over nothing where there is no archive")
  func none() throws {
    var node = try node(archived: nil)
    #expect(converse(&node, "alice").isEmpty)
  }

  @Test("says where the log is when a snapshot is due, though nothing is over")
  func hurried() throws {
    var restored = RestoredNode()
    restored.archived = .zero
    var node = try LoneNode(restored: restored) { $0.snapshotEntries = 5 }
    for _ in 0..<5 { node.commit([]) }
    #expect(node.node.snapshots.waiting != nil)
    node.commit([])
    #expect(node.archived.count == 1 && node.archived.first?.rows.isEmpty == true)
  }

  @Test(
    "gives the whole state when a snapshot of the leader has taken its place, once what is under way is written"
  )
  func installed() throws {
    var node = try node()
    #expect(converse(&node, "alice").count == 1)
    let chunk = node.snapshot(of: node.node.state)
    try node.install(chunk)
    #expect(node.archived.isEmpty && node.node.archiveHasGap, "the first batch is not written yet")
    node.take(.archived(LogIndex(chunk.meta.index.rawValue - 10)))
    node.endTurn()
    let batch = try #require(node.archived.first)
    #expect(
      batch.whole?.session(SessionID(index: 3, place: 0) ?? SessionID(rawValue: 0)) != nil || batch.whole != nil
    )
    #expect(batch.upTo == chunk.meta.index && batch.rows.isEmpty && !node.node.archiveHasGap)
    node.archived = []
    #expect(converse(&node, "bert").first?.rows.count == 1)
  }

  @Test(
    "gives the whole state when it starts with a snapshot that its archive is behind of, and not when it is ahead"
  )
  func behindAtStart() throws {
    for (archived, isBehind) in [(UInt64(2), true), (5, false), (1_000, false)] {
      var restored = RestoredNode()
      restored.archived = LogIndex(archived)
      restored.snapshot = SnapshotMeta(
        index: LogIndex(5), term: Term(1), time: 1, membership: Membership(voters: (1...3).map { NodeID($0) }),
        size: 0,
        checksum: 0)
      restored.hardState = HardState(term: Term(1), vote: nil, commit: LogIndex(5))
      let configuration = try LoneNode().node.configuration
      var node = try Node(
        configuration: configuration, restored: restored, at: NodeTime(now: .init(nanoseconds: 1), timeOfDay: 1)
      )
      let output = node.endTurn(at: NodeTime(now: .init(nanoseconds: 2), timeOfDay: 2))
      #expect((output.archive?.whole != nil) == isBehind)
    }
  }

  @Test(
    "hands over again what could not be written, after five seconds, with what came meanwhile and without a gap"
  )
  func failed() throws {
    var node = try node()
    let first = try #require(converse(&node, "alice").first)
    #expect(first.rows.count == 1)
    node.take(.archiveFailed("no space left on device", needsWhole: false))
    node.endTurn()
    #expect(node.logs.contains { $0.message.contains("archive could not be written") })
    #expect(converse(&node, "bert").isEmpty)
    node.pass(6_000)
    let again = try #require(node.archived.first)
    #expect(again.whole == nil && again.missing == nil && again.after == first.after)
    #expect(again.rows.count == 2 && again.upTo >= node.last)
    node.take(.archived(again.upTo))
    node.take(.archiveFailed("again", needsWhole: false))
    node.archived = []
    node.pass(6_000)
    #expect(node.archived.allSatisfy { $0.rows.isEmpty }, "what is durable does not come again")
  }

  @Test("gives the state as well where a file of the archive was lost, and says of no entry that it is missing")
  func lostFile() throws {
    var node = try node()
    #expect(converse(&node, "alice").count == 1)
    node.take(.archiveFailed("a file is gone", needsWhole: true))
    #expect(node.node.archiveHasGap)
    node.pass(6_000)
    let batch = try #require(node.archived.first)
    #expect(batch.whole != nil && batch.missing == nil && batch.rows.count == 1 && !node.node.archiveHasGap)
  }

  @Test("a whole state that could not be written comes again, with all that it was to fill")
  func wholeFails() {
    var handover = ArchiveHandover(durable: LogIndex(5), state: LogIndex(20))
    let first = handover.take(at: LogIndex(20), now: .init(nanoseconds: 1))
    #expect(first?.missing == ArchiveGap(after: 5, upTo: 20) && !handover.hasGap)
    handover.failed(.init(nanoseconds: 2), needsWhole: false)
    #expect(handover.hasGap)
    #expect(handover.take(at: LogIndex(25), now: .init(nanoseconds: 3)) == nil, "it is too soon")
    let again = handover.take(at: LogIndex(25), now: .init(nanoseconds: 6_000_000_000))
    #expect(again?.missing == ArchiveGap(after: 5, upTo: 20) && again?.upTo == LogIndex(25))
  }

  @Test("that falls too far behind is given nothing more, and then what it missed from the state")
  func bounded() {
    var handover = ArchiveHandover(durable: .zero, state: .zero)
    var desk = ReplicatedState()
    let person = Person(id: "alice", role: .customer, name: "")
    var effects: [Effect] = []
    desk.apply(
      [
        Submission(
          origin: Origin(server: ServerID(1), request: 1),
          command: .open(
            OpenSession(
              customer: person, requestID: "r", channel: "", skill: "", intent: "", priority: 0, attributes: [],
              owner: ServerID(1))))
      ], index: 1, now: 1, into: &effects)
    let id = SessionID(index: 1, place: 0) ?? SessionID(rawValue: 0)
    let body = [UInt8](repeating: 120, count: 1 << 20)
    for number in 0..<2 {
      desk.apply(
        [
          Submission(
            origin: Origin(server: ServerID(1), request: 2),
            command: .send(
              SendMessage(
                session: id, epoch: Epoch(1), id: "m\(number)", sender: person, kind: .text, body: body)))
        ], index: 2, now: 2, into: &effects)
    }
    guard let chunk = desk.session(id)?.chunk(0) else {
      Issue.record("no chunk")
      return
    }
    var index = LogIndex(10)
    var last = LogIndex.zero
    var handed = 0
    for _ in 0..<120 where !handover.hasGap {
      index = index.next
      var rows = [ArchiveRow.chunk(chunk, RowOrigin(index.rawValue))]
      handover.add(&rows, at: index)
      #expect(handover.isBehind == ((handed + 1) * chunk.bytes > ArchiveHandover.behindAt) || handover.hasGap)
      if let batch = handover.take(at: index, now: .init(nanoseconds: 1)) {
        (handed, last) = (handed + 1, batch.upTo)
      }
    }
    #expect(handover.hasGap && handed * chunk.bytes <= ArchiveHandover.mostUnderWay && handed > 85)
    #expect(handover.take(at: index, now: .init(nanoseconds: 1)) == nil, "what is under way comes first")
    handover.isDurable(last)
    var rows = [ArchiveRow.chunk(chunk, RowOrigin(index.next.rawValue))]
    handover.add(&rows, at: index.next)
    let batch = handover.take(at: index.next, now: .init(nanoseconds: 1))
    #expect(!handover.hasGap && batch?.rows.count == 1, "what came behind the gap is not in it")
    #expect(batch?.missing == ArchiveGap(after: last.rawValue, upTo: index.rawValue))
    #expect(!handover.isBehind)
  }

  @Test("goes on where the archive is ahead of the log at its start")
  func ahead() {
    var handover = ArchiveHandover(durable: LogIndex(100), state: LogIndex(50))
    handover.beginGap(after: LogIndex(50), upTo: LogIndex(60))
    #expect(handover.take(at: LogIndex(60), now: .init(nanoseconds: 1)) != nil)
    handover.isDurable(LogIndex(100))
    handover.beginGap(after: LogIndex(60), upTo: LogIndex(61))
    #expect(handover.take(at: LogIndex(61), now: .init(nanoseconds: 1)) != nil, "the first one is written")
  }

  @Test(
    "refuses new sessions and messages while its archive is far behind, and only where the archive alone has what is over"
  )
  func behind() throws {
    for isRaised in [false, true] {
      var restored = RestoredNode()
      restored.archived = .zero
      var node = try LoneNode(restored: restored)
      if isRaised {
        node.commit([
          Submission(origin: Origin(server: ServerID(2), request: 0), command: .raiseLevel(RaiseLevel(.sixth)))
        ])
      }
      let session = try node.open("a", owner: 1)
      let messages = (1...4).map { number in
        Message(
          sequence: Sequence(number), id: "m\(number)", sender: Person(id: "a", role: .customer, name: ""),
          kind: .text,
          body: [UInt8](repeating: 120, count: 5 << 20), time: 1)
      }
      let chunk = try #require(ArchivedChunk(of: messages, in: session, openedAt: 1))
      var rows = (0..<4).map { _ in ArchiveRow.chunk(chunk, RowOrigin(node.last.rawValue)) }
      node.node.archive.add(&rows, at: node.last)
      #expect(node.node.archiveIsBehind)
      node.forget()
      node.say("m", in: session, tag: 1)
      node.ask(
        .open(OpenRequest(id: "b", channel: "", skill: "", intent: "", priority: 0, attributes: [])), tag: 2)
      node.endTurn()
      #expect(node.clients.failures.map(\.failure.code) == (isRaised ? [.busy, .busy] : []))
      #expect(node.clients.failures.allSatisfy { $0.failure.retryAfterMilliseconds != nil })
      node.take(.archived(node.last))
      #expect(!node.node.archiveIsBehind)
    }
  }
}
