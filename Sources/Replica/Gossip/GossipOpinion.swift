import Gossip
import NIOCore
import Peering
internal import Protocol
import Raft
import Wire

/// What gossip adds to the status page.
extension ReplicaCore {
  func gossipOpinion(of id: NodeID) -> ClusterStatus.Gossip? {
    guard let gossip, gossip.isOpen else { return nil }
    var opinion = ClusterStatus.Gossip()
    if id == raft.id {
      opinion.state = "\(Health.alive)"
      opinion.ageMs = Int((now - load.measuredAt).nanoseconds / 1_000_000)
      return opinion
    }
    guard let status = gossip.status(of: id) else { return nil }
    opinion.state = "\(status.health)"
    opinion.ageMs = status.hints.map { Int(clamping: $0.age(at: GossipNetwork.now())) }
    return opinion
  }

  /// The word of this node's own connections, which gossip refines: who is cut off from here alone is not dead, and who
  /// is silent here and everywhere is. For people: nothing is decided by it.
  ///
  /// - Parameter isSilent: nothing came from it for longer than the leader bears.
  func memberState(_ id: NodeID, isReachable: Bool, isSilent: Bool) -> String {
    let opinion = gossip?.status(of: id)
    if isReachable {
      guard isSilent else {
        let isLeaving = id == raft.id ? isDraining : notices[id]?.notice.isDraining ?? false
        return isLeaving ? "draining" : "alive"
      }
      return (opinion?.health ?? .alive) >= .dead ? "dead" : "suspect"
    }
    // Others have heard from it since the connection from here has ended.
    if let opinion, opinion.health == .alive, let hints = opinion.hints, let down = watch.downSince(id),
      hints.age(at: GossipNetwork.now()) < UInt64(max(0, (now - down).nanoseconds / 1_000_000))
    {
      return "suspect"
    }
    return "dead"
  }
}
