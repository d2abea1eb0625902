import Kernel
import Raft

/// The leader's judgement of who is gone. Every node keeps the times; only the leader acts on them.
struct ServerWatch {
  private struct Contact {
    var downSince: Instant?
    /// The last attempt to connect was refused: nothing listens there, so the process is gone.
    var refused = false
    var declaredAt: Instant?
  }

  private var contacts: [NodeID: Contact] = [:]
  private var since = Instant.zero
  /// When this node, as the leader, last proposed that time passes; nil: that was applied.
  private var timeProposedAt: Instant?

  /// This node leads from now on; silence counts from here, for it heard from nobody as a follower.
  mutating func begin(_ now: Instant) {
    since = now
  }

  mutating func linkUp(_ peer: NodeID) {
    contacts[peer] = Contact()
  }

  mutating func linkDown(_ peer: NodeID, refused: Bool, at now: Instant) {
    if contacts[peer, default: Contact()].downSince == nil {
      contacts[peer, default: Contact()].downSince = now
    }
    if refused { contacts[peer, default: Contact()].refused = true }
  }

  /// Not again within `pause`: the command takes its time.
  mutating func mayDeclare(_ peer: NodeID, now: Instant, pause: Span) -> Bool {
    if let declared = contacts[peer]?.declaredAt, now - declared < pause { return false }
    contacts[peer, default: Contact()].declaredAt = now
    return true
  }

  func downSince(_ peer: NodeID) -> Instant? { contacts[peer]?.downSince }

  /// The command was given just now.
  mutating func wasDeclared(_ peer: NodeID, at now: Instant) {
    contacts[peer, default: Contact()].declaredAt = now
  }

  /// Whether the peer is out of reach for longer than can be borne.
  ///
  /// - Parameter isConnected: this node can send to it.
  mutating func isGone(
    _ peer: NodeID, isConnected: Bool, lastHeard: Instant?, now: Instant, patience: ServerPatience
  ) -> Bool {
    let silentSince = max(lastHeard ?? since, since)
    let isSilent = now - silentSince > .milliseconds(Int64(patience.silence))
    // One of two connections may end and come back; who can be reached and is heard from is not lost.
    if isConnected, !isSilent { contacts[peer, default: Contact()].downSince = nil }
    let contact = contacts[peer, default: Contact()]
    guard let down = contact.downSince else { return isSilent }
    let bearable = contact.refused ? patience.refused : patience.disconnect
    return now - down > .milliseconds(Int64(bearable))
  }

  // MARK: Time that passes

  /// Whether the leader may say again that time has passed. One such command that got lost no longer holds others back.
  mutating func mayProposeTime(_ now: Instant, pause: Span) -> Bool {
    if let proposed = timeProposedAt, now - proposed < pause { return false }
    timeProposedAt = now
    return true
  }

  mutating func timeWasApplied() { timeProposedAt = nil }
}
