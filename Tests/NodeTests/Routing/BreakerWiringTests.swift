import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

/// The sessions are node 2's; what is passed on to it is never answered unless a test says so.
@Suite("Requests for an owner who does not answer")
struct BreakerWiringTests {
  private let retry = Span.milliseconds(1_001)

  /// A message in each of so many sessions, none of which waits for another one.
  private func ask(_ node: inout LoneNode, _ count: Int) throws {
    for number in 0..<count {
      let session = try node.open("r\(number)", owner: 2)
      node.say("m", in: session, tag: UInt32(number))
    }
    #expect(node.pending.count == count)
  }

  /// So much later the node looks what has had no answer.
  private func sweep(_ node: inout LoneNode, after time: Span) {
    node.later(time)
    node.tick(Node.ticksPerSweep)
  }

  private func broken() throws -> (LoneNode, SessionID) {
    var node = try LoneNode()
    try ask(&node, 20)
    let session = try node.open("last", owner: 2)
    sweep(&node, after: retry)
    return (node, session)
  }

  @Test("nineteen that have no answer are tried again, and nobody is told anything")
  func nineteen() throws {
    var node = try LoneNode()
    try ask(&node, 19)
    sweep(&node, after: retry)
    node.endTurn()
    #expect(node.pending.count == 19)
    #expect(node.clients.replies.isEmpty)
  }

  @Test("with the twentieth, all are told to come back in two seconds, and the next ones at once")
  func opens() throws {
    var (node, session) = try broken()
    node.say("next", in: session, tag: 99)
    #expect(node.pending.isEmpty)
    node.endTurn()
    #expect(node.forwards(to: 2).allSatisfy { $0.session != session })
    #expect(node.clients.failures.map(\.tag) == (0..<20).map { UInt32($0) } + [99])
    for (_, failure) in node.clients.failures {
      #expect(failure.code == .busy)
      #expect(failure.retryAfterMilliseconds == 2_000)
    }
  }

  @Test("answers hold it closed until half of all have none", arguments: [(11, 10, false), (10, 10, true)])
  func half(good: Int, bad: Int, opens: Bool) throws {
    var node = try LoneNode()
    try ask(&node, good + bad)
    let answered = node.pending.prefix(good).map { node.submission($0) }
    node.commit(answered)
    sweep(&node, after: retry)
    node.endTurn()
    #expect(node.clients.acks.count == good)
    #expect(node.clients.failures.count == (opens ? bad : 0))
    #expect(node.pending.count == (opens ? 0 : bad))
  }

  @Test("another owner's sessions, and this node's own, are not touched")
  func othersPass() throws {
    var (node, _) = try broken()
    for owner in [1, 3] as [UInt64] {
      let session = try node.open("of \(owner)", owner: owner)
      node.say("next", in: session, tag: 0)
    }
    #expect(node.pending.count == 2)
  }

  @Test("after two seconds one passes and the next is told to wait; its answer lets all pass")
  func halfOpens() throws {
    var (node, session) = try broken()
    var others: [SessionID] = []
    for request in ["a", "b"] { others.append(try node.open(request, owner: 2)) }
    sweep(&node, after: retry)
    node.endTurn()
    node.forget()
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
    var (node, session) = try broken()
    node.later(.seconds(2))
    node.say("probe", in: session, tag: 1)
    #expect(node.pending.count == 1)
    sweep(&node, after: retry)
    node.endTurn()
    #expect(node.clients.failures.last?.tag == 1)
    #expect(node.clients.failures.last?.failure.retryAfterMilliseconds == 2_000)
    #expect(node.pending.isEmpty)
  }

  @Test("a new connection to the owner lets all pass again")
  func newConnection() throws {
    var (node, session) = try broken()
    node.take(.linkDown(NodeID(2), refused: false))
    node.take(.linkUp(NodeID(2), .newest))
    node.say("next", in: session, tag: 1)
    #expect(node.pending.count == 1)
  }
}
