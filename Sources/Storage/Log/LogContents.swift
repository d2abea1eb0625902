import Raft

/// What the records of a log add up to, read in their order: later entries replace earlier ones of the same or a
/// higher index, and a start drops all before it.
struct LogContents {
  /// Entries up to here are in the snapshot and are not kept.
  let base: LogIndex
  private(set) var entries: [Entry] = []
  private(set) var hardState = HardState()
  /// The log holds the entries from `first` to `last`; none when `last` is the one before `first`.
  private(set) var first = LogIndex(1)
  private(set) var last = LogIndex.zero
  /// Term of the entry at `base`, when the log has it.
  private(set) var termAtBase: Term?
  private(set) var segments: [SegmentSpan] = []
  /// Nothing before the oldest segment is known, so entries of it may replace what has gone.
  private var isOpenBelow = false

  init(base: LogIndex) { self.base = base }

  mutating func begin(_ header: SegmentHeader, of file: String, afterEnd end: UInt64) throws(StoreError) {
    if segments.isEmpty {
      guard header.firstIndex > .zero else {
        throw .damaged(file: file, offset: 20, what: "it begins at index 0")
      }
      first = header.firstIndex
      last = header.firstIndex.previous
      isOpenBelow = header.number > 1
    } else {
      guard header.previousEnd == end else {
        throw .damaged(
          file: file, offset: 20,
          what: "the segment before it ends at \(end) and was written up to \(header.previousEnd)")
      }
      guard header.firstIndex == last.next else {
        throw .damaged(
          file: file, offset: 20,
          what: "it begins at index \(header.firstIndex) and the log before it ends at \(last)")
      }
    }
    segments.append(SegmentSpan(number: header.number, size: header.size, highest: .zero))
  }

  mutating func apply(_ record: LogRecord, of file: String, at offset: Int) throws(StoreError) {
    switch record {
    case .hardState(let state): hardState = state
    case .start(let index, let term):
      entries.removeAll()
      first = index.next
      last = index
      isOpenBelow = false
      termAtBase = index == base ? term : nil
      for place in segments.indices { segments[place].highest = .zero }
    case .entry(let entry): try append(entry, of: file, at: offset)
    }
  }

  private mutating func append(_ entry: Entry, of file: String, at offset: Int) throws(StoreError) {
    guard entry.index <= last.next, entry.index > .zero else {
      throw .damaged(
        file: file, offset: UInt64(offset), what: "the entry at index \(entry.index) follows index \(last)")
    }
    if entry.index <= last {
      if entry.index < first {
        guard isOpenBelow else {
          throw .damaged(
            file: file, offset: UInt64(offset),
            what: "the entry at index \(entry.index) is before the log's start")
        }
        first = entry.index
      }
      truncate(from: entry.index)
    }
    last = entry.index
    segments[segments.count - 1].highest = entry.index
    if entry.index > base {
      entries.append(entry)
    } else if entry.index == base {
      termAtBase = entry.term
    }
  }

  private mutating func truncate(from index: LogIndex) {
    while let entry = entries.last, entry.index >= index { entries.removeLast() }
    if index <= base { termAtBase = nil }
    for place in segments.indices { segments[place].highest = min(segments[place].highest, index.previous) }
  }
}
