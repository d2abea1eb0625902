import Desk
import Peering
import Raft
import Wire

/// Draws for placement, from a seed: the choice goes into the command, so replay needs no draw.
struct Placement {
  private var state: UInt64

  init(seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

  /// SplitMix64 (Steele, Lea, Flood 2014).
  mutating func draw(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    mixed ^= mixed >> 31
    return Int(mixed % UInt64(max(1, bound)))
  }
}

extension ReplicaCore {
  /// Another node that can take sessions: it is connected, has room on its disk, and stays.
  func canOwn(_ node: NodeID) -> Bool {
    guard network.isConnected(node) else { return false }
    return notices[node].map { !$0.notice.diskIsFull && !$0.notice.isDraining } ?? true
  }

  /// The owner of a new session: this node, which the customer is connected to and from which no message needs a
  /// further hop, unless a sampled other owns clearly fewer sessions (see docs/decisions/0002).
  func chooseOwner() -> ServerID {
    let others = members.filter { $0.id != server.rawValue && canOwn(NodeID($0.id)) }
    guard !others.isEmpty else { return server }
    if isDraining { return ServerID(others[placement.draw(below: others.count)].id) }
    let own = desk.ownedCount(of: server)
    let sampled = ServerID(others[placement.draw(below: others.count)].id)
    let theirs = desk.ownedCount(of: sampled)
    return own > theirs + theirs / 4 + 16 ? sampled : server
  }
}
