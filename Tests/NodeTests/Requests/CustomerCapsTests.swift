import Desk
import Kernel
import Protocol
import Testing

@testable import Node

@Suite("What one customer may take")
struct CustomerCapsTests {
  private func lone(_ change: (inout CustomerCaps) -> Void) throws -> LoneNode {
    var caps = CustomerCaps()
    change(&caps)
    var node = try LoneNode { $0.caps = caps }
    // At the beginning of an hour, so that none ends while the test runs.
    node.timeOfDay = CustomerUse.hourMilliseconds * 500_000
    node.commit([])
    return node
  }

  private func codes(_ node: LoneNode) -> [Failure.Code] { node.clients.failures.map(\.failure.code) }

  @Test("open sessions are bounded, those under way count, and a closed one makes room")
  func openSessions() throws {
    var node = try lone { $0.openSessions = 3 }
    let first = try node.open("first", owner: 1)
    for tag in 1...4 as ClosedRange<UInt32> { node.ask(.opening("r\(tag)"), tag: tag) }
    #expect(node.pending.count == 2)
    node.endTurn()
    #expect(node.clients.failures.map(\.tag) == [3, 4])
    let failure = try #require(node.clients.failures.first?.failure)
    #expect(
      failure.code == .busy && failure.retryAfterMilliseconds != nil
        && failure.message.contains("3 are allowed"))
    node.commitPending()
    node.clients.forget()
    // Somebody else is not concerned, nor is a repeated request.
    node.ask(.opening("r1"), tag: 5)
    node.ask(.opening("mine"), tag: 6, by: Person(id: "ben", role: .customer, name: "ben"))
    node.ask(.opening("r9"), tag: 7)
    #expect(node.pending.count == 2)
    node.commitPending()
    #expect(node.clients.failures.map(\.tag) == [7])
    node.ask(.perform(Close(session: first), id: ""), tag: 8)
    node.commitPending()
    node.ask(.opening("r9"), tag: 9)
    #expect(node.pending.count == 1)
  }

  @Test("openings in an hour are bounded, also of sessions that are closed, until the next hour")
  func opensPerHour() throws {
    var node = try lone { $0.opensPerHour = 2 }
    for request in ["a", "b"] {
      node.ask(.perform(Close(session: try node.open(request, owner: 1)), id: ""), tag: 0)
      node.commitPending()
    }
    node.clients.forget()
    let now = node.node.logClock.milliseconds
    node.ask(.opening("c"), tag: 1)
    node.endTurn()
    let failure = try #require(node.clients.failures.first?.failure)
    #expect(failure.code == .rateLimited)
    let wait = try #require(failure.retryAfterMilliseconds)
    #expect((1...3_600_000).contains(wait))
    #expect((now + UInt64(wait)) % CustomerUse.hourMilliseconds == 0)
    node.node.logClock.saw(now + UInt64(wait))
    node.ask(.opening("c"), tag: 2)
    #expect(node.pending.count == 1)
  }

  @Test(
    "bytes in an hour are bounded for a customer, not for an agent, and what is there is acknowledged again")
  func bytesPerHour() throws {
    var node = try lone { $0.bytesPerHour = 100 }
    let session = try node.open("a", owner: 1)
    node.say("1", in: session, tag: 1, body: [UInt8](repeating: 65, count: 80))
    node.commitPending()
    node.say("2", in: session, tag: 2, body: [UInt8](repeating: 65, count: 30))
    node.ask(.opening("b"), tag: 3)
    #expect(node.pending.count == 1)
    node.say("1", in: session, tag: 4, body: [UInt8](repeating: 65, count: 80))
    node.endTurn()
    #expect(node.clients.failures.map(\.tag) == [2] && codes(node) == [.rateLimited])
    #expect(node.pending.count == 2)
  }

  @Test("small messages take a KiB of a session above a large cap at the most")
  func smallMessages() throws {
    var node = try lone { $0.bytesPerHour = 1 << 20 }
    let session = try node.open("a", owner: 1)
    for number in 1...16 {
      node.say("\(number)", in: session, tag: 1, body: [UInt8](repeating: 65, count: (1 << 16) - 2))
      node.commitPending()
    }
    let room = (1 << 20) - 16 * ((1 << 16) - 2) - 9 - 7 * 2
    #expect(node.clients.acks.count == 16 && codes(node).isEmpty && room < 100)
    for number in 1...20 {
      node.say("x\(number)", in: session, tag: 2, body: [UInt8](repeating: 65, count: 100))
      node.commitPending()
    }
    node.endTurn()
    let above = (node.clients.acks.count - 16) * 102 - room
    #expect(above < 1 << 10 && codes(node).contains(.rateLimited))
    #expect(codes(node).count + node.clients.acks.count == 36)
  }

  @Test("a session becomes full by messages and by bytes; repeats are still acknowledged")
  func fullSession() throws {
    for caps in [{ $0.sessionMessages = 2 }, { $0.sessionBytes = 5 }] as [(inout CustomerCaps) -> Void] {
      var node = try lone(caps)
      let session = try node.open("a", owner: 1)
      for tag in 1...2 as ClosedRange<UInt32> {
        node.say("\(tag)", in: session, tag: tag)
        node.commitPending()
      }
      node.say("3", in: session, tag: 3)
      node.say("3", in: session, tag: 3, body: [1, 2, 3, 4])
      node.say("1", in: session, tag: 4)
      node.commitPending()
      #expect(node.clients.acks.map(\.sequence) == [1, 2, 1])
      #expect(codes(node).allSatisfy { $0 == .tooLarge } && !codes(node).isEmpty)
      #expect(node.clients.failures.allSatisfy { $0.failure.message.contains("the session is full") })
    }
  }

  @Test("a bound of 0 is none")
  func off() {
    var caps = CustomerCaps()
    caps.openSessions = 0
    caps.opensPerHour = 0
    caps.bytesPerHour = 0
    caps.sessionMessages = 0
    caps.sessionBytes = 0
    #expect(caps.failure(opening: CustomerUse(), pending: .max / 2, now: 0) == nil)
    let huge = SessionSize(messages: 1 << 40, bytes: 1 << 40, uncounted: 0)
    #expect(caps.failure(saying: 1 << 40, CustomerUse(), in: huge, now: 0) == nil)
    #expect(!caps.needUse(saying: 1 << 40, in: huge))
  }
}

extension DeskRequest {
  fileprivate static func opening(_ id: String) -> Self {
    .open(OpenRequest(id: id, channel: "web", skill: "", intent: "", priority: 0, attributes: []))
  }
}
