import Desk
import Protocol
import Testing

@testable import Node

@Suite("What gateway loops get at the end of a turn")
struct OutboxTests {
  private func reply(_ tag: UInt32) -> Delivery { .reply(.first, tag: tag, .done) }

  private func tags(_ batches: [[Delivery]]) -> [[UInt32]] {
    batches.map { $0.compactMap { if case .reply(_, let tag, _) = $0 { tag } else { nil } } }
  }

  @Test("each gets its own, in order, once; nobody gets anything when there is nothing")
  func each() {
    var outbox = Outbox()
    outbox.serve(3)
    let empty = outbox.take()
    #expect(empty.isEmpty)
    outbox.put(reply(1), into: 2)
    outbox.put(reply(2), into: 0)
    outbox.put(reply(3), into: 2)
    let first = outbox.take()
    #expect(tags(first) == [[2], [], [1, 3]])
    let second = outbox.take()
    #expect(second.isEmpty)
    #expect(outbox.sinks == 3)
  }

  @Test("a loop that there is not gets nothing, and there are never fewer than there were")
  func loops() {
    var outbox = Outbox()
    outbox.put(reply(1), into: 0)
    outbox.serve(2)
    outbox.serve(1)
    outbox.put(reply(2), into: 2)
    outbox.put(reply(3), into: .max)
    let taken = outbox.take()
    #expect(taken.isEmpty)
    outbox.put(reply(4), into: 1)
    let second = outbox.take()
    #expect(tags(second) == [[], [4]])
  }

  @Test("a message for many is one delivery for each loop that serves some of them")
  func fanOut() throws {
    var node = try LoneNode(sinks: 70)
    let session = try node.open("r1", owner: 1)
    let connections = [(0, 1), (0, 2), (69, 3)].map { ConnectionID(sink: $0.0, number: $0.1) }
    for connection in connections { node.ask(.join(session, after: .zero), on: connection) }
    node.endTurn()
    node.answerReads()
    node.forget()
    node.sayElsewhere("m1", in: session)
    #expect(node.clients.deliveries.map(\.sink) == [0, 69])
    for connection in connections { #expect(node.clients.told(connection) == ["message 1"]) }
  }
}
