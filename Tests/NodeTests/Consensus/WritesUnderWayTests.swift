import Protocol
import Raft
import Testing

@testable import Node

@Suite("Writes that are not durable yet")
struct WritesUnderWayTests {
  private func write(_ number: UInt64, _ messages: UInt64...) -> Write {
    var write = Write(number: number)
    write.messages = messages.map {
      Raft.Message(
        from: NodeID(1), to: NodeID(2), term: Term(1), body: .appendReply(AppendReply(index: LogIndex($0))))
    }
    return write
  }

  private func promised(_ messages: [Raft.Message]) -> [UInt64] {
    messages.compactMap { if case .appendReply(let reply) = $0.body { reply.index.rawValue } else { nil } }
  }

  @Test("what waits for a write may go when it, or a later one, is durable: in order, and once")
  func ended() {
    var writes = WritesUnderWay()
    for (number, messages) in [(1, [11]), (2, []), (3, [31, 32]), (4, [41])] as [(UInt64, [UInt64])] {
      var next = write(number)
      next.messages = messages.flatMap { write(0, $0).messages }
      writes.submitted(next)
    }
    #expect(writes.lastNumber == 4)
    let none = writes.ended(0)
    #expect(none.numbers.isEmpty && none.messages.isEmpty)
    let first = writes.ended(3)
    #expect(first.numbers == [1, 2, 3])
    #expect(promised(first.messages) == [11, 31, 32])
    let again = writes.ended(3)
    #expect(again.numbers.isEmpty && again.messages.isEmpty)
    #expect(!writes.isEmpty)
    let last = writes.ended(4)
    #expect(promised(last.messages) == [41])
    #expect(writes.isEmpty && writes.lastNumber == nil)
  }

  @Test("what waited for one that was refused never goes, and later ones do")
  func refused() {
    var writes = WritesUnderWay()
    for number in 1...3 as ClosedRange<UInt64> { writes.submitted(write(number, number * 10)) }
    writes.refused(2)
    let ended = writes.ended(3)
    #expect(ended.numbers == [3])
    #expect(promised(ended.messages) == [30])
  }

  @Test("a node reports entries as taken when they are on its disk, and not before")
  func reported() throws {
    var node = try LoneNode()
    node.persist()
    node.forget()
    node.commit([])
    func reports(_ node: LoneNode) -> [UInt64] {
      node.frames.flatMap { frame -> [UInt64] in
        guard case .raft(let messages) = frame.content else { return [] }
        return promised(messages)
      }
    }
    #expect(reports(node).isEmpty)
    #expect(node.node.raft.durableIndex < node.last)
    node.persist()
    #expect(reports(node) == [node.last.rawValue])
    #expect(node.node.raft.durableIndex == node.last)
  }
}
