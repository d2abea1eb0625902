import NIOCore
import Raft

/// The leader's judgement of who is gone. Every node keeps the times; only the leader acts on them.
struct ServerWatch {
  private struct Contact {
    var downSince: NIODeadline?
    /// The last attempt to connect was refused: nothing listens there, so the process is gone.
    var refused = false
    var declaredAt: NIODeadline?
  }

  private var contacts: [NodeID: Contact] = [:]
  private var since = NIODeadline.uptimeNanoseconds(0)

  /// This node leads from now on; silence counts from here, for it heard from nobody as a follower.
  mutating func begin(_ now: NIODeadline) {
    since = now
  }

  mutating func linkUp(_ peer: NodeID) {
    contacts[peer] = Contact()
  }

  mutating func linkDown(_ peer: NodeID, refused: Bool, at now: NIODeadline) {
    if contacts[peer, default: Contact()].downSince == nil {
      contacts[peer, default: Contact()].downSince = now
    }
    if refused { contacts[peer, default: Contact()].refused = true }
  }

  /// Not again for a second: the command takes its time.
  mutating func mayDeclare(_ peer: NodeID, now: NIODeadline) -> Bool {
    if let declared = contacts[peer]?.declaredAt, now - declared < .seconds(1) { return false }
    contacts[peer, default: Contact()].declaredAt = now
    return true
  }

  func downSince(_ peer: NodeID) -> NIODeadline? { contacts[peer]?.downSince }

  /// The command was given just now.
  mutating func wasDeclared(_ peer: NodeID, at now: NIODeadline) {
    contacts[peer, default: Contact()].declaredAt = now
  }

  /// Whether the leader should declare the peer lost now. Not again for a second: the command takes its time.
  mutating func isLost(
    _ peer: NodeID, isConnected: Bool, lastHeard: NIODeadline?, now: NIODeadline, patience: ServerPatience
  ) -> Bool {
    guard isGone(peer, isConnected: isConnected, lastHeard: lastHeard, now: now, patience: patience) else {
      return false
    }
    return mayDeclare(peer, now: now)
  }

  /// Whether the peer is out of reach for longer than can be borne.
  ///
  /// - Parameter isConnected: this node can send to it.
  mutating func isGone(
    _ peer: NodeID, isConnected: Bool, lastHeard: NIODeadline?, now: NIODeadline, patience: ServerPatience
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
}
