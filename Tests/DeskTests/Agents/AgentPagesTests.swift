import Kernel
import Testing

@testable import Desk

@Suite("Pages of what the state has many of")
struct AgentPagesTests {
  @Test("the lowest keys above one are those of the sorted list", arguments: [0, 1, 2, 7, 100, 1000])
  func lowest(_ limit: Int) {
    var random = SeededGenerator(seed: UInt64(limit) + 1)
    var map = ShardedMap<AgentID, Int>(exponent: 4)
    for _ in 0..<400 { map.set(AgentID("a\(random.next() % 600)"), to: 0) }
    let all = map.sortedKeys
    #expect(map.lowestKeys(limit, after: nil) == Array(all.prefix(limit)))
    for after in [AgentID("a"), AgentID("a5"), all[17], all[all.count - 1], AgentID("z")] {
      #expect(map.lowestKeys(limit, after: after) == Array(all.filter { $0 > after }.prefix(limit)))
    }
  }

  @Test("the highest elements below one are those of the sorted list")
  func highest() {
    var random = SeededGenerator(seed: 5)
    var set = RankedSet<Int>()
    for _ in 0..<2_000 { set.insert(Int(random.next() % 3_000)) }
    let all = set.elements
    for limit in [0, 1, 5, 300, 5_000] {
      #expect(set.suffix(limit, before: nil) == all.suffix(limit))
      for before in [-1, 0, all[0], all[700], 1_500, 3_001] {
        #expect(set.suffix(limit, before: before) == all.filter { $0 < before }.suffix(limit))
      }
    }
  }
}
