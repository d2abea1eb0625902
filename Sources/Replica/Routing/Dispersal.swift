import Logging
import NIOCore
import Protocol

extension ReplicaCore {
  /// A node that sees no majority cannot tell its clients anything any more; others may. It sends away those who are
  /// there, once: when no other node is better off they come back and stay, instead of running in circles.
  func disperseWithoutQuorum() {
    guard let lost = leaderLostAt, !hasDispersed, members.count > 1,
      now - lost > .milliseconds(Int64(options.dispersal))
    else { return }
    hasDispersed = true
    logger.notice("no majority for long: clients are sent to look for another node")
    for sink in outboxes.indices {
      put(.disperse(reason: "no_quorum", withinMilliseconds: options.dispersalSpread), into: UInt16(sink))
    }
  }
}
