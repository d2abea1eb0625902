import Desk
import Node
import Protocol
import Synchronization
import Testing

@testable import Host

@Suite("The inbox between the gateway's loops and the node's thread is bounded")
struct RequestInboxTests {
  private func request(_ body: DeskRequest, tag: UInt32 = 1, connection: UInt64 = 1, sink: UInt16 = 0)
    -> ClientRequest
  {
    ClientRequest(
      connection: ConnectionID(sink: sink, number: connection), tag: tag,
      person: Person(id: "ann", role: .customer, name: "ann"), desk: .main, body: body)
  }

  private func send(_ tag: UInt32, bytes: Int = 1, sink: UInt16 = 0) -> ClientRequest {
    request(
      .send(SessionID(rawValue: 7), id: "m\(tag)", body: [UInt8](repeating: 65, count: bytes)), tag: tag,
      sink: sink)
  }

  @Test("the first batch wakes, and what was pushed comes out in order")
  func order() {
    let inbox = RequestInbox()
    #expect(inbox.push([send(1), send(2)]))
    #expect(!inbox.push([send(3)]))
    let (batches, hasMore) = inbox.drain()
    #expect(batches.map { $0.map(\.tag) } == [[1, 2], [3]] && !hasMore)
    #expect(inbox.drain().batches.isEmpty)
    #expect(inbox.push([send(4)]))
  }

  @Test("one turn takes a bounded number, and says that there is more")
  func turns() {
    let inbox = RequestInbox()
    for batch in 0..<100 as Range<UInt32> { _ = inbox.push((0..<100).map { send(batch * 100 + $0) }) }
    var tags: [UInt32] = []
    var hasMore = true
    var turns = 0
    while hasMore, turns < 100 {
      let drained = inbox.drain()
      let count = drained.batches.reduce(0) { $0 + $1.count }
      #expect(count <= RequestInbox.mostOfTurn + 100 && count > 0)
      tags += drained.batches.flatMap { $0.map(\.tag) }
      hasMore = drained.hasMore
      turns += 1
    }
    #expect(tags == Array(0..<10_000))
    #expect(turns == 3)
    #expect(inbox.push([send(1)]))
  }

  @Test("above the bound of requests the loop that has brought them answers `busy`, to each its own")
  func tooMany() throws {
    let inbox = RequestInbox()
    let sinks = [KeptDeliveries(), KeptDeliveries()]
    for (number, sink) in sinks.enumerated() { inbox.attach(sink, as: UInt16(number)) }
    for _ in 0..<100 { _ = inbox.push((0..<UInt32(RequestInbox.mostRequests / 100)).map { send($0) }) }
    #expect(
      !inbox.push([
        send(7, sink: 1), request(.resume(SessionID(rawValue: 7), after: .zero), tag: 8, sink: 1),
        request(.typing(SessionID(rawValue: 7), isOn: true), tag: 0, sink: 1),
        request(.disconnected, tag: 0, connection: 9, sink: 1),
      ]))
    #expect(sinks[0].deliveries.isEmpty)
    #expect(sinks[1].words == ["7 busy", "8 not resumed"])
    // That a connection is gone is not lost.
    var taken: [[ClientRequest]] = []
    var hasMore = true
    while hasMore {
      let drained = inbox.drain()
      taken += drained.batches
      hasMore = drained.hasMore
    }
    #expect(taken.count == 101)
    guard case .disconnected? = taken.last?.first?.body else {
      Issue.record("the word that a connection is gone was lost")
      return
    }
    #expect(taken.last?.first?.connection.number == 9)
    #expect(inbox.push([send(1)]))
  }

  @Test("so it does above the bound of bytes")
  func tooLarge() {
    let inbox = RequestInbox()
    let sink = KeptDeliveries()
    inbox.attach(sink, as: 0)
    var pushed = 0
    while sink.deliveries.isEmpty, pushed < 1_000 {
      pushed += 1
      _ = inbox.push([send(UInt32(pushed), bytes: 1 << 20)])
    }
    #expect(pushed == RequestInbox.mostBytes >> 20)
    #expect(sink.words == ["\(pushed) busy"])
    _ = inbox.drain()
    #expect(inbox.push([send(1, bytes: 1 << 20)]))
  }
}
