import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("A node whose state lets go of what is over")
struct LeavingTests {
  /// At the newest level, with an archive.
  private func node(
    archived: LogIndex? = .zero, configure: (inout NodeConfiguration) -> Void = { _ in }
  ) throws -> LoneNode {
    var restored = RestoredNode()
    restored.archived = archived
    var node = try LoneNode(restored: restored, configure: configure)
    node.commit([submission(.raiseLevel(RaiseLevel(.newest)))])
    return node
  }

  private func submission(_ command: Command) -> Submission {
    Submission(origin: Origin(server: ServerID(2), request: 0), command: command)
  }

  @Test("makes no snapshot of what its archive does not have, and makes it when the archive has come so far")
  func snapshots() throws {
    for level in [Level.fifth, .newest] {
      var restored = RestoredNode()
      restored.archived = .zero
      var node = try LoneNode(restored: restored) { $0.snapshotEntries = 5 }
      node.commit([submission(.raiseLevel(RaiseLevel(level)))])
      for _ in 0..<6 { node.commit([]) }
      node.persist()
      guard level == .newest else {
        #expect(node.snapshotJobs.count == 1)
        continue
      }
      let due = try #require(node.node.snapshots.waiting?.index)
      #expect(node.snapshotJobs.isEmpty)
      node.take(.archived(LogIndex(due.rawValue - 1)))
      node.endTurn()
      #expect(node.snapshotJobs.isEmpty)
      node.take(.archived(due))
      node.endTurn()
      #expect(node.snapshotJobs.map(\.index) == [due])
    }
  }

  @Test("waits for no archive where it has none")
  func withoutArchive() throws {
    var node = try node(archived: nil) { $0.snapshotEntries = 5 }
    for _ in 0..<6 { node.commit([]) }
    node.persist()
    #expect(node.snapshotJobs.count == 1)
  }

  @Test("asks its archive for a history that the state does not have, and answers what it has at once")
  func histories() throws {
    var node = try node()
    let session = try node.open("r1", customer: "ann", owner: 2)
    for number in 1...200 { node.commit([node.said("m\(number)", in: session)]) }
    node.commit([])
    node.forget()
    func ask(_ range: TranscriptRange, tag: UInt32, by person: Person = .ann) {
      node.ask(.history(session, range, limit: 5), tag: tag, by: person)
      node.endTurn()
      node.answerReads()
    }
    let kept = try #require(node.node.state.session(session)).firstKept
    #expect(kept == Sequence(65))
    ask(.after(Sequence(64)), tag: 1)
    ask(.before(Sequence(kept.rawValue + 5)), tag: 5)
    #expect(node.questions.isEmpty)
    ask(.after(Sequence(63)), tag: 2)
    ask(.before(Sequence(kept.rawValue + 4)), tag: 3)
    #expect(node.questions.count == 2)
    ask(.after(.zero), tag: 4, by: Person(id: "bert", role: .customer, name: ""))
    #expect(node.questions.count == 2 && node.clients.failures.map(\.failure.code) == [.forbidden])
    let question = try #require(node.questions.first)
    node.take(
      .archiveAnswered(number: question.number, .success(.history(session, TranscriptPage(of: [], more: true))))
    )
    node.endTurn()
    let pages = node.clients.replies.filter { if case .history = $0.reply { true } else { false } }
    #expect(pages.map(\.tag) == [1, 5, 2])
  }

  @Test("keeps no followers of a session that has left")
  func followers() throws {
    var node = try node()
    let session = try node.open("r1", customer: "ann", owner: 2)
    node.ask(.join(session, after: .zero), tag: 1)
    node.endTurn()
    node.answerReads()
    #expect(node.node.subscriptions.connections(of: session).count == 1)
    node.commit([submission(.perform(Envelope(Close(session: session), id: "", by: .ann, epoch: Epoch(1))))])
    #expect(node.node.subscriptions.connections(of: session).count == 1)
    node.commit([submission(.timePasses(TimePasses(limit: 10, endedBefore: .max)))])
    #expect(node.node.subscriptions.connections(of: session).isEmpty)
    #expect(node.node.subscriptions.sessions.isEmpty)
    node.pass(2_000)
    #expect(!node.node.localPresence.knows(session))
  }

