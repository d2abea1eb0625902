import Kernel
import Protocol

extension Node {
  /// A node that sees no majority cannot tell its clients anything any more; others may. It sends away those who are
  /// there, once: when no other node is better off they come back and stay, instead of running in circles.
  mutating func redirectWithoutQuorum() {
    guard leadership.isLost(for: configuration.dispersal, now: now), !routes.hasRedirected,
      group.members.count > 1
    else { return }
    routes.redirected()
    note(.notice, "no majority for long: clients are sent to look for another node")
    for sink in 0..<outbox.sinks {
      put(
        .disperse(reason: "no_quorum", withinMilliseconds: configuration.dispersalSpread),
        into: UInt16(clamping: sink))
    }
  }
}
