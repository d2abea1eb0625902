import Desk
import Foundation
import Protocol
import Testing

@testable import API

struct EventBoardTests {
  private static func status(leader: String? = "node1", term: UInt64 = 1) -> ClusterStatus {
    var status = ClusterStatus()
    (status.leader, status.term, status.observedAt) = (leader, term, "2026-11-29T00:00:00Z")
    return status
  }

  /// All that waits for a follower whose stream has ended.
  private static func words(of follower: EventBoard.Follower) async -> [String] {
    var words: [String] = []
    for await word in follower.words where word != ": \n\n" { words.append(word) }
    return words
  }

  private static func id(_ text: String) -> String { String(text.split(separator: "\n")[0].dropFirst(4)) }

  private static func board(_ bounds: EventBoard.Bounds = .init()) -> EventBoard {
    EventBoard(cluster: ScriptedCluster(.init(status: status())), life: "life", bounds: bounds)
  }

  @Test("whoever comes back has missed nothing, and is told so when it has")
  func resuming() async throws {
    let board = Self.board()
    let first = try await board.follow(after: nil)
    board.note(Self.status(leader: nil, term: 1))
    board.note(Self.status(leader: "node2", term: 2))
    let again = try await board.follow(after: "life-1")
    let elsewhere = try await board.follow(after: "other-1")
    board.close()
    let told = await Self.words(of: first)
    #expect(told.count == 5)
    #expect(told[0].contains("event: state\n") && told[0].contains(#""leader":"node1""#))
    #expect(told[1].contains("event: leader\n") && told[1].contains(#""leader":null"#))
    #expect(told[2].contains(#""leader":"node2","term":2"#))
    #expect(told[4] == "event: end\ndata: {\"reason\":\"shutdown\"}\n\n")
    #expect([1, 2].map { Self.id(told[$0]) } == ["life-1", "life-2"])
    // The script's status says node1 again.
    let resumed = await Self.words(of: again)
    #expect(resumed.first == told[2])
    let missed = await Self.words(of: elsewhere)
    #expect(missed[0].contains("event: missed\n") && missed[1].contains("event: state\n"))
    await #expect(throws: Failure.self) { _ = try await board.follow(after: nil) }
  }

  @Test(
    "one who does not read is let go with a last word; there is an end to how many follow, and to what is kept")
  func bounded() async throws {
    var bounds = EventBoard.Bounds()
    (bounds.followers, bounds.waiting, bounds.kept) = (1, 8, 4)
    let board = Self.board(bounds)
    let slow = try await board.follow(after: nil)
    await #expect(throws: Failure.self) { _ = try await board.follow(after: nil) }
    for term in 2...100 { board.note(Self.status(term: UInt64(term))) }
    #expect(board.followers == 0)
    let told = await Self.words(of: slow)
    #expect(told.last == "event: end\ndata: {\"reason\":\"slow\"}\n\n" && told.count <= 16)
    let late = try await board.follow(after: "life-3")
    board.close()
    let words = await Self.words(of: late)
    #expect(words.first?.contains("event: missed\n") == true)
  }

  @Test("what has happened is told once, and nothing when nothing has")
  func changes() {
    var old = Self.status()
    var member = ClusterStatus.Member()
    (member.id, member.state, member.reachable) = ("node2", "alive", true)
    old.members = [member]
    #expect(StatusChanges.events(from: old, to: old).isEmpty)
    var new = old
    new.members[0].reachable = false
    new.members[0].lag = 17
    new.health = .degraded
    new.problems = [.init(code: ProblemCode.allCases[0], node: "node2", since: "s", advice: "do \"it\"")]
    #expect(StatusChanges.events(from: old, to: new).map(\.name) == ["health", "member", "problem"])
    #expect(StatusChanges.events(from: new, to: old).map(\.name) == ["health", "member", "problem_over"])
    for event in StatusChanges.events(from: old, to: new) {
      let data = event.text(id: "x").split(separator: "\n").last?.dropFirst(6) ?? ""
      #expect((try? JSONSerialization.jsonObject(with: Data(data.utf8))) != nil, "\(data)")
    }
  }
}
