package import Node
package import Peering
package import Protocol
package import Storage
package import Wire

/// What a process that serves a node needs to know beside what the node itself does.
package struct ReplicaOptions: Sendable {
  package var node: NodeConfiguration
  package var peering: PeeringConfiguration
  package var dataDirectory: String
  /// With `store.faults` set, tests may disturb the disk, and also cut this node off from others and set its clock.
  package var store = StoreOptions()
  /// Where the archive is; nil: the node keeps none.
  package var archiveDirectory: String?
  /// The secrets of gossip; nil: no gossip, and nodes hear of each other's load over their connections alone.
  package var gossipKeys: GossipKeyRing?
  /// Where every transition of Raft is written to, a line of JSON each; nil: nowhere.
  package var traceFile: String?
  /// What the process knows of the node's certificates.
  package var certificates = CertificateBoard()
  /// The time of day, for all parts of the node.
  package var clock = WallClock()
  /// What the process has found wrong with its machine when it started; every node's status shows it.
  package var conditions: NodeConditions = []

  package init(node: NodeConfiguration, peering: PeeringConfiguration, dataDirectory: String) {
    self.node = node
    self.peering = peering
    self.dataDirectory = dataDirectory
  }
}

/// Why a node stopped itself.
package enum ReplicaFailure: Error, Sendable, CustomStringConvertible {
  case disk(StoreError)
  case node(NodeFailure)

  package var isRemoval: Bool {
    if case .node(.removed) = self { return true }
    return false
  }

  package var description: String {
    switch self {
    case .disk(let error):
      "the disk has failed: \(error). Nothing that was acknowledged is lost: the other nodes have it. "
        + "Check the disk, then start this node again or rebuild it from its peers."
    case .node(.unreadableEntry(let index, let reason)):
      "log entry \(index) cannot be read (\(reason)): it was written by a newer version. Upgrade this node."
    case .node(.newerLevel(let what)):
      "this release is too old for its cluster: \(what). Nothing on the disk of this node was changed."
    case .node(.oldCopy(let reason)), .node(.differs(let reason)):
      "its data is not what its cluster has: \(reason). The other nodes have all of it. Run `switchboard rebuild` on this "
        + "node and start it again; it does not start before"
    case .node(.removed): "this node was removed from the cluster"
    case .node(.snapshot(let reason)):
      "the snapshot cannot be used: \(reason). Rebuild this node from its peers."
    }
  }
}
