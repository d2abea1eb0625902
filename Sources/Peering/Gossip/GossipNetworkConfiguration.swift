package import Gossip

/// What one node's gossip over UDP is told.
package struct GossipNetworkConfiguration: Sendable {
  package var node: GossipConfiguration
  package var seal: DatagramSeal
  package var listenHost: String
  /// 0: any free port; `GossipNetwork.listeningPort` tells which.
  package var listenPort: Int

  /// Packets that are looked at between two ticks; more are dropped unread. Far above what the largest cluster sends,
  /// and it bounds what somebody who floods the port can cost.
  package var packetsPerTick = 512
  /// How long a socket that was lost, or could not be opened, is left alone, in milliseconds.
  package var bindAgainAfter: UInt64 = 1_000
  /// How long an address that the system refuses to send to is left alone, in milliseconds.
  package var setAsideFor: UInt64 = 30_000
  /// How often host names are looked up anew, in milliseconds.
  package var lookUpInterval: UInt64 = 30_000

  package init(node: GossipConfiguration, seal: DatagramSeal, listenHost: String, listenPort: Int) {
    self.node = node
    self.seal = seal
    self.listenHost = listenHost
    self.listenPort = listenPort
  }
}

/// What became of packets, since the start. Beside it stand the node's own `GossipCounters`.
package struct GossipTraffic: Hashable, Sendable {
  package internal(set) var received: UInt64 = 0
  package internal(set) var sent: UInt64 = 0
  /// Not sealed with a key of this cluster, or changed on the way.
  package internal(set) var unopened: UInt64 = 0
  /// Longer than any packet of gossip.
  package internal(set) var oversize: UInt64 = 0
  /// Above `GossipNetworkConfiguration.packetsPerTick`.
  package internal(set) var overrun: UInt64 = 0
  /// No address is known, the socket is full, or the system has refused.
  package internal(set) var unsent: UInt64 = 0

  /// Arrived, and not looked into.
  package var dropped: UInt64 { unopened + oversize + overrun }
}
