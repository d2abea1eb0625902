import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("Old copies of a disk")
struct OldCopyTests {
  private func notice(
    life: UInt64, start: StorePosition, durable: StorePosition = .zero,
    _ change: (inout NodeNotice) -> Void = { _ in }
  ) -> NodeNotice {
    var notice = NodeNotice()
    notice.level = .newest
    notice.life = life
    notice.start = start
    notice.durable = durable
    notice.address = "node3 10.0.0.3:9101 http://10.0.0.3"
    change(&notice)
    return notice
  }

  private func at(_ term: UInt64, _ index: UInt64) -> StorePosition { StorePosition(term: term, index: index) }

  @Test("a disk that is behind what its node has told is one; one that is cut in a later term is none")
  func memory() {
    let now = Instant(nanoseconds: 1)
    for (start, isOld) in [
      (at(5, 100), false), (at(5, 99), true), (at(4, 200), true), (at(6, 3), false), (at(5, 101), false),
    ] {
      var memory = StoreMemory()
      let peer = NodeID(3)
      _ = memory.take(notice(life: 1, start: at(1, 1)), of: peer, at: now)
      memory.promised(at(5, 100), by: peer)
      memory.promised(at(4, 300), by: peer)
      let finding = memory.take(notice(life: 2, start: start), of: peer, at: now)
      #expect(finding == (isOld ? .isOld(at(5, 100)) : .nothing), "\(start)")
      // It does not get better by being said again.
      let again = memory.take(notice(life: 2, start: start), of: peer, at: now)
      #expect(again == finding)
    }
  }

  @Test(
    "what others have heard counts, also after an own start; a node that was emptied is expected nothing of")
  func told() {
    let now = Instant(nanoseconds: 1)
    let peer = NodeID(3)
    var first = StoreMemory()
    _ = first.take(notice(life: 1, start: at(1, 1), durable: at(5, 100)), of: peer, at: now)
    let heard = first.told(of: [peer])[0]
    // Before the node itself speaks, and after.
    var second = StoreMemory()
    let found1 = second.learn(heard, of: peer)
    #expect(found1 == .nothing)
    let found2 = second.take(notice(life: 2, start: at(5, 7)), of: peer, at: now)
    #expect(found2 == .isOld(at(5, 100)))
    var third = StoreMemory()
    let found3 = third.take(notice(life: 2, start: at(5, 7)), of: peer, at: now)
    #expect(found3 == .nothing)
    _ = first.take(notice(life: 2, start: at(5, 7)), of: peer, at: now)
    let found4 = third.learn(first.told(of: [peer])[0], of: peer)
    #expect(found4 == .isOld(at(5, 100)))
    // Emptied, and taken in.
    let emptied = notice(life: 3, start: .zero) { $0.conditions = .doesNotVote }
    let found5 = third.take(emptied, of: peer, at: now)
    #expect(found5 == .nothing)
    let found6 = third.take(notice(life: 3, start: at(5, 120)), of: peer, at: now)
    #expect(found6 == .nothing)
    let found7 = third.learn(heard, of: peer)
    #expect(found7 == .nothing)
  }

  @Test("nothing of such a node is taken, every status says so, and the node is told")
  func refused() throws {
    var node = try LoneNode()
    node.take(.peer(.notice(notice(life: 1, start: at(1, 1), durable: at(1, 50))), from: NodeID(3)))
    node.take(.peer(.notice(notice(life: 2, start: at(1, 20))), from: NodeID(3)))
    node.endTurn()
    #expect(node.node.status().problems.contains { $0.code == .oldCopy && $0.node == "node3" })
    let told = node.frames.compactMap { frame -> OldStoreFinding? in
      if case .notice(let notice) = frame.content, frame.to == NodeID(3) { notice.finding } else { nil }
    }
    #expect(told.contains(OldStoreFinding(life: 2, told: at(1, 50))))
    let term = node.node.raft.term
    node.take(
      .peer(
        .raft([
          Raft.Message(
            from: NodeID(3), to: NodeID(1), term: Term(9),
            body: .voteRequest(
              VoteRequest(preVote: false, transfer: true, lastIndex: LogIndex(99), lastTerm: Term(8))))
        ]), from: NodeID(3)))
    node.endTurn()
    #expect(node.node.raft.term == term)
    #expect(node.node.status().quorum.canLose == 0)
    // Its disk was emptied meanwhile: it is a node like any that joins.
    node.take(
      .peer(.notice(notice(life: 4, start: .zero) { $0.conditions = .doesNotVote }), from: NodeID(3)))
    node.endTurn()
    #expect(!node.node.status().problems.contains { $0.code == .oldCopy })
  }

  @Test(
    "the node itself stops when it is told, says so to the others, and ends; a word of another life is not for it"
  )
  func stops() throws {
    var node = try LoneNode()
    let life = node.node.integrity.life
    for (other, told, isMeant) in [(life + 1, at(7, 7), false), (life, .zero, false), (life, at(7, 7), true)] {
      node.forget()
      var notice = NodeNotice()
      notice.level = .newest
      notice.finding = OldStoreFinding(life: other, told: told)
      node.take(.peer(.notice(notice), from: NodeID(2)))
      node.endTurn()
      #expect((node.node.standstill != nil) == isMeant)
    }
    let last = node.frames.compactMap { frame -> NodeConditions? in
      if case .notice(let notice) = frame.content { notice.conditions } else { nil }
    }
    #expect(last.count == 2 && last.allSatisfy { $0.contains(.differs) })
    node.forget()
    node.take(
      .peer(
        .raft([
          Raft.Message(
            from: NodeID(3), to: NodeID(1), term: Term(9),
            body: .voteRequest(
              VoteRequest(preVote: false, transfer: true, lastIndex: LogIndex(99), lastTerm: Term(8))))
        ]), from: NodeID(3)))
    node.endTurn()
    #expect(node.frames.isEmpty && node.failure == nil)
    node.pass(600, isLed: false)
    let failure = try #require(node.failure)
    #expect(failure.staysDown?.contains("old copy") == true)
  }

  @Test("two processes with one number are named with both addresses once they speak in turns")
  func twoProcesses() throws {
    var node = try LoneNode()
    let one = notice(life: 1, start: at(1, 1))
    let two = notice(life: 2, start: at(1, 1)) { $0.address = "node3 10.0.0.9:9101 http://10.0.0.9" }
    for _ in 0..<4 {
      node.take(.peer(.notice(one), from: NodeID(3)))
      node.take(.peer(.notice(two), from: NodeID(3)))
      node.pass(500)
    }
    let problem = try #require(node.node.status().problems.first { $0.code == .twoProcesses })
    #expect(
      problem.node == "node3" && problem.advice.contains("10.0.0.3") && problem.advice.contains("10.0.0.9"))
    // A start is none.
    node = try LoneNode()
    node.take(.peer(.notice(one), from: NodeID(3)))
    for _ in 0..<4 { node.take(.peer(.notice(two), from: NodeID(3))) }
    node.endTurn()
    #expect(!node.node.status().problems.contains { $0.code == .twoProcesses })
  }
}
