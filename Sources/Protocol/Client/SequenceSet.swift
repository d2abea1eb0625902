/// Which sequences of a conversation were seen: everything up to `floor`, and disjoint ranges above it. Holes are
/// the places of own messages whose acknowledgement is still under way, so there are few.
struct SequenceSet: Sendable, Equatable {
  /// More ranges than this are not remembered: the oldest hole is taken as seen.
  static let maximumRanges = 256

  /// Nothing at or below it is wanted.
  private(set) var floor: UInt64
  /// Ascending, never touching one another.
  private(set) var ranges: [ClosedRange<UInt64>] = []

  /// What comes next may lie further on, and what is between is not wanted.
  private var isAdrift = false

  init(floor: UInt64 = 0) { self.floor = floor }

  /// The last sequence before the first hole: where a resumption has to begin.
  var contiguousEnd: UInt64 {
    guard let first = ranges.first, first.lowerBound - 1 == floor else { return floor }
    return first.upperBound
  }

  func contains(_ sequence: UInt64) -> Bool {
    if sequence <= floor { return true }
    // New messages are nearly always at the end.
    guard let last = ranges.last, sequence <= last.upperBound else { return false }
    return ranges.contains { $0.contains(sequence) }
  }

  /// - Returns: whether it was new.
  @discardableResult
  mutating func insert(_ sequence: UInt64) -> Bool {
    guard !contains(sequence) else { return false }
    if isAdrift {
      isAdrift = false
      rebase(to: sequence - 1)
    }
    let place = ranges.firstIndex { $0.lowerBound > sequence } ?? ranges.count
    ranges.insert(sequence...sequence, at: place)
    join(at: place)
    if place > 0 { join(at: place - 1) }
    if ranges.count > Self.maximumRanges {
      floor = ranges[0].lowerBound - 1
      ranges[0] = ranges[0].lowerBound...(ranges[1].lowerBound - 1)
      join(at: 0)
    }
    return true
  }

  /// Takes back what was inserted, because it did not reach the listener.
  mutating func remove(_ sequence: UInt64) {
    guard let place = ranges.firstIndex(where: { $0.contains(sequence) }) else { return }
    let range = ranges.remove(at: place)
    if range.upperBound > sequence { ranges.insert((sequence + 1)...range.upperBound, at: place) }
    if range.lowerBound < sequence { ranges.insert(range.lowerBound...(sequence - 1), at: place) }
  }

  /// Wants everything above `sequence` from now on; what was seen stays seen.
  mutating func rebase(to sequence: UInt64) {
    floor = sequence
    ranges = ranges.compactMap { range in
      range.upperBound <= sequence ? nil : max(range.lowerBound, sequence + 1)...range.upperBound
    }
  }

  /// Something is missing that will not be asked for again: whoever listens reads it elsewhere. With the next one that is new all before it
  /// is taken as seen, so that a resumption does not bring it behind what came later.
  mutating func goOnAnywhere() { isAdrift = true }

  private mutating func join(at place: Int) {
    guard place + 1 < ranges.count, ranges[place + 1].lowerBound - 1 == ranges[place].upperBound else { return }
    ranges[place] = ranges[place].lowerBound...ranges[place + 1].upperBound
    ranges.remove(at: place + 1)
  }
}
