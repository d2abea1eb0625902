import Desk
import Protocol
import Raft

/// A node with an empty disk does not know whether the cluster is new or the disk was lost. Its peers do: when all of
/// them are as empty as this node, they begin a new group together. When one of them is in use, this node has lost
/// what it had promised, or is a newcomer: it waits to be taken in, and does not vote before.
///
/// All members of a new cluster must therefore run once at the same time. Fewer would not do: a node that was never
/// started and one whose disk was lost would look like a majority of a new cluster.
struct FirstStart {
  /// Peers that have said that their disks are empty, too.
  private var emptyPeers: Set<NodeID> = []
  private(set) var groupIsInUse = false
  var isDecided = false

  mutating func heard(from peer: NodeID, inUse: Bool) {
    if inUse {
      groupIsInUse = true
      emptyPeers.remove(peer)
    } else {
      emptyPeers.insert(peer)
    }
  }

  func everyoneIsNew(_ others: [NodeID]) -> Bool {
    !groupIsInUse && others.allSatisfy { emptyPeers.contains($0) }
  }
}

extension Node {
  /// Whether this node has anything that a new cluster does not have.
  var isInUse: Bool { raft.lastIndex > .zero || raft.commitIndex > .zero }

  mutating func decideFirstStart() {
    guard raft.isRejoining, !group.firstStart.isDecided else { return }
    if group.firstStart.groupIsInUse || isInUse {
      group.firstStart.isDecided = true
      return note(
        .notice,
        "the disk of this node is empty and the cluster is in use: the node votes once it has been taken in and has "
          + "caught up")
    }
    let others = configuration.members.filter { $0.id != server.rawValue }.map { NodeID($0.id) }
    guard group.firstStart.everyoneIsNew(others) else { return }
    group.firstStart.isDecided = true
    note(.notice, "a new cluster begins")
    raft.beginGroup()
    output.endsRejoining = true
  }
}
