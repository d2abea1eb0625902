/// Messages between nodes whose kind this release does not know. They are counted, and each kind is told of once.
struct UnknownMessages {
  private(set) var count: UInt64 = 0
  private var kinds: Set<UInt8> = []

  /// - Returns: whether it is the first of its kind.
  mutating func see(_ kind: UInt8) -> Bool {
    count += 1
    return kinds.insert(kind).inserted
  }
}
