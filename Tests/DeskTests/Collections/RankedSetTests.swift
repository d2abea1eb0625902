import Testing

@testable import Desk

@Suite("Ranked set")
struct RankedSetTests {
  @Test("it holds, ranks and orders what a sorted array would", arguments: SplitMix.seeds)
  func againstModel(seed: UInt64) {
    var random = SplitMix(seed: seed)
    var set = RankedSet<Int>()
    var model: [Int] = []
    // Grows past several chunks, then shrinks to nothing.
    for round in 0..<4 {
      for _ in 0..<1_500 {
        let value = Int.random(in: 0..<2_000, using: &random)
        let place = model.firstIndex { $0 >= value } ?? model.count
        let isThere = place < model.count && model[place] == value
        if Int.random(in: 0..<4, using: &random) < (round < 2 ? 3 : 1) {
          #expect(set.insert(value) == !isThere)
          if !isThere { model.insert(value, at: place) }
        } else {
          #expect(set.rank(of: value) == (isThere ? place : nil))
          #expect(set.remove(value) == isThere)
          if isThere { model.remove(at: place) }
        }
        #expect(set.count == model.count && set.first == model.first)
      }
      #expect(set.elements == model && set.checkInvariants().isEmpty)
      #expect(set.prefix(300) == Array(model.prefix(300)))
    }
    for value in model.shuffled(using: &random) {
      let wasThere = set.remove(value)
      #expect(wasThere)
    }
    #expect(set.isEmpty && set.chunks.isEmpty && set.first == nil)
  }

  @Test("merging many at once is the same as adding each")
  func merge() {
    var merged = RankedSet<Int>()
    var added = RankedSet<Int>()
    for value in stride(from: 0, to: 3_000, by: 3) {
      merged.insert(value)
      added.insert(value)
    }
    let others = (0..<3_500).filter { $0 % 3 == 1 || $0 >= 3_000 }
    merged.merge(ascending: others)
    for value in others { added.insert(value) }
    #expect(merged.elements == added.elements && merged.checkInvariants().isEmpty)
  }

  @Test("few are merged into many as well")
  func mergeFew() {
    var set = RankedSet<Int>()
    set.merge(ascending: Array(stride(from: 0, to: 30_000, by: 10)))
    set.merge(ascending: [1, 2_001, 29_999, 30_001])
    #expect(set.count == 3_004 && set.checkInvariants().isEmpty && set.rank(of: 2_001) == 202)
  }

  @Test("the lowest are taken out", arguments: [0, 1, 255, 256, 257, 700, 999, 1_000, 1_001, .max])
  func removePrefix(limit: Int) {
    var set = RankedSet<Int>()
    for value in 0..<1_000 { set.insert(value) }
    let removed = set.removePrefix(limit)
    #expect(removed == Array(0..<min(limit, 1_000)))
    #expect(set.elements == Array(min(limit, 1_000)..<1_000) && set.checkInvariants().isEmpty)
  }

  @Test("a copy keeps what it had")
  func copies() {
    var set = RankedSet<Int>()
    for value in 0..<1_000 { set.insert(value) }
    let copy = set
    for value in 0..<500 { set.remove(value * 2) }
    #expect(copy.elements == Array(0..<1_000))
    #expect(set.elements == (0..<1_000).filter { $0 % 2 == 1 })
  }
}
