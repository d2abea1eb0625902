internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Raft
internal import Wire

/// The way from this node to a peer on one lane: dials, dials again, and sends while a connection is there.
final class PeerLink {
  private enum State {
    case idle
    case waiting(Scheduled<Void>)
    case dialing(OutgoingConnection)
    case up(OutgoingConnection, since: NIODeadline)
    case stopped
  }

  let peer: Peer
  let lane: Lane
  private let network: PeerNetwork
  private var state = State.idle
  private var backoff: Backoff
  private let logger: Logger

  init(peer: Peer, lane: Lane, network: PeerNetwork) {
    self.peer = peer
    self.lane = lane
    self.network = network
    backoff = Backoff(
      first: network.configuration.firstBackoff, longest: network.configuration.longestBackoff)
    var logger = network.logger
    logger[metadataKey: "peer"] = "\(peer.address.id)"
    logger[metadataKey: "lane"] = "\(lane)"
    self.logger = logger
  }

  /// The connection whose handshake is done.
  var connection: OutgoingConnection? {
    if case .up(let connection, _) = state { connection } else { nil }
  }

  /// Dials now, unless a connection is there or under way.
  func dial() {
    switch state {
    case .dialing, .up, .stopped: return
    case .waiting(let wait): wait.cancel()
    case .idle: break
    }
    guard !network.isCut(from: peer.address.id) else {
      retry()
      return
    }
    let connection = OutgoingConnection(link: self, network: network)
    state = .dialing(connection)
    connection.open()
  }

  func isUp(_ connection: OutgoingConnection) {
    guard case .dialing(let current) = state, current === connection else { return }
    state = .up(connection, since: .now())
    logger.info("peer link up")
    network.events?.linkUp(peer.address.id, lane: lane)
  }

  /// Called once for each connection, however it has ended and however far it had come.
  func ended(_ connection: OutgoingConnection, _ reason: LinkEnd) {
    switch state {
    case .dialing(let current) where current === connection:
      let text = "\(reason)"
      if network.isNews("link \(peer.address.id) \(lane) \(text)") {
        logger.warning("cannot connect to peer", metadata: ["reason": "\(text)"])
      }
    case .up(let current, let since) where current === connection:
      // One that comes and goes at once is not a success.
      if NIODeadline.now() - since >= .seconds(1) { backoff.reset() }
      logger.warning("peer link down", metadata: ["reason": "\(reason)"])
    default: return
    }
    state = .idle
    retry()
    network.events?.linkDown(peer.address.id, lane: lane, reason: reason)
  }

  private func retry() {
    let wait = backoff.next(using: &network.generator)
    state = .waiting(network.loop.assumeIsolated().scheduleTask(in: wait) { self.dial() })
  }

  /// Ends the connection and dials no more.
  /// - Returns: when the connection is closed.
  func stop() -> EventLoopFuture<Void> {
    let last = state
    state = .stopped
    switch last {
    case .waiting(let wait): wait.cancel()
    case .dialing(let connection): return connection.close()
    case .up(let connection, _):
      network.tell { [peer, lane] in $0.linkDown(peer.address.id, lane: lane, reason: .dropped) }
      return connection.close()
    case .idle, .stopped: break
    }
    return network.loop.makeSucceededVoidFuture()
  }
}
