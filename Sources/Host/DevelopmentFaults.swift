import Kernel
import Logging
import Node
import Peering
import Protocol
import Raft
import Storage
import Wire

extension NodeDriver {
  /// - Throws: `ControlFailure` when it is not allowed here, or names a node that nobody knows.
  func inject(_ fault: DevelopmentFault) throws {
    guard let disk = options.store.faults else {
      throw ControlFailure.refused("this node was not started with development.faults=true")
    }
    switch fault {
    case .partition(let names, let direction):
      var cuts: [NodeID: CutDirection] = [:]
      for name in names { cuts[try node.member(named: name)] = direction }
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
