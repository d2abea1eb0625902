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

  private var entries: [ErasureMark: Entry] = [:]
  /// Of the last one; 0: there is none.
  package private(set) var lastIndex: UInt64 = 0

  package init() {}

  package var count: Int { entries.count }

  package func entry(_ mark: ErasureMark) -> Entry? { entries[mark] }

  func hasRoom(for mark: ErasureMark) -> Bool { entries.count < Self.most || entries[mark] != nil }

  /// One that was erased before is so once more, later.
  package mutating func add(_ entry: Entry) {
    entries[entry.mark] = entry
    lastIndex = max(lastIndex, entry.index)
  }

  /// In the order of their marks, which is no order of people or time.
  /// - Returns: the first ones behind a mark, and whether there are others.
  func page(after mark: ErasureMark?, limit: Int) -> (entries: [Entry], more: Bool) {
    let behind = sorted.filter { entry in mark.map { $0 < entry.mark } ?? true }
    return (Array(behind.prefix(limit)), behind.count > limit)
  }

  package var sorted: [Entry] { entries.values.sorted { $0.mark < $1.mark } }
}

extension ErasureLedger {
  private static let entrySize = ErasureMark.byteCount + 2

  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(entries.count))
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
