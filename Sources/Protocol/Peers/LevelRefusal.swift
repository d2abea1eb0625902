package import Kernel
package import Raft

/// Why a node is kept out that does not read what its cluster writes.
package enum LevelRefusal {
  package static func explanation(
    of level: Level, below required: Level, node: NodeID, cluster: String
  ) -> String {
    "node \(node) reads formats up to level \(level), and cluster \"\(cluster)\" is at level \(required)"
      + ": start node \(node) with version \(required.release ?? "of the other nodes") or newer"
  }
}
