import Protocol
import Raft
import Storage

/// `switchboard begin`: an operator says, once and before the first start, that a node begins a cluster.
package enum ClusterBeginning {
  package struct Refusal: Error, CustomStringConvertible {
    package let description: String
  }

  /// Notes it on the node's empty disk. The first start then begins the cluster, with the members of the configuration.
  ///
  /// - Returns: the names of those that have to be started beside this node.
  /// - Throws: `Refusal` when this node must not begin a cluster, `ConfigurationError`, `StoreError`.
  package static func note(_ configuration: ServerConfiguration) throws -> [String] {
    let members = configuration.firstMembers
    // One and the same for all members, so that saying it on each of them begins one cluster.
    guard let first = members.min(by: { $0.id < $1.id }), first.id == configuration.nodeID else {
      throw Refusal(
        description:
          "\(configuration.nodeName) does not begin the cluster: the member with the lowest number does, which is "
          + "\(members.min { $0.id < $1.id }?.name ?? "missing"). Start \(configuration.nodeName), and it joins"
      )
    }
    let others = members.filter { $0.id != first.id }.map { NodeID($0.id) }
    let membership = Membership(
      voters: [NodeID(first.id)], learners: others, joining: others,
      addresses: members.map { Membership.Address(id: NodeID($0.id), text: $0.text) })
    do { try membership.validate() } catch { throw Refusal(description: "\(error)") }
    let outcome = try StoreBeginning.note(
      membership, directory: configuration.dataDirectory,
      identity: StoreIdentity(cluster: configuration.cluster, node: configuration.nodeID))
    switch outcome {
    case .noted: return members.filter { $0.id != first.id }.map(\.name)
    case .used(.rejoining):
      throw Refusal(
        description:
          "\(configuration.dataDirectory) is marked: its node has lost its data and waits to be taken back by its "
          + "cluster. Start it. Only if no node of the cluster has its data any more, remove the directory and begin anew"
      )
    case .used:
      throw Refusal(
        description:
          "\(configuration.dataDirectory) has the data of a node whose cluster has begun already: start it with "
          + "`switchboard serve`")
    }
  }
}
