import Desk
import Kernel
import Protocol
import Testing

@testable import Node

@Suite("What one connection asks about one session is answered in order")
struct RequestOrderTests {
  private let session = SessionID(rawValue: 4_096)
  private let now = Instant(nanoseconds: 1_000_000_000)

  private func request(
    _ body: DeskRequest, _ tag: UInt32, on connection: ConnectionID = .first
  ) -> ClientRequest {
    ClientRequest(connection: connection, tag: tag, person: .ann, desk: .main, body: body)
  }

  private func send(_ tag: UInt32) -> ClientRequest { request(.send(session, id: "m\(tag)", body: []), tag) }
  private func join(_ tag: UInt32) -> ClientRequest { request(.join(session, after: .zero), tag) }
  private func resume(_ tag: UInt32) -> ClientRequest { request(.resume(session, after: .zero), tag) }

  /// - Returns: which of them may begin at once.
  private func begin(_ requests: [ClientRequest], _ order: inout RequestOrder) -> [UInt32] {
    var begun: [UInt32] = []
    for request in requests where order.mayBegin(request, in: session, at: now) { begun.append(request.tag) }
    return begun
  }

  private func finished(_ order: inout RequestOrder, isFollow: Bool) -> [UInt32] {
    order.finished(.first, session, isFollow: isFollow).map(\.tag)
  }

  @Test("messages go together, a join or resume alone, and nothing overtakes")
  func turns() {
    var order = RequestOrder()
    let begun = begin([send(1), send(2), resume(3), send(4), send(5), join(6), send(7)], &order)
    #expect(begun == [1, 2])
    let steps = [
      finished(&order, isFollow: false), finished(&order, isFollow: false), finished(&order, isFollow: true),
      finished(&order, isFollow: false), finished(&order, isFollow: false), finished(&order, isFollow: true),
      finished(&order, isFollow: false),
    ]
    #expect(steps == [[], [3], [4, 5], [], [6], [7], []])
    #expect(order.count == 0)
  }

  @Test("another session, and another connection, wait for nothing")
  func others() {
    var order = RequestOrder()
    let begun = begin([resume(1), send(2)], &order)
    #expect(begun == [1])
    let elsewhere = order.mayBegin(send(3), in: SessionID(rawValue: 8_192), at: now)
    let other = order.mayBegin(
      request(.send(session, id: "m", body: []), 4, on: ConnectionID(sink: 0, number: 2)), in: session, at: now)
    #expect(elsewhere && other)
  }

  @Test("of a connection that is gone nothing is left, and what was under way lets nothing go any more")
  func gone() {
    var order = RequestOrder()
    _ = begin([send(1), resume(2), send(3)], &order)
    order.forget(.first)
    #expect(order.count == 0)
    let next = finished(&order, isFollow: false)
    #expect(next.isEmpty)
    #expect(order.count == 0)
  }

  @Test("what waits for too long is given up, but a resume, and what stood behind it goes")
  func late() {
    var order = RequestOrder()
    _ = begin([send(1), join(2)], &order)
    let later = order.mayBegin(send(3), in: session, at: now + .seconds(9))
    #expect(!later)
    let found = order.takeLate { $0 < now + .seconds(5) }
    #expect(found.late.map(\.tag) == [2])
    #expect(found.next.map(\.tag) == [3])
    var other = RequestOrder()
    _ = begin([resume(1), send(2), resume(3), send(4)], &other)
    let all = other.takeLate { _ in true }
    #expect(all.late.map(\.tag) == [2, 4])
    #expect(all.next.isEmpty)
    let next = finished(&other, isFollow: true)
    #expect(next == [3])
  }
}
