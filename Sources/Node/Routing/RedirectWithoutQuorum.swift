import Kernel
import Protocol

extension Node {
  /// A node that sees no majority, or was not taken into its group yet, cannot tell its clients anything; others may. It
  /// sends away those who are there, and again after pauses that grow: whoever comes meanwhile must not stay for ever, and
  /// when no other node is better off nobody runs in circles faster than that.
  mutating func redirectWithoutQuorum() {
    // Who is alone in its group knows of nobody else.
    guard group.members.count != 1, leadership.isLost(for: configuration.dispersal, now: now),
      routes.mayRedirect(at: now, pause: configuration.dispersal)
    else { return }
    note(.notice, "no majority for long: clients are sent to look for another node")
    for sink in 0..<outbox.sinks {
      put(
        .disperse(reason: "no_quorum", withinMilliseconds: configuration.dispersalSpread),
        into: UInt16(clamping: sink))
    }
  }
}
