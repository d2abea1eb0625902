import Desk
import Testing

@Suite("The gaps of an archive")
struct ArchiveGapsTests {
  private func gap(_ after: UInt64, _ upTo: UInt64, _ month: UInt32? = nil) -> ArchiveGap {
    ArchiveGap(month: month, after: after, upTo: upTo)
  }

  @Test("are what was added without what was filled, entry by entry and month by month")
  func model() {
    var dice: UInt64 = 7
    func draw(_ below: UInt64) -> UInt64 {
      dice = dice &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (dice >> 33) % below
    }
    var gaps = ArchiveGaps()
    // By month, nil as 0: the entries that are missing.
    var missing: [UInt32: Set<UInt64>] = [0: [], 1: [], 2: []]
    for _ in 0..<2_000 {
      let after = draw(60)
      let one = gap(after, after + draw(8), draw(3) == 0 ? nil : UInt32(1 + draw(2)))
      let entries = Set(stride(from: one.after + 1, through: one.upTo, by: 1))
      if draw(2) == 0 {
        gaps.add(one)
        missing[one.month ?? 0]?.formUnion(entries)
      } else {
        gaps.remove(one)
        for month in missing.keys where one.month == nil || one.month == month {
          missing[month]?.subtract(entries)
        }
      }
      for month in [UInt32(0), 1, 2] {
        let own = gaps.list.filter { ($0.month ?? 0) == month }
        #expect(Set(own.flatMap { Array($0.after + 1...$0.upTo) }) == missing[month])
        #expect(zip(own, own.dropFirst()).allSatisfy { $0.upTo < $1.after })
        let asked = gap(10, 50, month == 0 ? nil : month)
        let complete = Set(gaps.complete(in: asked, most: .max).flatMap { Array($0.after + 1...$0.upTo) })
        let lost =
          month == 0
          ? missing.values.reduce(into: Set()) { $0.formUnion($1) }
          : (missing[0] ?? []).union(missing[month] ?? [])
        #expect(complete == Set(11...50).subtracting(lost))
      }
    }
  }

  @Test("are never more than so many: the nearest are joined, and nothing that is missing is forgotten")
  func bound() {
    var gaps = ArchiveGaps()
    for number in 0..<200 { gaps.add(gap(UInt64(number * 10), UInt64(number * 10 + 3), UInt32(number % 2))) }
    #expect(gaps.list.count <= ArchiveGaps.most)
    for number in 0..<200 {
      #expect(
        gaps.complete(in: gap(UInt64(number * 10), UInt64(number * 10 + 3), UInt32(number % 2)), most: 9)
          .isEmpty)
    }
    var months = ArchiveGaps()
    for month in 0..<100 { months.add(gap(0, 5, UInt32(month))) }
    #expect(months.list.count <= ArchiveGaps.most)
    #expect(months.complete(in: gap(0, 5, 99), most: 9).isEmpty)
  }
}
