/// This node's own hints, and when they were last told.
struct OwnHints: Sendable {
  var hints: LoadHints
  var measuredAt: UInt64
  /// Rises with each publication; 0 before the first.
  var sequence: UInt64
  /// nil: publish at once.
  var publishedAt: UInt64?
  /// Measured after the last publication.
  var isNew: Bool

  func stamp(_ incarnation: Incarnation) -> HintStamp {
    HintStamp(incarnation: incarnation, sequence: sequence)
  }
}

extension GossipNode {
  mutating func publishHints() {
    guard let own = ownHints, own.isNew else { return }
    if let last = own.publishedAt, clock < last + configuration.hintInterval { return }
    ownHints?.sequence += 1
    ownHints?.publishedAt = clock
    ownHints?.isNew = false
    queue.spread(.load(id))
  }
}
