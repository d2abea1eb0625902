/// What a test does to a node from within, where it has no right or no means to do it from outside. Only nodes that
/// were started with `development.faults` do it. Each takes the place of the last one of its kind.
package enum DevelopmentFault: Hashable, Sendable {
  /// Packets between this node and these are lost; no nodes: none are.
  case partition(nodes: [String], CutDirection)
  /// The node's time of day is this many milliseconds ahead of the machine's; below 0: behind.
  case clock(ahead: Int64)
  /// Each sync of the disk takes so many milliseconds longer; and nothing is free on it, or as much as there is.
  case disk(syncDelay: Int, isFull: Bool)

  /// How far a clock may be set, in milliseconds: a year.
  package static let furthestClock: Int64 = 365 * 86_400_000
  package static let longestSyncDelay = 10_000
}
