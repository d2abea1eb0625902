import Gossip
import Kernel
import Logging
import NIOCore
import Node
import Peering
import Protocol
import Raft
import Wire

/// This node's part in gossip. What comes of it is advice: it tips placement and is shown. Who is lost is judged by the
/// leader's connections (`ServerWatch`), and gossip makes that neither sooner nor later.
extension NodeDriver {
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
      id: MemberID(options.node.thisNode.id), cluster: ClusterCheck(cluster: options.node.cluster),
      seed: options.node.seed,
      // Above those of earlier lives, unless the clock was set back: then the others tell.
      incarnation: Incarnation(max(1, options.clock.milliseconds())))
    // Time is seen in steps of this length, and each wait has to be several of them.
    let step = UInt64(max(options.node.gossipMilliseconds, options.node.tickMilliseconds))
    node.probeTimeout = max(node.probeTimeout, 4 * step)
    node.probeInterval = max(node.probeInterval, 10 * step)
    return GossipNetworkConfiguration(
      node: node, seal: DatagramSeal(ring: keys, cluster: options.node.cluster),
      listenHost: options.peering.listenHost, listenPort: options.peering.listenPort)
  }

  func tellMembersToGossip() {
    gossip?.replaceMembers(
      Self.peers(members.current, without: options.node.thisNode.id),
      belongs: node.raft.membership.contains(node.raft.id))
  }

  private func healthChanged(_ change: HealthChange) {
    logger.info(
      "gossip's opinion of a member has changed",
      metadata: [
        "member": "\(name(of: NodeID(change.member.rawValue)))", "from": "\(change.from)", "to": "\(change.to)",
      ])
  }
}

extension GossipNetwork {
  /// nil: there is no socket, and what is said about others rests on nothing.
  var view: GossipView? {
    isOpen ? GossipView(statuses: statuses, now: GossipNetwork.now()) : nil
  }
}
