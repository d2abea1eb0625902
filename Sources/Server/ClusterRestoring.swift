internal import Archive
package import Backup
package import Desk
import Protocol
import Raft
import Storage

/// `switchboard restore`: the node of a configuration begins with what a backup has, as a member of a new cluster.
package enum ClusterRestoring {
  /// The members are those of the configuration, and all of them vote: the same has to be done for each, from the same backup.
  ///
  /// - Parameter erasures: who was erased since the backup was made: they are not in the new cluster.
  /// - Returns: what was restored, and the names of the other members.
  /// - Throws: `BackupError`, `StoreError` and what else `Restoration` throws; `ClusterBeginning.Refusal` for members that cannot be.
  package static func restore(
    _ restoration: Restoration, for configuration: ServerConfiguration, without erasures: [Erasure] = [],
    progress: @escaping (BackupMaking.Progress) -> Void = { _ in }
  ) throws -> (outcome: Restoration.Outcome, others: [String]) {
    let members = configuration.firstMembers
    let membership = Membership(
      voters: members.map { NodeID($0.id) }.sorted(),
      addresses: members.map { Membership.Address(id: NodeID($0.id), text: $0.text) })
    do { try membership.validate() } catch { throw ClusterBeginning.Refusal(description: "\(error)") }
    let outcome = try restoration.restore(
      into: configuration.dataDirectory,
      as: StoreIdentity(cluster: configuration.cluster, node: configuration.nodeID), membership,
      changing: { state, archive in
        guard !erasures.isEmpty else { return false }
        try archive?.erase(state.erase(erasures, index: restoration.manifest.snapshotIndex))
        return true
      }, progress: progress)
    return (outcome, members.filter { $0.id != configuration.nodeID }.map(\.name))
  }
}

extension ServerConfiguration {
  /// Those whom it names, this node among them.
  var firstMembers: [MemberAddress] {
    members.map { MemberAddress(id: $0.id, name: $0.name, peerAddress: $0.peer, clientURL: $0.client) }
  }
}
