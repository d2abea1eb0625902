import Kernel
import Testing

@testable import Desk

@Suite("Durations, added up")
struct DurationSumsTests {
  @Test("mean is exact, and percentiles are to a sixteenth, for durations from a millisecond to weeks")
  func percentiles() throws {
    var random = SplitMix(seed: 5)
    for _ in 0..<200 {
      let durations = (0..<(1 + random.next() % 300)).map { _ in random.next() >> (34 + random.next() % 30) }
      var sums = DurationSums()
      for duration in durations { sums.add(duration) }
      let sorted = durations.sorted()
      for percent in [1, 50, 90, 99, 100] {
        let right = sorted[(sorted.count * percent + 99) / 100 - 1]
        let said = try #require(sums.percentile(Int64(percent)))
        #expect(
          said > right ? said - right <= right / 16 : right - said <= right / 16,
          "\(percent): \(said), \(right)")
      }
      let total = durations.reduce(0, +)
      #expect(sums.mean == (total + UInt64(durations.count) / 2) / UInt64(durations.count))
    }
  }

  @Test("what was added can be taken out in any order, and nothing is left")
  func taken() throws {
    var random = SplitMix(seed: 6)
    var parts: [DurationSums] = []
    for _ in 0..<100 {
      var part = DurationSums()
      for _ in 0..<(random.next() % 5) { part.add(random.next() >> (random.next() % 64)) }
      parts.append(part)
    }
    var all = DurationSums()
    for part in parts { all.add(part) }
    var writer = ByteWriter()
    all.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try DurationSums(from: &reader) == all)
    for part in parts.reversed() { all.add(part, sign: -1) }
    #expect(all.isZero && all == DurationSums() && all.percentile(50) == nil && all.mean == nil)
    all.add(parts.first { !$0.isZero } ?? DurationSums(), sign: -1)
    #expect(all.isBelowZero)
  }

  @Test("buckets ascend without a hole, and the longest duration has one")
  func buckets() {
    #expect((0..<16).allSatisfy { DurationSums.bucket(of: $0) == UInt16($0) })
    var last: UInt16 = 15
    for power in UInt64(4)..<40 {
      for part in UInt64(8)..<16 {
        let number = DurationSums.bucket(of: part << (power - 3))
        #expect(number == last + 1)
        #expect(DurationSums.bucket(of: DurationSums.middle(of: number)) == number)
        last = number
      }
    }
    #expect(DurationSums.bucket(of: DurationSums.longest) == last)
  }

  @Test("its bytes are these, for ever")
  func bytes() {
    var sums = DurationSums()
    for duration: UInt64 in [3, 3, 20, 1_000, .max] { sums.add(duration) }
    var writer = ByteWriter()
    sums.encode(into: &writer)
    #expect(
      writer.bytes == [
        5, 0x81, 0x88, 0x80, 0x80, 0x80, 0x20, 4, 3, 2, 18, 1, 63, 1, 0xAF, 0x02, 1,
      ], "\(writer.bytes)")
  }
}
