internal import Kernel

/// Who was erased, for as long as the cluster is there: archives that were away learn it from here, and a backup from before takes
/// it into account when it is restored. It names nobody: see `ErasureMark`.
package struct ErasureLedger: Hashable, Sendable {
  /// Some 20 MB; more are refused.
  package static let most = 262_144

  package struct Entry: Hashable, Sendable {
    package var mark: ErasureMark
    /// The log entry that has done it: what that customer has said in sessions that were opened before is gone.
    package var index: UInt64
    /// In ms since 1970.
    package var time: UInt64
    package init(mark: ErasureMark, index: UInt64, time: UInt64) {
      (self.mark, self.index, self.time) = (mark, index, time)
    }
  }

  /// In the order of their marks, which is no order of people or time.
  package private(set) var sorted: [Entry] = []
  /// Of the last one; 0: there is none.
  package private(set) var lastIndex: UInt64 = 0

  package init() {}

  package var count: Int { sorted.count }

  /// The first place whose mark is not below.
  private func place(of mark: ErasureMark) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle].mark < mark { low = middle + 1 } else { high = middle }
    }
    return low
  }

  package func entry(_ mark: ErasureMark) -> Entry? {
    let place = place(of: mark)
    return place < sorted.count && sorted[place].mark == mark ? sorted[place] : nil
  }

  func hasRoom(for mark: ErasureMark) -> Bool { sorted.count < Self.most || entry(mark) != nil }

  /// One that was erased before is so once more, later. Moves what is behind it: a millisecond or two in a full ledger.
  package mutating func add(_ entry: Entry) {
    let place = place(of: entry.mark)
    if place < sorted.count, sorted[place].mark == entry.mark {
      sorted[place] = entry
    } else {
      sorted.insert(entry, at: place)
    }
    lastIndex = max(lastIndex, entry.index)
  }

  /// Many at once.
  mutating func add(contentsOf entries: [Entry]) {
    var all = Dictionary(sorted.map { ($0.mark, $0) }) { $1 }
    for entry in entries { all[entry.mark] = entry }
    sorted = all.values.sorted { $0.mark < $1.mark }
    lastIndex = sorted.reduce(0) { max($0, $1.index) }
  }

  /// - Returns: the first ones behind a mark, and whether there are others.
  func page(after mark: ErasureMark?, limit: Int) -> (entries: ArraySlice<Entry>, more: Bool) {
    var first = mark.map(place) ?? 0
    if let mark, first < sorted.count, sorted[first].mark == mark { first += 1 }
    let behind = sorted[first...]
    return (behind.prefix(limit), behind.count > limit)
  }
}

extension ErasureLedger {
  private static let entrySize = ErasureMark.byteCount + 2

  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(sorted.count))
    for entry in sorted {
      entry.mark.encode(into: &writer)
      writer.writeVarint(entry.index)
      writer.writeVarint(entry.time)
    }
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    var last: ErasureMark?
    for _ in 0..<(try reader.readCount(limit: Self.most, minimumElementSize: Self.entrySize)) {
      let mark = try ErasureMark(from: &reader)
      guard last.map({ $0 < mark }) ?? true else { throw .invalid("erasures are not in their order") }
      last = mark
      add(Entry(mark: mark, index: try reader.readVarint(), time: try reader.readVarint()))
    }
  }
}

extension ReplicatedState {
  package var erasures: ErasureLedger { servers.erasures }
  /// The log entry that has erased somebody last; 0: nobody was erased.
  package var lastErasure: UInt64 { servers.erasures.lastIndex }
}