  @Test("asks its archive for a session that may have left, and for none that was never there")
  func gone() throws {
    var node = try node()
    let session = try node.open("r1", customer: "ann", owner: 2)
    node.commit([submission(.perform(Envelope(Close(session: session), id: "", by: .ann, epoch: Epoch(1))))])
    node.commit([submission(.timePasses(TimePasses(limit: 10, endedBefore: .max)))])
    #expect(node.node.state.session(session) == nil)
    node.forget()
    let future = SessionID(index: node.last.rawValue + 100, place: 0) ?? session
    for (tag, id) in [(UInt32(1), session), (2, future)] {
      node.ask(.history(id, .after(.zero), limit: 5), tag: tag)
      node.endTurn()
      node.answerReads()
    }
    #expect(node.questions.count == 1 && node.clients.failures.map(\.tag) == [2])
  }
}

@Suite("A leader whose state lets go of what is over", .serialized)
struct LeaderOfLeavingTests {
  /// Node 1, which leads, and when a session was closed.
  ///
  /// - Parameter reads: the highest level that it reads.
  private func leader(
    _ level: Level, reads: Level? = nil, restored: RestoredNode = RestoredNode()
  ) throws -> (node: LoneNode, ended: UInt64) {
    var node = try LoneNode(restored: restored) {
      $0.linger = 2_000
      $0.level = reads ?? level
    }
    node.commit([
      Submission(origin: Origin(server: ServerID(2), request: 0), command: .raiseLevel(RaiseLevel(level)))
    ])
    let session = try node.open("r1", customer: "ann", owner: 2)
    node.commit([
      Submission(
        origin: Origin(server: ServerID(2), request: 9),
        command: .perform(Envelope(Close(session: session), id: "", by: .ann, epoch: Epoch(1))))
    ])
    let ended = try #require(node.node.state.session(session)?.closedAt)
    node.persist()
    node.receive(.timeoutNow)
    node.endTurn()
    node.persist()
    say(.voteReply(VoteReply(preVote: false, granted: true)), to: &node)
    acknowledge(&node)
    try #require(node.node.raft.role == .leader)
    node.forget()
    return (node, ended)
  }

  private func say(_ body: Raft.Message.Body, to node: inout LoneNode) {
    for peer in [NodeID(2), NodeID(3)] {
      let message = Raft.Message(from: peer, to: NodeID(1), term: node.node.raft.term, body: body)
      node.take(.peer(.raft([message]), from: peer))
    }
    node.endTurn()
    node.persist()
  }

  /// The others have all that this node has.
  private func acknowledge(_ node: inout LoneNode) {
    say(.appendReply(AppendReply(index: node.node.raft.lastIndex)), to: &node)
  }

  /// What it has said of time so far, to node 2.
  private func times(_ node: LoneNode) -> [TimePasses] {
    node.frames.flatMap { frame -> [TimePasses] in
      guard frame.to == NodeID(2), case .raft(let messages) = frame.content else { return [] }
      return messages.flatMap { message -> [TimePasses] in
        guard case .append(let request) = message.body else { return [] }
        return request.entries.flatMap { entry in
          ((try? CommandCodec.decode(entry.data)) ?? []).compactMap {
            if case .timePasses(let time) = $0.command { time } else { nil }
          }
        }
      }
    }
  }

  private func pass(_ milliseconds: Int, _ node: inout LoneNode) {
    for _ in 0..<(milliseconds / 50) {
      node.pass(50, isLed: false)
      acknowledge(&node)
    }
  }

  @Test(
    "says that time has passed when a session has been closed for as long as it stays, and a second more, and not before"
  )
  func due() throws {
    var (node, ended) = try leader(.newest)
    while node.timeOfDay < ended + 2_850 {
      pass(50, &node)
      #expect(times(node).isEmpty)
    }
    pass(400, &node)
    let time = try #require(times(node).first)
    #expect(time.endedBefore.map { $0 > ended && $0 <= node.timeOfDay - 2_000 } == true)
    pass(3_000, &node)
    #expect(node.node.state.sessionCounts.closed == 0 && Set(times(node)).count == 1)
  }

  @Test("does not raise the cluster to level 6 while its archive is still to be filled from the state")
  func archiveFirst() throws {
    var restored = RestoredNode()
    (restored.archived, restored.archiveNeedsWhole) = (.zero, true)
    var (node, _) = try leader(.fifth, reads: .newest, restored: restored)
    pass(2_000, &node)
    #expect(node.node.state.level == .fifth)
    node.take(.archived(node.node.raft.appliedIndex))
    pass(2_000, &node)
    #expect(node.node.state.level == .newest)
  }

  @Test("lets nothing go below level 6")
  func levels() throws {
    var (node, _) = try leader(.fifth)
    pass(4_000, &node)
    #expect(times(node).isEmpty && node.node.state.sessionCounts.closed == 1)
  }
}
