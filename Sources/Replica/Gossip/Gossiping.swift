import Desk
import Gossip
import Logging
import NIOCore
import Peering
import Protocol
import Raft
import Wire

/// This node's part in gossip. What comes of it is advice: it tips placement and is shown. Who is lost is judged by the
/// leader's connections (`ServerWatch`), and gossip makes that neither sooner nor later.
extension ReplicaCore {
  /// Without keys there is no gossip: packets that anybody could send would be worth nothing.
  func startGossip() {
    guard let keys = options.gossipKeys else { return }
    do {
      let gossip = try GossipNetwork(
        configuration: gossipConfiguration(keys), eventLoop: loop, logger: logger
      ) { [weak self] change in self?.healthChanged(change) }
      self.gossip = gossip
      tellMembersToGossip()
      // Without a socket the ticks try again; the network has logged why.
      gossip.start().whenFailure { _ in }
    } catch {
      logger.error("no gossip: its configuration cannot work", metadata: ["reason": "\(error)"])
    }
  }

  private func gossipConfiguration(_ keys: GossipKeyRing) -> GossipNetworkConfiguration {
    var node = GossipConfiguration(
      id: MemberID(server.rawValue), cluster: ClusterCheck(cluster: options.cluster), seed: options.seed,
      // Above those of earlier lives, unless the clock was set back: then the others tell.
      incarnation: Incarnation(max(1, options.clock.milliseconds())))
    // Time is seen in steps of this length, and each wait has to be several of them.
    let step = UInt64(max(gossipStep, options.tickMilliseconds))
    node.probeTimeout = max(node.probeTimeout, 4 * step)
    node.probeInterval = max(node.probeInterval, 10 * step)
    return GossipNetworkConfiguration(
      node: node, seal: DatagramSeal(ring: keys, cluster: options.cluster),
      listenHost: options.peering.listenHost, listenPort: options.peering.listenPort)
  }

  /// Milliseconds between two ticks of gossip.
  private var gossipStep: Int { 50 }

  /// So many ticks of the replica are one of gossip.
  var ticksPerGossip: Int { max(1, gossipStep / options.tickMilliseconds) }

  func tickGossip() {
    if load.isDue(now, isDraining: isDraining) {
      load.measure(ownNotice(), proposals: statistics.proposals, now: now)
      if let hints = load.hints { gossip?.updateHints(hints) }
    }
    gossip?.tick()
    refreshPlacement()
  }

  func tellMembersToGossip() {
    let peers = members.compactMap { member -> PeerAddress? in
      guard member.id != server.rawValue, let (host, port) = member.peerHostAndPort else { return nil }
      return PeerAddress(id: NodeID(member.id), host: host, port: port)
    }
    gossip?.replaceMembers(peers, belongs: raft.membership.contains(raft.id))
    refreshPlacement()
  }

  /// Says goodbye; the socket closes beside the peers' connections.
  func closeGossip() { gossip?.close().whenComplete { _ in } }

  private func healthChanged(_ change: HealthChange) {
    logger.info(
      "gossip's opinion of a member has changed",
      metadata: [
        "member": "\(name(of: NodeID(change.member.rawValue)))", "from": "\(change.from)", "to": "\(change.to)",
      ])
  }
}
