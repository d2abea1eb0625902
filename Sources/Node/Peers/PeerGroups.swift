import Raft

/// Of which group the peers are. Two groups of one name can meet: a node whose disk was lost was told to begin, or two nodes
/// were told so whose files did not name each other. What a group has agreed on must never be counted in another, so a node
/// of another group is a stranger: nothing of it is taken, and nothing is sent to it.
///
/// A node tells its group (`NodeNotice.group`) on each connection before anything else, and again when it has come to
/// belong to one. Whoever tells none is taken for one of this group: it is new, or of a release that knows of none.
struct PeerGroups {
  private var own: UInt64?
  private var told: [NodeID: UInt64] = [:]
  /// Those who have heard of `own` on the connection that is there now.
  private var informed: Set<NodeID> = []

  func isStranger(_ peer: NodeID) -> Bool {
    guard let own, let other = told[peer] else { return false }
    return own != other
  }

  /// In the order of their ids.
  var strangers: [NodeID] { told.keys.filter { isStranger($0) }.sorted() }

  mutating func linkUp(_ peer: NodeID) { informed.remove(peer) }

  mutating func learn(_ group: UInt64?, of peer: NodeID) -> Bool? {
    let before = isStranger(peer)
    told[peer] = group
    let after = isStranger(peer)
    return before == after ? nil : after
  }

  mutating func belong(to group: UInt64?) -> [NodeID] {
    guard group != own else { return [] }
    let before = strangers
    own = group
    informed = []
    return strangers.filter { !before.contains($0) }
  }

  mutating func mustTell(_ peer: NodeID) -> Bool { own != nil && informed.insert(peer).inserted }
}
