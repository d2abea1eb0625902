internal import Certificates
internal import Desk
internal import Kernel
internal import NIOCore
internal import NIOPosix
internal import Wire

/// One connection that this node has dialed: it greets, then sends frames and pings; the other side answers the
/// greeting and the pings, and nothing else.
final class OutgoingConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private enum Phase { case connecting, greeting, up, ended }

  /// Greetings and pongs are all that may come.
  private static let maxAnswerBytes = 1024

  private let link: PeerLink
  private let network: PeerNetwork
  private var phase = Phase.connecting
  private var channel: (any Channel)?
  private var parser = FrameParser(limit: OutgoingConnection.maxAnswerBytes)
  private var queue = FrameQueue()
  /// Bytes that the channel has and the system has not taken yet.
  private var inFlight = 0
  private var isFlushing = false
  private var handshakeTimer: Scheduled<Void>?
  private var failure: LinkEnd?
  private(set) var lastHeard = NIODeadline.now()
  /// What the peer has announced in its reply.
  private(set) var level = Level.first

  init(link: PeerLink, network: PeerNetwork) {
    self.link = link
    self.network = network
  }

  // MARK: The way up

  func open() {
    let address = link.peer.address
    let bootstrap = ClientBootstrap(group: network.loop)
      .connectTimeout(network.configuration.connectTimeout)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
    let connected: EventLoopFuture<any Channel>
    if let literal = try? SocketAddress(ipAddress: address.host, port: address.port) {
      connected = bootstrap.connect(to: literal)
    } else {
      connected = bootstrap.connect(host: address.host, port: address.port)
    }
    // Handlers are added to the one channel that has won: of a name with several addresses, several are tried.
    connected.assumeIsolated().whenComplete { result in
      switch result {
      case .success(let channel): self.greet(on: channel)
      case .failure(let error): self.end(LinkEnd(error, greeted: false, side: self.side))
      }
    }
  }

  private func greet(on channel: any Channel) {
    guard phase == .connecting else {
      channel.close(promise: nil)
      return
    }
    self.channel = channel
    phase = .greeting
    link.peer.lastAddress = channel.remoteAddress?.plainAddress
    let configuration = network.configuration
    handshakeTimer = network.loop.assumeIsolated().scheduleTask(in: configuration.handshakeTimeout) {
      self.end(.timedOut)
    }
    do {
      let pipeline = channel.pipeline.syncOperations
      if let security = network.security {
        try pipeline.addHandler(security.makeDialingHandler(to: link.peer.address.id))
      }
      try pipeline.addHandler(self)
    } catch {
      end(LinkEnd(error, greeted: false, side: side))
      return
    }
    let hello = Hello(
      protocolVersion: configuration.protocolVersions.lowerBound, lane: link.lane, from: configuration.thisNode,
      to: link.peer.address.id, cluster: configuration.cluster)
    let timestamp = configuration.announcement.timestamp(at: WallClock.system())
    _ = append(.hello, timestamp: timestamp) { hello.encode(into: &$0) }
    flush()
  }

  private func receivedReply(_ payload: inout ByteBuffer) throws(DecodingFailure) {
    let reply = try HelloReply.decode(&payload)
    let configuration = network.configuration
    let announcement = Announcement(timestamp: parser.timestamp, version: reply.protocolVersion)
    link.peer.announced = announcement.level
    if reply.refusal != nil {
      end(.handshakeFailed("node \(reply.node) refuses: \(reply.explanation)"))
    } else if !configuration.protocolVersions.contains(reply.protocolVersion) {
      end(
        .handshakeFailed(
          "the peer speaks protocol \(reply.protocolVersion), and this node \(configuration.protocolVersions)"))
    } else if reply.cluster != configuration.cluster {
      end(
        .handshakeFailed(
          "the peer belongs to cluster \"\(reply.cluster)\", and this node to \"\(configuration.cluster)\""))
    } else if reply.node != link.peer.address.id {
      end(.handshakeFailed("node \(reply.node) answers at the address of node \(link.peer.address.id)"))
    } else if announcement.level < network.requiredLevel {
      refuse(announcement.level)
    } else {
      handshakeTimer?.cancel()
      handshakeTimer = nil
      phase = .up
      level = announcement.level
      link.isUp(self)
    }
  }

  // MARK: Sending

  /// - Returns: false when the frame was dropped: it is too large, or too much waits already.
  func append(
    _ type: FrameType, timestamp: UInt64? = nil, _ write: (inout ByteBuffer) -> Void
  ) -> Bool {
    let limit = network.configuration.maxQueuedBytes(link.lane)
    let waiting = inFlight + queue.byteCount
    guard waiting < limit else { return false }
    return queue.append(
      type, timestamp: timestamp, limit: network.configuration.maxFrameBytes,
      room: waiting == 0 ? nil : limit - waiting, write)
  }

  /// Hands the frames of this turn to the channel, in one write.
  func flush() {
    let count = queue.byteCount
    guard count > 0, let channel else { return }
    inFlight += count
    let written = channel.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenComplete { result in
      self.inFlight -= count
      // What had to wait and then went out went because the peer has read: a sign of life, when its pongs are
      // still behind all that it has to read first. What the system took at once says nothing.
      if case .success = result, !self.isFlushing { self.heard() }
    }
    isFlushing = true
    channel.writeAndFlush(queue.take(), promise: written)
    isFlushing = false
  }

  /// Asks for a sign of life, or ends a connection that has given none for too long.
  func heartbeat(_ now: NIODeadline, judging: Bool) {
    guard phase == .up else { return }
    if judging, now - lastHeard >= network.configuration.silenceTimeout {
      end(.timedOut)
    } else if network.reaches(link.peer.address.id) {
      _ = append(.ping) { $0.writeInteger(now.uptimeNanoseconds) }
      flush()
    }
  }

  // MARK: Receiving

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard phase == .greeting || phase == .up, network.hears(link.peer.address.id) else { return }
    heard()
    parser.append(unwrapInboundIn(data))
    do {
      while let (type, bytes) = try parser.next() {
        var payload = bytes
        switch (phase, type) {
        case (.greeting, .helloReply): try receivedReply(&payload)
        case (.up, .pong): receivedPong(payload)
        case (.ended, _): return
        default: throw DecodingFailure.invalid("a frame of type \(type) where none belongs")
        }
      }
      parser.release()
    } catch {
      end(phase == .up ? .violation("\(error)") : .handshakeFailed("\(error)"))
    }
  }

  private func receivedPong(_ payload: ByteBuffer) {
    guard let sent: UInt64 = payload.getInteger(at: payload.readerIndex) else { return }
    let now = NIODeadline.now().uptimeNanoseconds
    guard sent <= now, link.lane == .control else { return }
    link.peer.measured(roundTrip: Double(now - sent) / 1e9)
  }

  private func heard() {
    lastHeard = .now()
    link.peer.lastContact = lastHeard
  }

  // MARK: The end

  private var side: TLSFailure.Side { .dialledNode("node \(link.peer.address.id)") }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if failure == nil { failure = LinkEnd(error, greeted: phase == .up, side: side) }
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    guard phase != .ended else { return }
    let reason = failure ?? (phase == .up ? .closed : .handshakeFailed("the peer closed the connection"))
    // A write that fails ends the connection from within the owner's call of `flush`: tell it afterwards.
    network.loop.assumeIsolated().execute { self.end(reason) }
  }

  /// The peer reads too little for what the cluster writes.
  func refuse(_ level: Level) {
    end(
      .handshakeFailed(
        network.configuration.explanation(
          of: level, below: network.requiredLevel, node: link.peer.address.id)))
  }

  private func end(_ reason: LinkEnd) {
    guard phase != .ended else { return }
    close()
    // No end of a connection comes through a partition: the silence is what is noticed.
    link.ended(self, network.isCut(from: link.peer.address.id) ? .timedOut : reason)
  }

  /// Ends the connection without telling the link.
  @discardableResult
  func close() -> EventLoopFuture<Void> {
    phase = .ended
    handshakeTimer?.cancel()
    handshakeTimer = nil
    parser = FrameParser(limit: 0)
    queue = FrameQueue()
    guard let channel else { return network.loop.makeSucceededVoidFuture() }
    self.channel = nil
    channel.close(promise: nil)
    return channel.closeFuture
  }
}
