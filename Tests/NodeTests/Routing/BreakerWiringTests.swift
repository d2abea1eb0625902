import Desk
import NIOCore
import Peering
import Protocol
import Raft
import Testing
import Wire

@testable import Replica

/// The sessions are node 2's; what is passed on to it is never answered unless a test says so.
@Suite("Requests for an owner who does not answer")
struct BreakerWiringTests {
  private let retry = TimeAmount.milliseconds(1_001)

  /// A message in each of so many sessions, none of which waits for another one.
  private func ask(_ node: LoneReplica, _ count: Int) throws {
    for number in 0..<count {
      node.say("m", in: try node.open("r\(number)", owner: 2), tag: UInt32(number))
    }
    #expect(node.pending.count == count)
  }

  /// So much later the node looks what has had no answer.
  private func sweep(_ node: LoneReplica, after time: TimeAmount) {
    node.later(time)
    node.core.sweep()
  }

  private func broken() throws -> (LoneReplica, SessionID) {
    let node = try LoneReplica()
    try ask(node, 20)
    let session = try node.open("last", owner: 2)
    sweep(node, after: retry)
    return (node, session)
  }

  @Test("nineteen that have no answer are tried again, and nobody is told anything")
  func nineteen() throws {
    let node = try LoneReplica()
    try ask(node, 19)
    sweep(node, after: retry)
    node.endTurn()
    #expect(node.pending.count == 19)
    #expect(node.clients.replies.isEmpty)
  }

  @Test("with the twentieth, all are told to come back in two seconds, and the next ones at once")
  func opens() throws {
    let (node, session) = try broken()
    node.say("next", in: session, tag: 99)
    #expect(node.pending.isEmpty)
    #expect(node.core.forwards[ServerID(2)] == nil)
    node.endTurn()
    #expect(node.clients.failures.map(\.tag) == (0..<20).map { UInt32($0) } + [99])
    for (_, failure) in node.clients.failures {
      #expect(failure.code == .busy)
      #expect(failure.retryAfterMilliseconds == 2_000)
    }
  }

  @Test("answers hold it closed until half of all have none", arguments: [(11, 10, false), (10, 10, true)])
  func half(good: Int, bad: Int, opens: Bool) throws {
    let node = try LoneReplica()
    try ask(node, good + bad)
    let answered = node.pending.prefix(good).map { node.submission($0) }
    // What has waited for long counts for as little as what was answered late: one clock for both.
    node.takeIn(answered)
    sweep(node, after: retry)
    node.endTurn()
    #expect(node.clients.acks.count == good)
    #expect(node.clients.failures.count == (opens ? bad : 0))
    #expect(node.pending.count == (opens ? 0 : bad))
  }

  @Test("another owner's sessions, and this node's own, are not touched")
  func othersPass() throws {
    let (node, _) = try broken()
    for owner in [1, 3] as [UInt64] {
      node.say("next", in: try node.open("of \(owner)", owner: owner), tag: 0)
    }
    #expect(node.pending.count == 2)
  }

  @Test("after two seconds one passes and the next is told to wait; its answer lets all pass")
  func halfOpens() throws {
    let (node, session) = try broken()
    let others = try ["a", "b"].map { try node.open($0, owner: 2) }
    sweep(node, after: retry)
    node.endTurn()
    node.clients.forget()
    node.later(.seconds(4))
    node.say("probe", in: session, tag: 1)
    node.say("too early", in: others[0], tag: 2)
    #expect(node.pending.count == 1)
    let probe = try #require(node.pending.first)
    node.endTurn()
    #expect(node.clients.failures.map(\.tag) == [2])
    node.commit([node.submission(probe)])
    #expect(node.clients.acks.map(\.tag) == [1])
    for (tag, other) in others.enumerated() { node.say("again", in: other, tag: 3 + UInt32(tag)) }
    #expect(node.pending.count == 2)
  }

  @Test("when the one that passed has no answer either, it stays open")
  func staysOpen() throws {
    let (node, session) = try broken()
    node.later(.seconds(2))
    node.say("probe", in: session, tag: 1)
    #expect(node.pending.count == 1)
    sweep(node, after: retry)
    node.endTurn()
    #expect(node.clients.failures.last?.tag == 1)
    #expect(node.clients.failures.last?.failure.retryAfterMilliseconds == 2_000)
    #expect(node.pending.isEmpty)
  }

  @Test("a new connection to the owner lets all pass again")
  func newConnection() throws {
    let (node, session) = try broken()
    node.core.linkUp(NodeID(2), lane: .control)
    node.say("next", in: session, tag: 1)
    #expect(node.pending.count == 1)
  }
}
