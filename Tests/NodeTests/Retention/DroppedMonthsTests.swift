import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("A leader drops months", .serialized)
struct DroppedMonthsTests {
  /// A week of January 2027 is over.
  private static let january: UInt64 = 1_799_366_400_000
  private static let number: UInt32 = 2027 * 12

  /// Node 1, in January.
  private func node(_ level: Level = .seventh, keeps months: Int = 2) throws -> LoneNode {
    var restored = RestoredNode()
    restored.archived = .zero
    var node = try LoneNode(restored: restored) {
      $0.keepMonths = months
      $0.level = level
    }
    node.timeOfDay = Self.january
    node.tick()
    node.commit([
      Submission(origin: Origin(server: ServerID(2), request: 0), command: .raiseLevel(RaiseLevel(level)))
    ])
    try #require(node.node.state.level == level)
    return node
  }

  private func lead(_ node: inout LoneNode) throws {
    node.persist()
    node.receive(.timeoutNow)
    node.endTurn()
    node.persist()
    say(.voteReply(VoteReply(preVote: false, granted: true)), to: &node)
    acknowledge(&node)
    try #require(node.node.raft.role == .leader)
  }

  private func say(_ body: Raft.Message.Body, to node: inout LoneNode) {
    for peer in [NodeID(2), NodeID(3)] {
      let message = Raft.Message(from: peer, to: NodeID(1), term: node.node.raft.term, body: body)
      node.take(.peer(.raft([message]), from: peer))
    }
    node.endTurn()
    node.persist()
  }

  private func acknowledge(_ node: inout LoneNode) {
    say(.appendReply(AppendReply(index: node.node.raft.lastIndex)), to: &node)
  }

  private func tellTime(_ node: inout LoneNode, ahead: Int64 = 0) {
    for peer in [NodeID(2), NodeID(3)] {
      for _ in 0..<ClockWatch.samples {
        var notice = NodeNotice()
        notice.level = .newest
        notice.timeOfDay = UInt64(Int64(node.timeOfDay) + ahead)
        node.take(.peer(.notice(notice), from: peer))
      }
    }
    node.endTurn()
  }

  private func pass(_ milliseconds: Int, _ node: inout LoneNode) {
    for _ in 0..<(milliseconds / 50) {
      node.pass(50, isLed: false)
      acknowledge(&node)
    }
  }

  /// What it has said so far, by the index of the entry: each is sent more than once.
  private func said(_ node: LoneNode) -> [LogIndex: UInt32] {
    var said: [LogIndex: UInt32] = [:]
    for frame in node.frames {
      guard frame.to == NodeID(2), case .raft(let messages) = frame.content else { continue }
      for message in messages {
        guard case .append(let request) = message.body else { continue }
        for entry in request.entries {
          for submission in (try? CommandCodec.decode(entry.data)) ?? [] {
            if case .dropMonths(let drop) = submission.command { said[entry.index] = drop.before }
          }
        }
      }
    }
    return said
  }

  @Test("once, at the start of its term, and again when a month more is over; whoever follows says nothing")
  func once() throws {
    var node = try node()
    tellTime(&node)
    node.pass(500)
    #expect(said(node).isEmpty)
    try lead(&node)
    pass(1_000, &node)
    #expect(said(node).map(\.value) == [Self.number - 2])
    #expect(node.node.state.droppedBefore == Self.number - 2)
    pass(70_000, &node)
    #expect(said(node).count == 1)
    node.forget()
    // It is February then.
    node.timeOfDay += 31 * 86_400_000
    tellTime(&node)
    pass(61_000, &node)
    #expect(said(node).map(\.value) == [Self.number - 1])
  }

  @Test(
    "by no configuration that keeps everything, and not below level 7",
    arguments: [(Level.seventh, 0), (.sixth, 2)])
  func never(level: Level, months: Int) throws {
    var node = try node(level, keeps: months)
    tellTime(&node)
    try lead(&node)
    pass(1_000, &node)
    #expect(said(node).isEmpty && node.node.state.droppedBefore == 0)
  }

  @Test("not before others have told their time, and not while its clock is far from theirs")
  func clocks() throws {
    var node = try node()
    try lead(&node)
    pass(1_000, &node)
    #expect(said(node).isEmpty)
    tellTime(&node, ahead: -40 * 86_400_000)
    pass(1_000, &node)
    #expect(said(node).isEmpty)
    tellTime(&node)
    pass(1_000, &node)
    #expect(said(node).map(\.value) == [Self.number - 2])
  }

  private func drop(before month: UInt32) -> [Submission] {
    [
      Submission(
        origin: Origin(server: ServerID(2), request: 0), command: .dropMonths(DropMonths(before: month)))
    ]
  }

  @Test("its archive is told by a row, and with a whole state where that is given")
  func handover() throws {
    var node = try node()
    node.commit(drop(before: Self.number - 2))
    let rows = node.archived.flatMap(\.rows).compactMap { row -> UInt32? in
      if case .monthsDropped(let month) = row { month } else { nil }
    }
    #expect(rows == [Self.number - 2])
    node.take(.archiveFailed("a file is lost", needsWhole: true))
    node.later(.milliseconds(6_000))
    node.tick()
    #expect(node.archived.last { $0.whole != nil }?.droppedBefore == Self.number - 2)
  }

  @Test("what the archive does not have yet is not taken for dropped")
  func underWay() throws {
    var node = try node()
    let session = try node.open("r1", customer: "ann", owner: 2)
    for number in 1...70 {
      let send = SendMessage(
        session: session, epoch: Epoch(1), id: "m\(number)", sender: .ann, kind: .text, body: [0x78])
      node.commit([Submission(origin: Origin(server: ServerID(2), request: 0), command: .send(send))])
    }
    #expect(node.node.archiveIsCaughtUp(with: session), "nothing of it can be dropped")
    node.timeOfDay += 70 * 86_400_000
    node.commit(drop(before: Self.number + 1))
    try #require(node.node.state.droppedBefore == Self.number + 1)
    #expect(!node.node.archiveIsCaughtUp(with: session))
    node.take(.archived(node.last))
    #expect(node.node.archiveIsCaughtUp(with: session))
  }
}
