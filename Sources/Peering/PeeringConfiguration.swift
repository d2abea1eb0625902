package import Certificates
package import Kernel
package import NIOCore
package import Raft

/// Where the peers of a node are, and how it talks with them.
package struct PeeringConfiguration: Sendable {
  /// Nodes of other clusters are refused. 1 to 255 bytes.
  package var cluster: String
  package var thisNode: NodeID
  package var listenHost: String
  /// 0: any free port; `PeerNetwork.listeningPort` tells which.
  package var listenPort: Int
  /// The other members; this node is left out where it appears.
  package var peers: [PeerAddress]
  /// nil: plain TCP, and whoever reaches the port may claim to be a peer. For development alone.
  package var tls: PeerTLS?
  /// Whether it may be plain TCP where others than programs of this machine reach the port.
  package var allowsPlaintext: Bool

  /// The largest payload of a frame, in bytes; a larger one ends its connection unread.
  package var maxFrameBytes = 64 << 20
  /// Bytes that may wait to be sent to a peer on the control lane before frames are dropped. A frame is always
  /// taken while nothing waits, so that a large one is late and never stuck.
  package var maxQueuedControlBytes = 32 << 20
  package var maxQueuedBulkBytes = 8 << 20
  /// What this node speaks. Of two nodes the highest that both speak is taken; with none in common they refuse each
  /// other.
  package var protocolVersions: ClosedRange<UInt16> = 1...1
  /// The highest that this node reads, and announces.
  package var level = Level.newest
  package var connectTimeout = TimeAmount.seconds(1)
  /// From the connection to the end of the handshake, TLS included.
  package var handshakeTimeout = TimeAmount.seconds(2)
  /// How often an outgoing connection asks for a sign of life, and how often silence is looked for.
  package var pingInterval = TimeAmount.milliseconds(500)
  /// A connection without a sign of life for so long is ended.
  package var silenceTimeout = TimeAmount.seconds(3)
  /// The bounds of the wait before a node is dialed anew; the wait is drawn evenly from nothing up to the bound,
  /// which doubles with each failure.
  package var firstBackoff = TimeAmount.milliseconds(50)
  package var longestBackoff = TimeAmount.seconds(1)
  /// Of the generator that draws the waits. The default differs in each process.
  package var seed = UInt64.random(in: .min ... .max)

  package init(
    cluster: String, thisNode: NodeID, listenHost: String, listenPort: Int, peers: [PeerAddress],
    tls: PeerTLS? = nil, allowsPlaintext: Bool = false
  ) {
    self.cluster = cluster
    self.thisNode = thisNode
    self.listenHost = listenHost
    self.listenPort = listenPort
    self.peers = peers
    self.tls = tls
    self.allowsPlaintext = allowsPlaintext
  }
}

extension PeeringConfiguration {
  /// Whether nobody but programs of this machine reaches the port.
  var isLoopback: Bool {
    if listenHost == "localhost" { return true }
    guard let address = try? SocketAddress(ipAddress: listenHost, port: 0).plainAddress else { return false }
    return address == "::1" || address.hasPrefix("127.")
  }
}

package struct PeerAddress: Hashable, Sendable {
  package var id: NodeID
  /// A name or an IP address. Names are looked up anew for each connection.
  package var host: String
  package var port: Int

  package init(id: NodeID, host: String, port: Int) {
    self.id = id
    self.host = host
    self.port = port
  }
}

/// Files in PEM. The certificate of node 7 has the DNS name `node7` among its subject alternative names (a common
/// name alone does not count), is good for clients and servers, and is signed by the authority.
package struct PeerTLS: Hashable, Sendable {
  /// The node's own certificate, then those between it and the authority.
  package var certificateChainFile: String
  package var privateKeyFile: String
  /// The authority of this cluster, and no public one: what it signs is a member.
  package var authorityFile: String

  package init(certificateChainFile: String, privateKeyFile: String, authorityFile: String) {
    self.certificateChainFile = certificateChainFile
    self.privateKeyFile = privateKeyFile
    self.authorityFile = authorityFile
  }

  package var credentialFiles: CredentialFiles {
    CredentialFiles(certificate: certificateChainFile, key: privateKeyFile, authority: authorityFile)
  }

  /// The name that the certificate of a node must carry.
  package static func certificateName(of node: NodeID) -> String { "node\(node)" }
}
