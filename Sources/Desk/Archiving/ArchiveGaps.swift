/// Entries of the log whose rows an archive may miss.
package struct ArchiveGap: Hashable, Sendable {
  /// Only rows that lie in this month, as months since January of the year 0; nil: in any.
  package var month: UInt32?
  /// This entry's rows are there.
  package var after: UInt64
  /// The last one whose rows may be missing.
  package var upTo: UInt64

  package init(month: UInt32? = nil, after: UInt64, upTo: UInt64) {
    (self.month, self.after, self.upTo) = (month, after, upTo)
  }

  package var isEmpty: Bool { after >= upTo }

  /// Whether all of the other one is in it.
  package func covers(_ other: ArchiveGap) -> Bool {
    (month == nil || month == other.month) && after <= other.after && other.upTo <= upTo
  }

  /// Whether a row can be missing by both.
  package func touches(_ other: ArchiveGap) -> Bool {
    (month == nil || other.month == nil || month == other.month) && after < other.upTo && other.after < upTo
  }
}

/// What an archive misses, as it remembers it. By month (those of any month first) and then by the log; no two of one month
/// overlap.
package struct ArchiveGaps: Hashable, Sendable {
  /// More are joined: what lies between two of them is asked for again, and changes nothing.
  package static let most = 64
  package private(set) var list: [ArchiveGap] = []

  package init(_ list: [ArchiveGap] = []) {
    for gap in list { add(gap) }
  }

  package var isEmpty: Bool { list.isEmpty }

  /// How many there are in the largest month, and with those that are missing in all.
  package var entries: UInt64 {
    var ofMonths: [UInt32: UInt64] = [:]
    var ofAll: UInt64 = 0
    for gap in list {
      if let month = gap.month {
        ofMonths[month, default: 0] += gap.upTo - gap.after
      } else {
        ofAll += gap.upTo - gap.after
      }
    }
    return ofAll + (ofMonths.values.max() ?? 0)
  }

  package mutating func add(_ gap: ArchiveGap) {
    guard !gap.isEmpty else { return }
    var joined = gap
    list.removeAll { other in
      guard other.month == gap.month, other.after <= joined.upTo, joined.after <= other.upTo else {
        return false
      }
      (joined.after, joined.upTo) = (min(joined.after, other.after), max(joined.upTo, other.upTo))
      return true
    }
    let place = list.firstIndex { Self.isOrdered(joined, $0) } ?? list.endIndex
    list.insert(joined, at: place)
    while list.count > Self.most { joinTwo() }
  }

  /// All rows of these entries are there by now.
  package mutating func remove(_ filled: ArchiveGap) {
    guard !filled.isEmpty else { return }
    list = list.flatMap { gap -> [ArchiveGap] in
      guard filled.month == nil || filled.month == gap.month, filled.touches(gap) else { return [gap] }
      let before = ArchiveGap(month: gap.month, after: gap.after, upTo: min(gap.upTo, filled.after))
      let behind = ArchiveGap(month: gap.month, after: max(gap.after, filled.upTo), upTo: gap.upTo)
      return [before, behind].filter { !$0.isEmpty }
    }
    while list.count > Self.most { joinTwo() }
  }

  package mutating func removeAll() { list = [] }

  /// The parts of `asked` that are missing nowhere here, ascending.
  /// - Parameter most: of them.
  package func complete(in asked: ArchiveGap, most: Int) -> [ArchiveGap] {
    var rest = ArchiveGaps([asked])
    for gap in list where gap.touches(asked) {
      rest.remove(ArchiveGap(month: asked.month, after: gap.after, upTo: gap.upTo))
    }
    return Array(rest.list.prefix(most))
  }

  private static func isOrdered(_ left: ArchiveGap, _ right: ArchiveGap) -> Bool {
    let (one, other) = (left.month.map(Int.init) ?? -1, right.month.map(Int.init) ?? -1)
    return (one, left.after) < (other, right.after)
  }

  /// The two of one month that are nearest to each other become one; of different months, one of all months.
  private mutating func joinTwo() {
    var best: (place: Int, between: UInt64)?
    for place in list.indices.dropFirst() where list[place].month == list[place - 1].month {
      let between = list[place].after - list[place - 1].upTo
      if between < best?.between ?? .max { best = (place, between) }
    }
    if let best {
      list[best.place - 1].upTo = list[best.place].upTo
      list.remove(at: best.place)
    } else {
      let hull = ArchiveGap(
        after: list.map(\.after).min() ?? 0, upTo: list.map(\.upTo).max() ?? 0)
      list = [hull]
    }
  }
}
