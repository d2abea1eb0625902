import Desk
import Kernel
import Protocol
import Testing

@testable import Node

@Suite("A page, and what a join or resume brings, is bounded while it is read")
struct BoundedReadsTests {
  private static let kilobyte = 1 << 10

  /// Twenty messages of 100 KiB each, a minute apart.
  private func long(_ configure: (inout NodeConfiguration) -> Void = { _ in }) throws -> (LoneNode, SessionID) {
    var node = try LoneNode(configure: configure)
    let session = try node.open("r1", owner: 1)
    for number in 1...20 {
      node.later(.seconds(60))
      node.sayElsewhere("m\(number)", in: session, bytes: 100 * Self.kilobyte)
    }
    node.forget()
    return (node, session)
  }

  private func told(
    _ node: LoneNode, _ session: SessionID, _ range: TranscriptRange, limit: Int = 100
  ) -> [String] {
    var node = node
    node.ask(.history(session, range, limit: limit), tag: 1)
    node.endTurn()
    node.answerReads()
    return node.clients.told(.first)
  }

  @Test("a page of history has about 512 KiB, whichever way it goes, and says that there is more")
  func pages() throws {
    let (node, session) = try long()
    let half = try #require(node.node.state.message(session, at: Sequence(11))).time
    #expect(told(node, session, .after(Sequence(3))) == ["history 4 5 6 7 8 and more"])
    #expect(told(node, session, .after(Sequence(15))) == ["history 16 17 18 19 20"])
    #expect(told(node, session, .before(Sequence(18))) == ["history 13 14 15 16 17 and more"])
    #expect(told(node, session, .before(Sequence(5))) == ["history 1 2 3 4"])
    #expect(told(node, session, .since(half)) == ["history 11 12 13 14 15 and more"])
    #expect(told(node, session, .since(half), limit: 2) == ["history 11 12 and more"])
    #expect(told(node, session, .after(Sequence(20))) == ["history "])
    #expect(told(node, session, .after(.zero), limit: 0) == ["history  and more"])
  }

  @Test("pages that follow one another bring everything, each message once", arguments: [1, 300, 900])
  func everything(kilobytes: Int) throws {
    let (node, session) = try long { $0.maxPageBytes = kilobytes * Self.kilobyte }
    var forwards: [UInt64] = []
    var backwards: [UInt64] = []
    for _ in 0..<20 {
      let after = node.node.page(session, .after(Sequence(forwards.last ?? 0)), limit: 100)
      forwards += after.messages.map(\.sequence.rawValue)
      #expect(after.more == (forwards.last ?? 0 < 20))
      let before = node.node.page(session, .before(Sequence(backwards.first ?? 21)), limit: 100)
      backwards = before.messages.map(\.sequence.rawValue) + backwards
      #expect(before.more == (backwards.first ?? 21 > 1))
    }
    #expect(forwards == (1...20).map { UInt64($0) })
    #expect(backwards == forwards)
  }

  @Test("the state reads no more than fits, but for one message, so that no page stands still")
  func whileReading() throws {
    let (node, session) = try long()
    let desk = node.node.state
    func count(_ range: TranscriptRange, bytes: Int) -> Int? {
      desk.page(session, range, limit: 100, bytes: bytes)?.messages.count
    }
    for range in [.after(.zero), .before(Sequence(21)), .since(0)] as [TranscriptRange] {
      #expect(count(range, bytes: 0) == 1)
      #expect(count(range, bytes: 2 * (100 * Self.kilobyte + TranscriptPage.overhead)) == 2)
      #expect(count(range, bytes: 2 * (100 * Self.kilobyte + TranscriptPage.overhead) - 1) == 1)
      #expect(count(range, bytes: .max) == 20)
    }
    #expect(desk.page(SessionID(rawValue: 5), .after(.zero), limit: 1, bytes: 1) == nil)
  }

  @Test("a resume or join that would bring too much says that the history is to be read")
  func missed() throws {
    let (node, session) = try long()
    func told(_ body: DeskRequest) -> [String] {
      var node = node
      node.ask(body, tag: 1)
      node.endTurn()
      node.answerReads()
      return node.clients.told(.first)
    }
    #expect(told(.resume(session, after: Sequence(18))) == ["resumed", "missed 19 20"])
    #expect(told(.resume(session, after: Sequence(17))) == ["not resumed"])
    #expect(told(.resume(session, after: Sequence(21))) == ["not resumed"])
    #expect(told(.resume(session, after: Sequence(20))) == ["resumed"])
    #expect(told(.join(session, after: Sequence(18))) == ["joined", "missed 19 20"])
    #expect(told(.join(session, after: Sequence(17))) == ["joined", "not resumed"])
    #expect(told(.join(session, after: Sequence(20))) == ["joined"])
  }

  @Test(
    "so many messages, and no more, are brought however small they are", arguments: [(4, true), (5, false)])
  func manySmall(count: Int, fits: Bool) throws {
    var node = try LoneNode { $0.maxMissedMessages = 4 }
    let session = try node.open("r1", owner: 1)
    for number in 0..<count { node.sayElsewhere("m\(number)", in: session) }
    node.ask(.resume(session, after: .zero), tag: 1)
    node.endTurn()
    node.answerReads()
    #expect(node.clients.told(.first) == (fits ? ["resumed", "missed 1 2 3 4"] : ["not resumed"]))
  }

  @Test("an agent who is given a long session is told to read its history")
  func newcomer() throws {
    var (node, session) = try long()
    let connection = ConnectionID(sink: 0, number: 2)
    node.ask(.status(.online, skills: nil, capacity: 1), tag: 1, by: .anna, on: connection)
    node.endTurn()
    node.commitPending()
    #expect(node.clients.told(connection) == ["assigned anna", "not resumed", "done"])
    node.sayElsewhere("next", in: session)
    #expect(node.clients.told(connection).last == "message 21")
  }
}
