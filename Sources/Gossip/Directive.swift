/// What the shell is to do, or to know, in this order. A datagram that cannot be sent is dropped: gossip expects
/// losses.
package enum Directive: Hashable, Sendable {
  case send(datagram: [UInt8], to: MemberID)
  /// Advice, never a decision: who belongs to the cluster, and who owns which session, is in the log.
  case healthChanged(HealthChange)
  /// Newer hints of a member have come.
  case hintsChanged(MemberID)
}

package struct HealthChange: Hashable, Sendable {
  package var member: MemberID
  package var from: Health
  package var to: Health
  package var incarnation: Incarnation
}

/// A member as this node sees it.
package struct MemberStatus: Hashable, Sendable {
  package let id: MemberID
  package let health: Health
  /// 0: nothing was heard of it yet; it counts as alive until it fails to answer.
  package let incarnation: Incarnation
  /// The time of the last change of health, on the clock that is given to `tick(now:)`.
  package let since: UInt64
  /// When it came back after it was dead or had left, if ever.
  package let recoveredAt: UInt64?
  package let hints: AgedHints?
}

/// What has happened since the node was made; for metrics.
package struct GossipCounters: Hashable, Sendable {
  package internal(set) var sentDatagrams: UInt64 = 0
  package internal(set) var sentBytes: UInt64 = 0
  /// Not understood, of another cluster, for another node, or of one who does not belong.
  package internal(set) var refusedDatagrams: UInt64 = 0
  /// Of these: not understood, or of another cluster.
  package internal(set) var unreadableDatagrams: UInt64 = 0
  package internal(set) var probes: UInt64 = 0
  package internal(set) var failedProbes: UInt64 = 0
  /// Suspicions of itself that the node has contradicted.
  package internal(set) var refutations: UInt64 = 0
  /// Times in which it was not called for longer than it should be.
  package internal(set) var pauses: UInt64 = 0
}
