import Protocol

/// The running digests of the last entries that were applied, for the comparison with those of other nodes: of each of the
/// last 1,024, and of 256 round indexes before them. Nodes that are further apart compare once they are not.
struct DigestRing {
  static let recent = 1_024
  static let marks = 256
  /// Every so many entries there is one that is told when nodes are not at the same entry.
  static let interval: UInt64 = 1_024

  private var last: [StateDigest] = []
  private var round: [StateDigest] = []
  private var newest: StateDigest?

  mutating func record(_ index: UInt64, _ value: UInt64) {
    let digest = StateDigest(index: index, value: value)
    newest = digest
    Self.put(digest, at: Int(truncatingIfNeeded: index % UInt64(Self.recent)), of: Self.recent, in: &last)
    if index % Self.interval == 0 {
      let place = Int(truncatingIfNeeded: index / Self.interval % UInt64(Self.marks))
      Self.put(digest, at: place, of: Self.marks, in: &round)
    }
  }

  /// A snapshot has taken the place of the state.
  mutating func begin(at index: UInt64, _ value: UInt64) {
    self = DigestRing()
    record(index, value)
  }

  /// nil: not known here, or no longer.
  func value(at index: UInt64) -> UInt64? {
    for (ring, place) in [
      (last, index % UInt64(Self.recent)), (round, index / Self.interval % UInt64(Self.marks)),
    ] {
      guard place < UInt64(ring.count) else { continue }
      let found = ring[Int(place)]
      if found.index == index, index > 0 { return found.value }
    }
    return nil
  }

  /// What is told to others: the newest, and that of the last round index.
  var told: [StateDigest] {
    guard let newest else { return [] }
    let index = newest.index / Self.interval * Self.interval
    guard index != newest.index, let value = value(at: index) else { return [newest] }
    return [newest, StateDigest(index: index, value: value)]
  }

  private static func put(_ digest: StateDigest, at place: Int, of size: Int, in ring: inout [StateDigest]) {
    if ring.isEmpty { ring = Array(repeating: StateDigest(index: 0, value: 0), count: size) }
    ring[place] = digest
  }
}
