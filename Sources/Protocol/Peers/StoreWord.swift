/// How far a node has promised something: in this term it has this much of the log on its disk. Never goes back while a node
/// keeps its disk: the log may be cut in a later term, and then the term is higher.
package struct StorePosition: Hashable, Comparable, Sendable {
  package var term: UInt64
  package var index: UInt64
  package init(term: UInt64, index: UInt64) {
    self.term = term
    self.index = index
  }
  package static let zero = StorePosition(term: 0, index: 0)
  package static func < (left: StorePosition, right: StorePosition) -> Bool {
    (left.term, left.index) < (right.term, right.index)
  }
}

/// What a node has heard of another one's disk.
package struct HeardStore: Hashable, Sendable {
  package var node: UInt64
  /// The newest life of that node, as far as is known.
  package var life: UInt64
  /// The furthest that it has told in earlier lives, and in that one.
  package var before: StorePosition
  package var now: StorePosition
  package init(node: UInt64, life: UInt64, before: StorePosition, now: StorePosition) {
    self.node = node
    self.life = life
    self.before = before
    self.now = now
  }
}

/// A node's word to another one: your disk is behind what you have told.
package struct OldStoreFinding: Hashable, Sendable {
  /// The life of the receiver that is meant.
  package var life: UInt64
  package var told: StorePosition
  package init(life: UInt64, told: StorePosition) {
    self.life = life
    self.told = told
  }
}

/// The running digest of the state at an entry of the log.
package struct StateDigest: Hashable, Sendable {
  package var index: UInt64
  package var value: UInt64
  package init(index: UInt64, value: UInt64) {
    self.index = index
    self.value = value
  }
}
