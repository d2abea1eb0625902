/// What a node knows to be wrong with itself. It tells all others (`NodeNotice.conditions`), so each is a problem in every
/// node's status. To add one: a bit here, its code and advice in `Sources/Node/Status/ConditionProblems.swift`; where the
/// world has to be asked, the process that drives the node sets it in `Surroundings.conditions` with each tick.
///
/// The bits are those of the frames between nodes: one that was ever used keeps its meaning, and a receiver passes over
/// those that it does not know.
package struct NodeConditions: OptionSet, Hashable, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// It takes no new sessions and messages before it has memory again.
  package static let memoryShort = NodeConditions(rawValue: 1 << 0)
  /// Its disk has not finished a write for seconds.
  package static let diskSlow = NodeConditions(rawValue: 1 << 1)
  /// More is committed than it stores and applies, and it gets no further.
  package static let noProgress = NodeConditions(rawValue: 1 << 2)
  /// It was emptied or is new, and gives no vote before it is taken in.
  package static let doesNotVote = NodeConditions(rawValue: 1 << 3)
  /// Its data or its state is not what the others have: it has stopped, and ends.
  package static let differs = NodeConditions(rawValue: 1 << 4)
  /// Its clock is further from those of more than half of the others than it should.
  package static let clockOff = NodeConditions(rawValue: 1 << 5)
  /// A limit of its machine, open files for instance, is too low. (Set by the process.)
  package static let limitsLow = NodeConditions(rawValue: 1 << 6)
  /// One of its certificates ends soon.
  package static let certificateExpires = NodeConditions(rawValue: 1 << 7)
  /// One of its certificates has ended.
  package static let certificateExpired = NodeConditions(rawValue: 1 << 8)
  /// Its archive cannot be opened or written.
  package static let archiveFails = NodeConditions(rawValue: 1 << 9)
}
