import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("No turn reads more of transcripts than a bounded piece")
struct ReadingTurnTests {
  /// What a turn may read, and the piece with which it goes over that.
  private static let most = ReadBudget.mostBytes + (512 << 10)

  @Test("four connections read sixteen megabytes at once, with all the requests that they may have open")
  func history() throws {
    var node = try LoneNode()
    let session = try node.longSession(256, bytes: 64 << 10)
    var tag: UInt32 = 0
    for connection in 1...4 {
      for _ in 0..<64 {
        tag += 1
        node.ask(
          .history(session, .after(.zero), limit: 1_000), tag: tag,
          on: ConnectionID(sink: 0, number: UInt64(connection)))
      }
    }
    node.endTurn()
    let turns = node.turnsOfReads()
    #expect(turns.allSatisfy { $0.readBytes <= Self.most })
    #expect(node.clients.replies.map(\.tag) == Array(1...tag))
    let bytes = turns.reduce(0) { $0 + $1.readBytes }
    #expect(turns.count >= bytes / Self.most)
  }

  @Test("an ack goes out with the first of these turns, not behind all of them")
  func otherClients() throws {
    var node = try LoneNode()
    let session = try node.longSession(256, bytes: 64 << 10)
    let other = try node.open("other", customer: "ben", owner: 1)
    for tag in 1...256 as ClosedRange<UInt32> {
      node.ask(.history(session, .after(.zero), limit: 1_000), tag: tag)
    }
    node.say("hello", in: other, tag: 1_000, customer: "ben", on: ConnectionID(sink: 0, number: 2))
    node.endTurn()
    let contexts = node.asked
    node.asked = []
    for context in contexts { node.receive(.readIndexReply(.init(context: context, index: node.last))) }
    node.append([node.pending.map { node.submission($0) }])
    let first = node.turn()
    #expect(node.hasMore && TurnWork(first).readBytes <= Self.most)
    #expect(node.clients.acks.map(\.tag) == [1_000])
    // Each turn goes on with the reads, whatever else comes.
    node.endTurn()
    #expect(node.clients.replies.count == 257)
  }

  @Test("one connection resumes one session sixty-four times")
  func resumes() throws {
    var node = try LoneNode()
    let session = try node.longSession(16, bytes: 15 << 10)
    for tag in 1...64 as ClosedRange<UInt32> { node.ask(.resume(session, after: .zero), tag: tag) }
    node.endTurn()
    var turns: [TurnWork] = []
    while !node.asked.isEmpty { turns += node.turnsOfReads() }
    #expect(turns.allSatisfy { $0.readBytes <= Self.most })
    // Each is answered; what is too much for the connection is to be read page by page.
    #expect(node.clients.replies.count { if case .resumed = $0.reply { true } else { false } } == 64)
    #expect(
      node.clients.replies.count { if case .resumed(_, recovered: true) = $0.reply { true } else { false } }
        == 2)
  }

  @Test("sixty-four connections resume it at once, and messages that come meanwhile are told in their order")
  func resumesOfMany() throws {
    var node = try LoneNode()
    let session = try node.longSession(16, bytes: 15 << 10)
    for number in 1...64 as ClosedRange<UInt64> {
      node.ask(.resume(session, after: .zero), tag: 1, on: ConnectionID(sink: 0, number: number))
    }
    node.endTurn()
    let contexts = node.asked
    node.asked = []
    for context in contexts { node.receive(.readIndexReply(.init(context: context, index: node.last))) }
    var turns = [TurnWork(node.turn())]
    #expect(node.hasMore)
    node.append([[node.said("new", in: session)]])
    turns += node.turns()
    #expect(turns.allSatisfy { $0.readBytes <= Self.most })
    let missed = (1...16).map { String($0) }.joined(separator: " ")
    for number in 1...64 as ClosedRange<UInt64> {
      let told = node.clients.told(ConnectionID(sink: 0, number: number))
      #expect(
        told == ["resumed", "missed \(missed)", "message 17"] || told == ["resumed", "missed \(missed) 17"])
    }
  }

  @Test("whoever is gone before its turn is told nothing, and a node that ends answers those that call")
  func goneMeanwhile() throws {
    var node = try LoneNode()
    let session = try node.longSession(256, bytes: 64 << 10)
    for tag in 1...64 as ClosedRange<UInt32> {
      node.ask(.history(session, .after(.zero), limit: 1_000), tag: tag)
    }
    node.take(.call(7, .read))
    node.endTurn()
    let contexts = node.asked
    node.asked = []
    for context in contexts { node.receive(.readIndexReply(.init(context: context, index: node.last))) }
    node.turn()
    #expect(node.hasMore)
    let before = node.clients.replies.count
    node.ask(.disconnected)
    node.turn()
    #expect(node.clients.replies.count == before)
    var other = try LoneNode()
    for tag in 0...UInt32(ReadBudget.mostReaders) {
      other.ask(.history(SessionID(rawValue: 1), .after(.zero), limit: 1), tag: tag)
    }
    other.take(.call(8, .read))
    other.turn()
    let asked = other.asked
    for context in asked { other.receive(.readIndexReply(.init(context: context, index: other.last))) }
    other.turn()
    #expect(other.answered == [])
    other.end()
    #expect(other.answered == ["8 busy"])
  }
}
