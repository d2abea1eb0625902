import Kernel
import Raft

/// Which other nodes have the same state as this one, as far as was compared.
struct Agreement {
  private var different: [NodeID: (index: UInt64, since: Instant)] = [:]
  private var compared: [NodeID: UInt64] = [:]

  /// - Returns: whether the peer has begun to differ by this.
  mutating func found(_ peer: NodeID, isSame: Bool, at index: UInt64, now: Instant) -> Bool {
    // A late word of an earlier entry takes nothing back.
    if let last = compared[peer], index < last { return false }
    compared[peer] = index
    guard !isSame else {
      different[peer] = nil
      return false
    }
    guard different[peer] == nil else { return false }
    different[peer] = (index, now)
    return true
  }

  mutating func forget(_ peer: NodeID) {
    different[peer] = nil
    compared[peer] = nil
  }

  /// The state was replaced.
  mutating func beginAnew() { self = Agreement() }

  /// In the order of their ids.
  var differing: [(peer: NodeID, index: UInt64, since: Instant)] {
    different.keys.sorted().compactMap { id in different[id].map { (id, $0.index, $0.since) } }
  }

  /// Whether this node differs from so many that they are a majority without it, of each half while it is joint.
  func isOutvoted(in membership: Membership) -> Bool {
    !different.isEmpty
      && [membership.voters, membership.outgoing].allSatisfy { voters in
        voters.isEmpty || voters.count { different[$0] != nil } * 2 > voters.count
      }
  }
}
