internal import Certificates
internal import Desk
internal import Kernel
internal import NIOCore
internal import Raft
internal import Wire

/// One connection that a peer has dialed: checks its greeting, then hands over its frames and answers its pings.
final class InboundConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum Phase {
    case greeting
    case up(Peer, Lane)
    case ended
  }

  /// A stranger may make this node keep no more than this.
  private static let maxGreetingBytes = 1024

  private let network: PeerNetwork
  private var phase = Phase.greeting
  private var channel: (any Channel)?
  private var parser = FrameParser(limit: InboundConnection.maxGreetingBytes)
  private var handshakeTimer: Scheduled<Void>?
  private var failure: LinkEnd?
  private var lastHeard = NIODeadline.now()
  /// What the peer has announced.
  private(set) var level = Level.first

  init(network: PeerNetwork) {
    self.network = network
  }

  func channelActive(context: ChannelHandlerContext) {
    channel = context.channel
    guard network.accepted(self, from: context.channel.remoteAddress) else {
      phase = .ended
      context.close(promise: nil)
      return
    }
    handshakeTimer = network.loop.assumeIsolated().scheduleTask(in: network.configuration.handshakeTimeout) {
      self.end(.timedOut)
    }
  }

  /// The other side has proved to hold a certificate of the cluster, whatever it says or does not say.
  var hasCertificate: Bool {
    guard network.security != nil, let channel else { return false }
    return !PeerSecurity.names(of: channel).isEmpty
  }

  // MARK: Receiving

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch phase {
    case .ended: return
    case .greeting: break
    case .up(let peer, _):
      guard network.hears(peer.address.id) else { return }
      lastHeard = .now()
      peer.lastContact = lastHeard
    }
    parser.append(unwrapInboundIn(data))
    do {
      while let (type, payload) = try parser.next() {
        switch phase {
        case .ended: return
        case .greeting: try receivedGreeting(type, payload, context)
        case .up(let peer, let lane): try received(type, payload, peer, lane, context)
        }
      }
      parser.release()
    } catch {
      end(.violation("\(error)"))
    }
  }

  private func received(
    _ type: FrameType, _ payload: ByteBuffer, _ peer: Peer, _ lane: Lane, _ context: ChannelHandlerContext
  ) throws(DecodingFailure) {
    switch type {
    case .hello, .helloReply, .pong: throw .invalid("a frame of type \(type) where none belongs")
    case .ping:
      guard payload.readableBytes <= 64 else { throw .invalid("a ping of \(payload.readableBytes) bytes") }
      // Whoever asks and asks and does not read the answers is no peer.
      guard context.channel.isWritable else { throw .invalid("pings whose answers are not read") }
      if network.reaches(peer.address.id) { send(.pong, context) { $0.writeImmutableBuffer(payload) } }
    default: network.received(type, payload, from: peer.address.id, lane: lane)
    }
  }

  private func receivedGreeting(
    _ type: FrameType, _ payload: ByteBuffer, _ context: ChannelHandlerContext
  ) throws(DecodingFailure) {
    guard type == .hello else { throw .invalid("the first frame is of type \(type) and not a hello") }
    var payload = payload
    let hello = try Hello.decode(&payload)
    // A partition has no answers: whoever dials finds out by waiting.
    if network.isCut(from: hello.from) {
      phase = .ended
      return
    }
    let announcement = Announcement(timestamp: parser.timestamp, version: hello.protocolVersion)
    let names = network.security == nil ? nil : PeerSecurity.names(of: context.channel)
    switch network.judge(hello, announcement, certificateNames: names) {
    case .failure(let refusal):
      network.logRefusal(of: hello, refusal, at: context.remoteAddress)
      reply(to: hello, announcement, refusal, context)
      end(.handshakeFailed(refusal.explanation))
    case .success(let peer):
      handshakeTimer?.cancel()
      handshakeTimer = nil
      parser.limit = network.configuration.maxFrameBytes
      phase = .up(peer, hello.lane)
      lastHeard = .now()
      peer.lastContact = lastHeard
      level = announcement.level
      reply(to: hello, announcement, nil, context)
      network.established(self, peer, hello.lane)
    }
  }

  // MARK: Answering

  private func reply(
    to hello: Hello, _ announcement: Announcement, _ refusal: GreetingRefusal?, _ context: ChannelHandlerContext
  ) {
    let configuration = network.configuration
    let common = configuration.commonProtocol(lowest: hello.protocolVersion, announcement)
    let reply = HelloReply(
      protocolVersion: common ?? configuration.protocolVersions.lowerBound, node: configuration.thisNode,
      cluster: configuration.cluster, refusal: refusal?.code, explanation: refusal?.explanation ?? "")
    let timestamp = configuration.announcement.timestamp(at: WallClock.system())
    send(.helloReply, timestamp: timestamp, context) { reply.encode(into: &$0) }
  }

  private func send(
    _ type: FrameType, timestamp: UInt64? = nil, _ context: ChannelHandlerContext,
    _ write: (inout ByteBuffer) -> Void
  ) {
    var queue = FrameQueue()
    _ = queue.append(type, timestamp: timestamp, limit: Self.maxGreetingBytes, room: nil, write)
    context.writeAndFlush(wrapOutboundOut(queue.take()), promise: nil)
  }

  // MARK: The end

  func heartbeat(_ now: NIODeadline) {
    if case .up = phase, now - lastHeard >= network.configuration.silenceTimeout { end(.timedOut) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if failure == nil {
      let greeted = if case .up = phase { true } else { false }
      failure = LinkEnd(error, greeted: greeted, side: .comingNode)
    }
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    end(failure ?? .closed)
    network.gone(self)
  }

  private func end(_ reason: LinkEnd) {
    let last = phase
    let address = channel?.remoteAddress
    close()
    switch last {
    case .greeting: network.strangerLeft(self, reason, at: address)
    case .up(let peer, let lane):
      // No end of a connection comes through a partition: the silence is what is noticed.
      network.lost(self, peer, lane, network.isCut(from: peer.address.id) ? .timedOut : reason)
    case .ended: break
    }
  }

  /// The peer reads too little for what the cluster writes from now on.
  func refuse(_ explanation: String) { end(.handshakeFailed(explanation)) }

  /// Ends the connection without telling the network.
  @discardableResult
  func close() -> EventLoopFuture<Void> {
    phase = .ended
    handshakeTimer?.cancel()
    handshakeTimer = nil
    parser = FrameParser(limit: 0)
    guard let channel else { return network.loop.makeSucceededVoidFuture() }
    channel.close(promise: nil)
    return channel.closeFuture
  }
}
