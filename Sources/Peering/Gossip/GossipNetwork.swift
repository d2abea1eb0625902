package import Gossip
package import Logging
package import NIOCore
internal import NIOPosix
package import Protocol
package import Raft
internal import Wire

/// Gossip over UDP: carries the datagrams of one `GossipNode`, sealed, beside the peers' TCP connections.
///
/// All of it is advice, so nothing here stops a node: while no socket can be opened there is no opinion, and it is
/// tried again. It lives on one event loop, whose owner ticks it. It is `Sendable` so that it may be handed to that
/// loop; every member is to be used there, which debug builds check.
package final class GossipNetwork: @unchecked Sendable {
  /// A sealed datagram of the greatest length fits, and a slot of the receive buffer is no smaller.
  static let largestPacket = 1_500
  /// Read with one call to the system, where it can (recvmmsg).
  private static let packetsPerRead = 16

  private let configuration: GossipNetworkConfiguration
  private let loop: any EventLoop
  private let logger: Logger
  private let healthChanged: (HealthChange) -> Void
  private var node: GossipNode
  private var addresses = MemberAddresses()
  package private(set) var traffic = GossipTraffic()
  private var cuts: [NodeID: CutDirection] = [:]
  private var channel: (any Channel)?
  private var isBinding = false
  private var isClosed = false
  private var bindAt: UInt64 = 0
  private var lookUpAt: UInt64 = 0
  private var lookedAt = 0
  private var news = RecentNews()

  /// - Parameters:
  ///   - eventLoop: a loop of a `MultiThreadedEventLoopGroup`.
  ///   - healthChanged: called on the loop; must not call the network.
  /// - Throws: when the configuration cannot work.
  package init(
    configuration: GossipNetworkConfiguration, eventLoop: any EventLoop, logger: Logger,
    healthChanged: @escaping (HealthChange) -> Void
  ) throws(GossipError) {
    node = try GossipNode(configuration: configuration.node)
    self.configuration = configuration
    loop = eventLoop
    self.logger = logger
    self.healthChanged = healthChanged
  }

  /// Opens the socket.
  ///
  /// - Returns: fails with `PeeringError.cannotListen`; the ticks try again then.
  package func start() -> EventLoopFuture<Void> {
    loop.assertInEventLoop()
    isBinding = true
    return DatagramBootstrap(group: loop)
      .channelOption(.datagramVectorReadMessageCount, value: Self.packetsPerRead)
      .channelOption(
        .recvAllocator,
        value: FixedSizeRecvByteBufferAllocator(capacity: (Self.largestPacket + 1) * Self.packetsPerRead)
      )
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(PacketReader(network: self))
        }
      }
      .bind(host: configuration.listenHost, port: configuration.listenPort)
      .flatMapThrowing { try self.opened($0) }
      .flatMapErrorThrowing { throw self.failed($0) }
  }

  private func opened(_ channel: any Channel) throws {
    isBinding = false
    guard !isClosed else {
      channel.close(promise: nil)
      throw PeeringError.closed
    }
    self.channel = channel
    addresses.use(channel.localAddress?.protocol)
    lookUpAt = 0
    logger.info("listening for gossip", metadata: ["address": "\(channel.localAddress.map { "\($0)" } ?? "")"])
  }

  private func failed(_ error: any Error) -> any Error {
    isBinding = false
    bindAt = Self.now() + configuration.bindAgainAfter
    if let error = error as? PeeringError { return error }
    let words = ListenFailure(
      error, purpose: "gossip (UDP)", host: configuration.listenHost, port: configuration.listenPort,
      key: "peer.port")
    let failure = PeeringError.cannotListen(words.description)
    if news.isNew("bind", at: .now()) {
      logger.error("no gossip for now; the node works without it", metadata: ["reason": "\(failure)"])
    }
    return failure
  }

  /// Where the packets of others arrive, while there is a socket.
  package var listeningPort: Int? {
    loop.assertInEventLoop()
    return channel?.localAddress?.port
  }

  // MARK: What the owner tells

  /// Who belongs, as the group's configuration says it, and where.
  ///
  /// - Parameter belongs: this node is one of them; otherwise it neither speaks nor listens.
  package func replaceMembers(_ peers: [PeerAddress], belongs: Bool) {
    loop.assertInEventLoop()
    let others = peers.filter { $0.id.rawValue != node.id.rawValue }
    addresses.replace(with: others)
    lookUpAt = 0
    node.setMembers(others.map { MemberID($0.id.rawValue) } + (belongs ? [node.id] : []), now: Self.now())
    carryOut()
  }

  /// To be called every 50 to 100 ms.
  package func tick() {
    loop.assertInEventLoop()
    guard !isClosed else { return }
    lookedAt = 0
    let now = Self.now()
    guard let channel, channel.isActive else {
      // Without a socket nobody can answer: that says nothing about them.
      if !isBinding, now >= bindAt { start().whenFailure { _ in } }
      return
    }
    lookUpNames(now)
    node.tick(now: now)
    carryOut()
  }

  /// This node's load at this moment, and when it is to be told to others at once.
  package func updateHints(_ hints: LoadHints) {
    loop.assertInEventLoop()
    guard isOpen else { return }
    node.updateHints(hints, now: Self.now())
    carryOut()
  }

  /// For tests of a partition, as `PeerNetwork.cut`.
  package func cut(_ nodes: [NodeID: CutDirection]) {
    loop.assertInEventLoop()
    cuts = nodes
  }

  /// Says goodbye to those who are told first, so that nobody waits for this node, and closes the socket.
  package func close() -> EventLoopFuture<Void> {
    loop.assertInEventLoop()
    guard !isClosed else { return loop.makeSucceededVoidFuture() }
    if isOpen {
      let now = Self.now()
      node.leave(now: now)
      node.tick(now: now)
      carryOut()
    }
    isClosed = true
    guard let channel else { return loop.makeSucceededVoidFuture() }
    self.channel = nil
    channel.close(promise: nil)
    return channel.closeFuture
  }

  // MARK: What the owner asks

  /// There is a socket: what is said about others rests on something.
  package var isOpen: Bool { channel?.isActive ?? false }

  /// What is thought of a member; nil for this node, one that does not belong, and while there is no socket.
  package func status(of member: NodeID) -> MemberStatus? {
    loop.assertInEventLoop()
    return isOpen ? node.status(of: MemberID(member.rawValue)) : nil
  }

  /// As `status`, of all others.
  package var statuses: [MemberStatus] {
    loop.assertInEventLoop()
    return isOpen ? addresses.members.compactMap { node.status(of: $0) } : []
  }

  package var counters: GossipCounters { node.counters }

  /// Milliseconds, on the clock of all ages and times that gossip tells.
  package static func now() -> UInt64 { NIODeadline.now().uptimeNanoseconds / 1_000_000 }

  // MARK: Packets

  fileprivate func received(_ packet: ByteBuffer) {
    traffic.received += 1
    guard packet.readableBytes <= Self.largestPacket else { return traffic.oversize += 1 }
    guard lookedAt < configuration.packetsPerTick else { return traffic.overrun += 1 }
    lookedAt += 1
    guard let (datagram, sender) = configuration.seal.open(Array(packet.readableBytesView)) else {
      traffic.unopened += 1
      if news.isNew("unopened", at: .now()) {
        logger.warning(
          "a packet at the gossip port is not sealed with a key of this cluster",
          metadata: ["bytes": "\(packet.readableBytes)", "so_far": "\(traffic.unopened)"])
      }
      return
    }
    guard cuts.isEmpty || cuts[NodeID(sender.rawValue)].map({ $0 == .outgoing }) ?? true else { return }
    node.receive(datagram, from: sender, now: Self.now())
  }

  /// All that could be read at once was read.
  fileprivate func readEnded() {
    if !isClosed { carryOut() }
  }

  private func carryOut() {
    for directive in node.takeDirectives() {
      switch directive {
      case .send(let datagram, let member): send(datagram, to: member)
      case .healthChanged(let change): healthChanged(change)
      case .hintsChanged: break
      }
    }
  }

  private func send(_ datagram: [UInt8], to member: MemberID) {
    guard cuts.isEmpty || cuts[NodeID(member.rawValue)].map({ $0 == .incoming }) ?? true else { return }
    let now = Self.now()
    guard let channel, channel.isActive, channel.isWritable,
      let address = addresses.address(of: member, now: now),
      let packet = try? configuration.seal.seal(datagram, from: node.id)
    else { return traffic.unsent += 1 }
    channel.writeAndFlush(
      AddressedEnvelope(remoteAddress: address, data: ByteBuffer(bytes: packet)), promise: nil)
    guard !channel.isActive else { return traffic.sent += 1 }
    // An address that the system refuses (no route, a rule of its firewall) has cost the socket. The others' packets
    // must not suffer from it.
    traffic.unsent += 1
    addresses.setAside(member, until: now + configuration.setAsideFor)
    bindAt = now
    if news.isNew("refused \(address)", at: .now()) {
      logger.warning("the system refuses to send gossip there", metadata: ["address": "\(address)"])
    }
  }

  fileprivate func lost() {
    guard !isClosed else { return }
    channel = nil
    bindAt = max(bindAt, Self.now())
  }

  // MARK: Names

  private func lookUpNames(_ now: UInt64) {
    guard now >= lookUpAt, let family = addresses.family else { return }
    lookUpAt = now + configuration.lookUpInterval
    let named = addresses.named
    guard !named.isEmpty else { return }
    NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
      named.compactMap { peer in
        MemberAddresses.lookUp(peer, family, onlyNumeric: false).map { (peer, $0) }
      }
    }.whenSuccess { found in
      for (peer, address) in found { self.addresses.found(address, for: peer) }
    }
  }
}

/// Packets as they come, and the end of what could be read at once.
private final class PacketReader: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let network: GossipNetwork

  init(network: GossipNetwork) { self.network = network }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    network.received(unwrapInboundIn(data).data)
  }

  func channelReadComplete(context: ChannelHandlerContext) { network.readEnded() }

  func channelInactive(context: ChannelHandlerContext) { network.lost() }

  /// A packet could not be sent or read: gossip expects losses, and the channel closes itself where it has to.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
