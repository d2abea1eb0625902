import Desk
import Kernel
import Protocol
import Testing

@testable import Node

@Suite("What waits on a node is bounded, and whoever is above the bound is told so")
struct WaitingBoundsTests {
  private func connection(_ number: UInt64) -> ConnectionID { ConnectionID(sink: 0, number: number) }

  @Test("bytes of requests under way, of one person on all their connections")
  func bytesOfOne() throws {
    var node = try LoneNode { $0.maxPendingBytesOfOne = 10_000 }
    let own = try node.open("own", owner: 3)
    let other = try node.open("other", customer: "ben", owner: 3)
    for number in 1...3 as ClosedRange<UInt64> {
      node.say(
        "m\(number)", in: own, tag: UInt32(number), body: [UInt8](repeating: 65, count: 4_000),
        on: connection(number))
    }
    node.say(
      "b", in: other, tag: 9, customer: "ben", body: [UInt8](repeating: 65, count: 9_000), on: connection(9))
    node.endTurn()
    #expect(node.clients.failures.map(\.tag) == [3])
    let failure = try #require(node.clients.failures.first?.failure)
    #expect(
      failure.code == .busy && failure.retryAfterMilliseconds != nil && failure.message.contains("10000 may"))
    node.commitPending()
    node.commitPending()
    node.forget()
    node.say("m3", in: own, tag: 3, body: [UInt8](repeating: 65, count: 4_000), on: connection(3))
    node.commitPending()
    #expect(node.clients.acks.map(\.tag) == [3])
  }

  @Test("bytes of requests under way, in all; a single one of any size has room")
  func bytesInAll() throws {
    var node = try LoneNode { $0.maxPendingBytes = 10_000 }
    for number in 1...4 as ClosedRange<UInt64> {
      let session = try node.open("r", customer: "c\(number)", owner: 3)
      node.say(
        "m", in: session, tag: UInt32(number), customer: "c\(number)",
        body: [UInt8](repeating: 65, count: number == 1 ? 50_000 : 4_000), on: connection(number))
    }
    node.endTurn()
    #expect(node.clients.failures.map(\.tag) == [2, 3, 4])
    #expect(node.clients.failures.allSatisfy { $0.failure.code == .busy })
    node.commitPending()
    #expect(node.clients.acks.map(\.tag) == [1])
  }

  @Test("reads that wait for the leader")
  func reads() throws {
    var node = try LoneNode { $0.maxReads = 3 }
    let session = try node.open("r1", owner: 3)
    for tag in 1...4 as ClosedRange<UInt32> { node.ask(.history(session, .after(.zero), limit: 1), tag: tag) }
    node.ask(.join(session, after: .zero), tag: 5, on: connection(2))
    node.ask(.resume(session, after: .zero), tag: 6, on: connection(3))
    node.take(.call(1, .read))
    node.endTurn()
    #expect(
      node.clients.failures.map(\.tag) == [4, 5]
        && node.clients.failures.allSatisfy { $0.failure.code == .busy })
    #expect(node.clients.told(connection(3)) == ["not resumed"])
    #expect(node.answered == ["1 busy"])
    node.answerReads()
    #expect(node.clients.told(.first).count { $0.hasPrefix("history") } == 3)
    // There is room again, and what was refused holds nothing up.
    node.ask(.join(session, after: .zero), tag: 7, on: connection(2))
    node.endTurn()
    node.answerReads()
    #expect(node.clients.told(connection(2)) == ["busy", "joined"])
  }

  @Test("bytes of what waits behind a join of the same client")
  func behindOthers() throws {
    var node = try LoneNode { $0.maxHeldBytes = 10_000 }
    let session = try node.open("r1", owner: 3)
    node.ask(.join(session, after: .zero), tag: 1)
    for tag in 2...5 as ClosedRange<UInt32> {
      node.say("m\(tag)", in: session, tag: tag, body: [UInt8](repeating: 65, count: 4_000))
    }
    node.endTurn()
    #expect(
      node.clients.failures.map(\.tag) == [4, 5]
        && node.clients.failures.allSatisfy { $0.failure.code == .busy })
    node.answerReads()
    node.commitPending()
    #expect(node.clients.acks.map(\.tag) == [2, 3])
    #expect(node.node.order.bytes == 0)
  }

  @Test("bytes of what waits until this node is up to date")
  func held() throws {
    var node = try LoneNode { $0.maxHeldBytes = 10_000 }
    for tag in 1...4 as ClosedRange<UInt32> {
      node.say(
        "m", in: SessionID(rawValue: 9_000 + UInt64(tag)), tag: tag, body: [UInt8](repeating: 65, count: 4_000),
        on: connection(UInt64(tag)))
    }
    node.endTurn()
    #expect(node.clients.failures.map(\.tag) == [3, 4])
    node.answerReads()
    #expect(node.clients.failures.map(\.failure.code) == [.busy, .busy, .notFound, .notFound])
    #expect(node.node.held.bytes == 0)
  }

  @Test("a connection that goes takes what it holds with it")
  func gone() throws {
    var node = try LoneNode()
    let session = try node.open("r1", owner: 3)
    node.ask(.join(session, after: .zero), tag: 1)
    node.say("m", in: session, tag: 2, body: [UInt8](repeating: 65, count: 4_000))
    #expect(node.node.order.bytes > 4_000)
    node.ask(.disconnected)
    #expect(node.node.order.bytes == 0)
  }

  @Test("connections that follow one session")
  func followers() throws {
    var node = try LoneNode()
    let session = try node.open("r1", owner: 3)
    for number in 1...UInt64(Subscriptions.mostFollowers) + 2 {
      node.ask(.join(session, after: .zero), tag: UInt32(number), on: connection(number))
    }
    node.endTurn()
    node.answerReads()
    #expect(node.clients.failures.map(\.failure.code) == [.busy, .busy])
    #expect(node.node.subscriptions.connections(of: session).count == Subscriptions.mostFollowers)
    // Who follows may join again, and one that goes makes room.
    node.forget()
    node.ask(.join(session, after: .zero), tag: 1, on: connection(1))
    node.ask(.disconnected, on: connection(2))
    node.endTurn()
    node.answerReads()
    node.ask(.join(session, after: .zero), tag: 2, on: connection(3_000))
    node.endTurn()
    node.answerReads()
    #expect(node.clients.failures.isEmpty)
  }
}
