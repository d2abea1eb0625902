import Gossip
import Kernel
import Protocol
import Raft

/// What gossip adds to the status page.
extension Node {
  func gossipOpinion(of id: NodeID) -> ClusterStatus.Gossip? {
    guard let gossip = surroundings.gossip else { return nil }
    var opinion = ClusterStatus.Gossip()
    if id == raft.id {
      opinion.state = "\(Health.alive)"
      opinion.ageMs = Int((now - load.measuredAt).milliseconds)
      return opinion
    }
    guard let status = gossip.status(of: id) else { return nil }
    opinion.state = "\(status.health)"
    opinion.ageMs = status.hints.map { Int(clamping: $0.age(at: gossip.now)) }
    return opinion
  }

  /// The word of this node's own connections, which gossip refines: who is cut off from here alone is not dead, and who
  /// is silent here and everywhere is. For people: nothing is decided by it.
  ///
  /// - Parameter isSilent: nothing came from it for longer than the leader bears.
  func memberState(_ id: NodeID, isReachable: Bool, isSilent: Bool) -> String {
    let opinion = surroundings.gossip?.status(of: id)
    if isReachable {
      guard isSilent else {
        let isLeaving = id == raft.id ? drain.isDraining : peers.report(of: id)?.isDraining ?? false
        return isLeaving ? "draining" : "alive"
      }
      return (opinion?.health ?? .alive) >= .dead ? "dead" : "suspect"
    }
    // Others have heard from it since the connection from here has ended.
    if let opinion, opinion.health == .alive, let hints = opinion.hints, let down = watch.downSince(id),
      hints.age(at: surroundings.gossip?.now ?? 0) < UInt64(max(0, (now - down).milliseconds))
    {
      return "suspect"
    }
    return "dead"
  }
}
