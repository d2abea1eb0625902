import Testing

@testable import Protocol

@Suite("which sequences were seen")
struct SequenceSetTests {
  /// Inserts one after the other, and says which were new.
  static func insert(_ sequences: [UInt64], _ set: inout SequenceSet) -> [Bool] {
    sequences.map { set.insert($0) }
  }

  @Test("a hole stays the place to resume from until it is filled")
  func holes() {
    var set = SequenceSet()
    _ = Self.insert([1, 3], &set)
    #expect(set.contiguousEnd == 1)
    _ = Self.insert([2], &set)
    #expect(set.contiguousEnd == 3)
    #expect(set.ranges == [1...3])
  }

  @Test("a sequence is new once")
  func once() {
    var set = SequenceSet(floor: 4)
    let news = Self.insert([4, 5, 5], &set)
    #expect(news == [false, true, false])
  }

  @Test("joining from the beginning wants what came before the first message seen, and nothing twice")
  func rebase() {
    var set = SequenceSet(floor: 3)
    set.insert(4)
    set.rebase(to: 0)
    #expect(set.contiguousEnd == 0)
    let news = Self.insert([1, 4, 2, 3], &set)
    #expect(news == [true, false, true, true])
    #expect(set.contiguousEnd == 4)
  }

  @Test("what did not reach the listener is wanted again")
  func remove() {
    var set = SequenceSet()
    for sequence in 1...5 as ClosedRange<UInt64> { set.insert(sequence) }
    set.remove(3)
    #expect(set.contiguousEnd == 2)
    #expect(!set.contains(3))
    #expect(set.contains(4))
  }

  @Test("it agrees with a plain set, for random inserts and removals", arguments: 1...20 as ClosedRange<UInt64>)
  func model(seed: UInt64) {
    var random = Steps(state: seed)
    var set = SequenceSet()
    var model: Set<UInt64> = []
    for _ in 0..<400 {
      let sequence = UInt64.random(in: 1...120, using: &random)
      if Bool.random(using: &random) {
        let isNew = set.insert(sequence)
        let expected = model.insert(sequence).inserted
        #expect(isNew == expected, "seed \(seed)")
      } else {
        set.remove(sequence)
        model.remove(sequence)
      }
      let end = (1...).first { !model.contains($0) } ?? 0
      #expect(set.contiguousEnd == end - 1, "seed \(seed)")
      let touching = zip(set.ranges, set.ranges.dropFirst()).contains { $0.upperBound + 1 >= $1.lowerBound }
      #expect(!touching, "seed \(seed)")
    }
    #expect((1...130).allSatisfy { set.contains($0) == model.contains($0) }, "seed \(seed)")
  }

  @Test("the last number there is breaks nothing")
  func last() {
    var set = SequenceSet()
    for sequence: UInt64 in [.max, 5, .max - 1] { set.insert(sequence) }
    #expect(set.contains(.max) && set.contiguousEnd == 0)
    set.remove(.max)
    set.rebase(to: .max)
    #expect(set.contiguousEnd == .max)
  }

  @Test("holes without end do not grow it without end")
  func bounded() {
    var set = SequenceSet()
    for sequence in stride(from: UInt64(2), to: 4000, by: 2) { set.insert(sequence) }
    #expect(set.ranges.count <= SequenceSet.maximumRanges)
    #expect(set.contains(3998))
    #expect(!set.contains(3999))
  }
}

/// SplitMix64, for tests that are to be the same at every run.
struct Steps: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
