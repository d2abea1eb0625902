/// The entries that are in memory, and the place before the first of them.
///
/// Appending, cutting the end and compacting the front cost as much as what they change; the dropped front of
/// the array is given back once it is half of it.
struct ReplicatedLog: Sendable {
  /// The entry before the first one that is kept: its data is gone, its term is still compared.
  struct Base: Hashable, Sendable {
    var index: LogIndex
    var term: Term
    var time: UInt64
  }

  private(set) var base: Base
  private var storage: [Entry] = []
  /// Position in `storage` of the entry with index `base.index + 1`.
  private var head = 0

  init(base: Base, entries: [Entry] = []) {
    self.base = base
    self.storage = entries
  }

  var count: Int { storage.count - head }
  var firstIndex: LogIndex { base.index.next }
  var lastIndex: LogIndex { base.index + count }
  var lastTerm: Term { count == 0 ? base.term : storage[storage.count - 1].term }
  var lastTime: UInt64 { count == 0 ? base.time : storage[storage.count - 1].time }

  /// The term of the entry at `index`, that of the base included; nil when it is compacted or not there yet.
  func term(at index: LogIndex) -> Term? {
    if index == base.index { return base.term }
    guard index > base.index, index <= lastIndex else { return nil }
    return storage[position(of: index)].term
  }

  /// That of the base below it, and of the last entry above the end.
  func time(at index: LogIndex) -> UInt64 {
    if index <= base.index { return base.time }
    return index <= lastIndex ? storage[position(of: index)].time : lastTime
  }

  func size(at index: LogIndex) -> Int { storage[position(of: index)].size }

  /// The entries `first ... last`, both of which must be there; none when `last` is below `first`.
  func entries(from first: LogIndex, through last: LogIndex) -> [Entry] {
    guard first <= last, first > base.index, last <= lastIndex else { return [] }
    return Array(storage[position(of: first)...position(of: last)])
  }

  /// Entries from `first` on, as many as fit into `maxBytes` but at least one when there is one, and their
  /// bytes.
  func entries(from first: LogIndex, maxBytes: Int) -> (entries: [Entry], bytes: Int) {
    guard first > base.index, first <= lastIndex else { return ([], 0) }
    let start = position(of: first)
    var end = start
    var bytes = 0
    while end < storage.count {
      let size = storage[end].size
      if end > start, bytes + size > maxBytes { break }
      bytes += size
      end += 1
    }
    return (Array(storage[start..<end]), bytes)
  }

  mutating func append(_ entry: Entry) { storage.append(entry) }

  mutating func append(contentsOf entries: ArraySlice<Entry>) { storage.append(contentsOf: entries) }

  /// Drops every entry from `index` on.
  mutating func truncate(from index: LogIndex) {
    guard index > base.index, index <= lastIndex else { return }
    storage.removeLast(lastIndex - index + 1)
  }

  /// Drops the entries up to `index`, which becomes the base.
  mutating func compact(through index: LogIndex) {
    guard index > base.index, index <= lastIndex else { return }
    let last = storage[position(of: index)]
    let newHead = head + (index - base.index)
    // What is dropped lets go of its bytes now; its place in the array goes later, with many others.
    let blank = Entry(index: .zero, term: .zero, time: 0)
    for position in head..<newHead { storage[position] = blank }
    head = newHead
    base = Base(index: last.index, term: last.term, time: last.time)
    if head * 2 >= storage.count {
      storage.removeFirst(head)
      head = 0
    }
  }

  /// Forgets everything: a snapshot up to `base` takes its place.
  mutating func reset(to base: Base) {
    self.base = base
    storage.removeAll()
    head = 0
  }

  /// The highest index at or below `index` whose term is at or below `term`: above it, a log that has `term` at
  /// `index` and this one cannot agree, since terms never go down along a log (paper, end of section 5.3).
  ///
  /// - Returns: the term is that at the returned index; 0 when it is compacted.
  func agreementBound(at index: LogIndex, term: Term) -> (index: LogIndex, term: Term) {
    let start = min(index, lastIndex)
    if start < base.index { return (start, .zero) }
    // Terms are sorted: look for the last position whose term is not above.
    var low = base.index
    var high = start
    guard base.term <= term else { return (base.index.previous, .zero) }
    while low < high {
      let middle = low + (high - low + 1) / 2
      if storage[position(of: middle)].term <= term { low = middle } else { high = middle.previous }
    }
    return (low, self.term(at: low) ?? .zero)
  }

  private func position(of index: LogIndex) -> Int { head + (index - base.index) - 1 }
}
