import Logging
package import Peering
import Raft
import Storage
import Wire

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

extension ReplicaCore {
  /// - Throws: `ControlFailure` when it is not allowed here, or names a node that nobody knows.
  func inject(_ fault: DevelopmentFault) throws {
    guard let disk = options.store.faults else {
      throw ControlFailure.refused("this node was not started with development.faults=true")
    }
    switch fault {
    case .partition(let names, let direction):
      var cuts: [NodeID: CutDirection] = [:]
      for name in names { cuts[try member(named: name)] = direction }
      network.cut(cuts)
      gossip?.cut(cuts)
      logger.warning(
        "these nodes are cut off from here",
        metadata: ["nodes": "\(names.joined(separator: " "))", "direction": "\(direction.rawValue)"])
    case .clock(let milliseconds):
      options.clock.set(ahead: milliseconds)
      logger.warning("the clock was set for a test", metadata: ["ahead_ms": "\(milliseconds)"])
    case .disk(let delay, let isFull):
      disk.set(syncDelay: delay, isFull: isFull)
      logger.warning(
        "the disk is disturbed for a test", metadata: ["sync_delay_ms": "\(delay)", "full": "\(isFull)"])
    }
  }
}
