internal import Kernel
internal import NIOCore
internal import Raft
internal import Wire

/// What this node knows about one peer, and its connections in both directions.
final class Peer {
  let address: PeerAddress
  /// The ways to it; set once by the network.
  private(set) var links: [PeerLink] = []
  /// The connections from it, one per lane.
  private var inbound: [InboundConnection?] = [nil, nil]
  /// The highest level that it reads, of its last greeting in either direction; nil: there was none.
  var announced: Level?
  /// Where it was reached, or came from, last: what its name stands for.
  var lastAddress: String?
  /// When anything last came from it.
  var lastContact: NIODeadline?
  /// Smoothed, in seconds; nil before the first answer of the current connection.
  private(set) var roundTrip: Double?

  init(address: PeerAddress) {
    self.address = address
  }

  func makeLinks(_ network: PeerNetwork) {
    links = Lane.allCases.map { PeerLink(peer: self, lane: $0, network: network) }
  }

  func link(_ lane: Lane) -> PeerLink { links[Int(lane.rawValue)] }

  func inbound(_ lane: Lane) -> InboundConnection? { inbound[Int(lane.rawValue)] }

  func setInbound(_ connection: InboundConnection?, _ lane: Lane) {
    inbound[Int(lane.rawValue)] = connection
  }

  /// As TCP smooths its own (RFC 6298, section 2): an eighth of each new measurement.
  func measured(roundTrip sample: Double) {
    roundTrip = roundTrip.map { $0 + (sample - $0) / 8 } ?? sample
  }
}
