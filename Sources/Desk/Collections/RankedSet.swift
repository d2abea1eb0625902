/// A sorted set that knows the rank of its elements: chunks of bounded size, so that adding, removing and ranking
/// touch one chunk and step over the counts of the others. With 10,000 elements that is some 60 chunks; a copy of
/// the set shares all of them until they are changed.
struct RankedSet<Element: Comparable & Sendable>: Sendable {
  /// A chunk above this is split; small enough that shifting its elements is one short memory move.
  static var chunkLimit: Int { 256 }

  /// None is empty; ascending inside and from one to the next.
  private(set) var chunks: [[Element]] = []
  private(set) var count = 0

  init() {}

  var isEmpty: Bool { count == 0 }
  var first: Element? { chunks.first?.first }

  /// The chunk in which the element is, or would have to be. Only for a set that is not empty.
  private func chunkIndex(for element: Element) -> Int {
    var low = 0
    var high = chunks.count
    // The last chunk whose first element is not above `element`.
    while low < high {
      let middle = (low + high) / 2
      if element < chunks[middle][0] { high = middle } else { low = middle + 1 }
    }
    return max(low - 1, 0)
  }

  /// The first place in the chunk whose element is not below.
  private func place(of element: Element, in chunk: Int) -> Int {
    var low = 0
    var high = chunks[chunk].count
    while low < high {
      let middle = (low + high) / 2
      if chunks[chunk][middle] < element { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func contains(_ element: Element) -> Bool {
    guard count > 0 else { return false }
    let chunk = chunkIndex(for: element)
    let place = place(of: element, in: chunk)
    return place < chunks[chunk].count && chunks[chunk][place] == element
  }

  /// How many elements are below this one; nil: it is not in the set.
  func rank(of element: Element) -> Int? {
    guard count > 0 else { return nil }
    let chunk = chunkIndex(for: element)
    let place = place(of: element, in: chunk)
    guard place < chunks[chunk].count, chunks[chunk][place] == element else { return nil }
    var below = place
    for earlier in 0..<chunk { below += chunks[earlier].count }
    return below
  }

  /// How many elements are below this one, be it in the set or not.
  func count(below element: Element) -> Int {
    guard count > 0 else { return 0 }
    let chunk = chunkIndex(for: element)
    var below = place(of: element, in: chunk)
    for earlier in 0..<chunk { below += chunks[earlier].count }
    return below
  }

  /// False: it was there already.
  @discardableResult
  mutating func insert(_ element: Element) -> Bool {
    guard count > 0 else {
      chunks.append([element])
      count = 1
      return true
    }
    let chunk = chunkIndex(for: element)
    let place = place(of: element, in: chunk)
    let size = chunks[chunk].count
    if place < size, chunks[chunk][place] == element { return false }
    count += 1
    if size >= Self.chunkLimit {
      if place == size, chunk == chunks.count - 1 {
        // Elements that come in ascending order leave full chunks behind, not halves.
        chunks.append([element])
      } else {
        split(chunk, at: size / 2)
        if place <= size / 2 {
          chunks[chunk].insert(element, at: place)
        } else {
          chunks[chunk + 1].insert(element, at: place - size / 2)
        }
      }
    } else {
      chunks[chunk].insert(element, at: place)
    }
    return true
  }

  /// False: it was not there.
  @discardableResult
  mutating func remove(_ element: Element) -> Bool {
    guard count > 0 else { return false }
    let chunk = chunkIndex(for: element)
    let place = place(of: element, in: chunk)
    guard place < chunks[chunk].count, chunks[chunk][place] == element else { return false }
    chunks[chunk].remove(at: place)
    count -= 1
    if chunks[chunk].isEmpty {
      chunks.remove(at: chunk)
    } else if chunks[chunk].count < Self.chunkLimit / 4 {
      mergeSmall(chunk)
    }
    return true
  }

  /// Takes the lowest elements out, ascending.
  mutating func removePrefix(_ limit: Int) -> [Element] {
    guard limit > 0 else { return [] }
    var removed: [Element] = []
    removed.reserveCapacity(min(limit, count))
    var whole = 0
    while whole < chunks.count, removed.count + chunks[whole].count <= limit {
      removed.append(contentsOf: chunks[whole])
      whole += 1
    }
    chunks.removeFirst(whole)
    let rest = min(limit - removed.count, chunks.first?.count ?? 0)
    if rest > 0 {
      removed.append(contentsOf: chunks[0].prefix(rest))
      chunks[0].removeFirst(rest)
    }
    count -= removed.count
    return removed
  }

  /// Adds many at once: one pass over both, in place of a search for each, unless there are but few.
  /// - Parameter others: ascending, none of them in the set.
  mutating func merge(ascending others: [Element]) {
    guard others.count > count / 16 else {
      for other in others { insert(other) }
      return
    }
    guard !others.isEmpty else { return }
    var merged = RankedSet()
    merged.chunks.reserveCapacity((count + others.count) / Self.chunkLimit + 1)
    var next = 0
    for chunk in chunks {
      for element in chunk {
        while next < others.count, others[next] < element {
          merged.append(others[next])
          next += 1
        }
        merged.append(element)
      }
    }
    while next < others.count {
      merged.append(others[next])
      next += 1
    }
    self = merged
  }

  /// The element is to be above all others.
  private mutating func append(_ element: Element) {
    if chunks.isEmpty || chunks[chunks.count - 1].count >= Self.chunkLimit {
      chunks.append([element])
    } else {
      chunks[chunks.count - 1].append(element)
    }
    count += 1
  }

  private mutating func split(_ chunk: Int, at place: Int) {
    let upper = Array(chunks[chunk][place...])
    chunks[chunk].removeSubrange(place...)
    chunks.insert(upper, at: chunk + 1)
  }

  private mutating func mergeSmall(_ chunk: Int) {
    let limit = Self.chunkLimit * 3 / 4
    if chunk + 1 < chunks.count, chunks[chunk].count + chunks[chunk + 1].count <= limit {
      let next = chunks.remove(at: chunk + 1)
      chunks[chunk].append(contentsOf: next)
    } else if chunk > 0, chunks[chunk - 1].count + chunks[chunk].count <= limit {
      let gone = chunks.remove(at: chunk)
      chunks[chunk - 1].append(contentsOf: gone)
    }
  }

  /// All elements, ascending.
  var elements: [Element] {
    var all: [Element] = []
    all.reserveCapacity(count)
    for chunk in chunks { all.append(contentsOf: chunk) }
    return all
  }

  /// What is wrong with the set's own bookkeeping; empty: nothing.
  func checkInvariants() -> [String] {
    var problems: [String] = []
    let all = elements
    if all.count != count { problems.append("a ranked set counts \(count) elements and has \(all.count)") }
    if chunks.contains(where: { $0.isEmpty || $0.count > Self.chunkLimit }) {
      problems.append("a chunk of a ranked set is empty or too large")
    }
    if zip(all, all.dropFirst()).contains(where: { $0 >= $1 }) {
      problems.append("a ranked set is not in ascending order")
    }
    return problems
  }
}

extension RankedSet {
  /// The lowest elements, ascending.
  func prefix(_ limit: Int) -> [Element] {
    var lowest: [Element] = []
    for chunk in chunks {
      let room = limit - lowest.count
      guard room > 0 else { break }
      lowest.append(contentsOf: chunk.prefix(room))
    }
    return lowest
  }

  /// The highest elements, ascending.
  func suffix(_ limit: Int) -> [Element] {
    var highest: [Element] = []
    for chunk in chunks.reversed() {
      let room = limit - highest.count
      guard room > 0 else { break }
      highest.insert(contentsOf: chunk.suffix(room), at: 0)
    }
    return highest
  }

  /// The highest elements below one, ascending; nil: all of them are.
  func suffix(_ limit: Int, before element: Element?) -> [Element] {
    guard let element else { return suffix(limit) }
    var highest: [Element] = []
    for chunk in chunks.reversed() {
      let room = limit - highest.count
      guard room > 0 else { break }
      guard let first = chunk.first, first < element else { continue }
      highest.insert(contentsOf: chunk.prefix { $0 < element }.suffix(room), at: 0)
    }
    return highest
  }

  /// The lowest elements above one, ascending; nil: all of them are.
  func prefix(_ limit: Int, after element: Element?) -> [Element] {
    guard let element else { return prefix(limit) }
    var next: [Element] = []
    for chunk in chunks {
      let room = limit - next.count
      guard room > 0 else { break }
      guard let last = chunk.last, element < last else { continue }
      next.append(contentsOf: chunk.lazy.filter { element < $0 }.prefix(room))
    }
    return next
  }
}
