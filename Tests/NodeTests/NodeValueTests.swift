import Desk
import Kernel
import Raft
import Testing

@testable import Node

@Suite("A node is a value")
struct NodeValueTests {
  private static func node() throws -> LoneNode {
    try LoneNode(sinks: 3) { $0.snapshotEntries = 50 }
  }

  /// Everything that two nodes of one history said, as one number (FNV-1a).
  private static func digest(_ seed: UInt64) throws -> UInt64 {
    var node = try node()
    var schedule = RandomSchedule(seed: seed)
    return try schedule.run(250, on: &node).reduce(0xcbf2_9ce4_8422_2325) { digest, said in
      said.utf8.reduce(digest) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
  }

  private func firstDifference(_ left: [String], _ right: [String]) -> String? {
    guard left != right else { return nil }
    let place = zip(left, right).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
    return "\(place): \(left[place].prefix(2_000)) against \(right[place].prefix(2_000))"
  }

  @Test(
    "the same inputs give the same outputs, in two that were made and in two that were copied",
    arguments: [1, 3, 4] as [UInt64])
  func deterministic(seed: UInt64) throws {
    var first = try Self.node()
    var second = try Self.node()
    var schedule = RandomSchedule(seed: seed)
    var same = schedule
    let told = try schedule.run(150, on: &first)
    #expect(firstDifference(told, try same.run(150, on: &second)) == nil)
    #expect(told.contains { $0.contains("acknowledged") })
    var copy = first
    let more = try schedule.run(150, on: &first)
    #expect(firstDifference(more, try same.run(150, on: &copy)) == nil)
    #expect(first.node.state.encodedSnapshot() == copy.node.state.encodedSnapshot())
  }

  @Test(
    "a copy goes another way, and the first goes on as if there had never been one",
    arguments: [1, 3, 4] as [UInt64])
  func copies(seed: UInt64) throws {
    var schedule = RandomSchedule(seed: seed)
    var alone = schedule
    var node = try Self.node()
    var control = try Self.node()
    _ = try schedule.run(80, on: &node)
    _ = try alone.run(80, on: &control)
    let before = node.node.state.encodedSnapshot()
    var copy = node
    var other = RandomSchedule(seed: seed + 1_000)
    _ = try other.run(100, on: &copy)
    copy.end()
    #expect(copy.node.hasEnded && !node.node.hasEnded)
    #expect(copy.node.raft.commitIndex > node.node.raft.commitIndex)
    #expect(node.node.state.encodedSnapshot() == before)
    #expect(firstDifference(try schedule.run(150, on: &node), try alone.run(150, on: &control)) == nil)
  }

  /// Dictionaries and sets are in another order in every process.
  @Test("what a node says does not depend on the process that it runs in")
  func processes() async throws {
    var digests: Set<Substring> = []
    for _ in 0..<2 {
      let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        print("digest \(try NodeValueTests.digest(7))")
      }
      let bytes = try #require(result?.standardOutputContent)
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      digests.insert(try #require(lines.first { $0.hasPrefix("digest ") }))
    }
    #expect(digests == ["digest \(try Self.digest(7))"])
  }
}
