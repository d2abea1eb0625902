package import Kernel
package import Logging
package import NIOCore
internal import NIOPosix
package import Protocol
package import Raft
package import Wire

/// The connections between this node and its peers.
///
/// Links are simplex: a node dials each peer once per lane and sends on what it has dialed alone; on connections
/// that it has accepted it receives. So each side finds out by itself about both directions, and two nodes that
/// dial each other at once need not agree on which connection stays.
///
/// All of it lives on one event loop. It is `Sendable` so that it may be handed to that loop; every member is to
/// be used there, which debug builds check.
package final class PeerNetwork: @unchecked Sendable {
  /// Nodes that are no peers whose level is remembered.
  private static let mostLevelsKept = 64

  let configuration: PeeringConfiguration
  let loop: any EventLoop
  let logger: Logger
  var generator: SplitMix64
  private(set) var security: PeerSecurity?
  private(set) var events: (any PeerEvents)?
  private var peers: [Peer] = []
  private var server: (any Channel)?
  private var strangers = Strangers<InboundConnection>()
  private var cuts: [NodeID: CutDirection] = [:]
  private var heartbeats: RepeatedTask?
  private var lastHeartbeat: NIODeadline?
  private var turnEndIsDue = false
  private var isClosed = false
  private var news = RecentNews()
  /// Peers that read less are refused.
  package private(set) var requiredLevel = Level.first
  private var levelsOfStrangers: [NodeID: Level] = [:]

  /// - Parameter eventLoop: a loop of a `MultiThreadedEventLoopGroup`.
  package init(configuration: PeeringConfiguration, eventLoop: any EventLoop, logger: Logger) {
    self.configuration = configuration
    loop = eventLoop
    self.logger = logger
    generator = SplitMix64(seed: configuration.seed)
  }

  /// Listens, and begins to dial.
  /// - Returns: succeeds once peers can connect, and fails with a `PeeringError`. The files of the credentials are
  ///   read before it returns.
  package func start(events: any PeerEvents) -> EventLoopFuture<Void> {
    loop.assertInEventLoop()
    self.events = events
    do {
      try checkConfiguration()
      security = try configuration.tls.map(PeerSecurity.init)
    } catch {
      return loop.makeFailedFuture(error)
    }
    let (host, port) = (configuration.listenHost, configuration.listenPort)
    return ServerBootstrap(group: loop, childGroup: loop)
      .serverChannelOption(.backlog, value: 128)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(
        .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 8192, maximum: 1 << 18)
      )
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try self.initialize(channel) }
      }
      .bind(host: configuration.listenHost, port: configuration.listenPort)
      .flatMapErrorThrowing { error in
        throw PeeringError.cannotListen(
          ListenFailure(error, purpose: "peers", host: host, port: port, key: "peer.port").description)
      }
      .flatMapThrowing { channel in
        guard !self.isClosed else {
          channel.close(promise: nil)
          throw PeeringError.closed
        }
        self.isListening(channel)
      }
  }

  /// From now on connections are made with these; those that live stay as they are.
  package func renew(_ newer: PeerSecurity) {
    loop.assertInEventLoop()
    if security != nil { security = newer }
  }

  private func checkConfiguration() throws {
    guard (1...Hello.longestCluster).contains(configuration.cluster.utf8.count) else {
      throw PeeringError.badConfiguration(
        "the id of the cluster must have 1 to \(Hello.longestCluster) bytes, and \"\(configuration.cluster)\" has "
          + "\(configuration.cluster.utf8.count)")
    }
    guard configuration.tls != nil || configuration.allowsPlaintext || configuration.isLoopback else {
      throw PeeringError.badConfiguration(
        "peers connect at \(configuration.listenHost), which others reach, and without TLS whoever reaches the port "
          + "is a peer: give it certificates, or allow plaintext explicitly")
    }
    guard configuration.thisNode.rawValue != 0 else {
      throw PeeringError.badConfiguration("the id of a node must be 1 or higher, and this node has 0")
    }
  }

  private func initialize(_ channel: any Channel) throws {
    if let security { try channel.pipeline.syncOperations.addHandler(security.makeAcceptingHandler()) }
    try channel.pipeline.syncOperations.addHandler(InboundConnection(network: self))
  }

  private func isListening(_ channel: any Channel) {
    server = channel
    logger.info(
      "listening for peers",
      metadata: [
        "address": "\(channel.localAddress.map { "\($0)" } ?? "")", "tls": "\(security != nil)",
      ])
    let interval = configuration.pingInterval
    heartbeats = loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak self] _ in
      self?.heartbeat(at: .now())
    }
    replacePeers(configuration.peers)
  }

  /// Where peers connect, once the start has succeeded.
  package var listeningPort: Int? {
    loop.assertInEventLoop()
    return server?.localAddress?.port
  }

  // MARK: Sending

  /// Appends a frame to what goes to a peer; it leaves with `flush`.
  /// - Parameter write: appends the payload to the buffer, which holds other frames already. It must not call the
  ///   network.
  /// - Returns: false when the frame was dropped: no connection, a full queue, or a payload above the limit.
  package func send(
    _ type: FrameType, to peer: NodeID, lane: Lane, _ write: (inout ByteBuffer) -> Void
  ) -> Bool {
    loop.assertInEventLoop()
    guard let connection = self.peer(peer)?.link(lane).connection, connection.level >= requiredLevel else {
      return false
    }
    // Into a partition frames go and are never seen again.
    guard reaches(peer) else { return true }
    return connection.append(type, write)
  }

  /// Hands over what was sent in this turn, one write for each connection.
  package func flush() {
    loop.assertInEventLoop()
    for peer in peers {
      for link in peer.links { link.connection?.flush() }
    }
  }

  // MARK: What is known about peers

  /// Seconds for a ping on the control lane, smoothed; nil while unknown.
  package func roundTrip(of peer: NodeID) -> Double? {
    loop.assertInEventLoop()
    return self.peer(peer)?.roundTrip
  }

  /// When anything last came from the peer, in either direction's connections.
  package func lastContact(of peer: NodeID) -> NIODeadline? {
    loop.assertInEventLoop()
    return self.peer(peer)?.lastContact
  }

  /// Of each peer, when anything last came from it and how long a ping takes.
  package var contacts: [(id: NodeID, lastContact: NIODeadline?, roundTrip: Double?)] {
    loop.assertInEventLoop()
    return peers.map { ($0.address.id, $0.lastContact, $0.roundTrip) }
  }

  /// Frames on the control lane can be sent.
  package func isConnected(_ peer: NodeID) -> Bool {
    loop.assertInEventLoop()
    return self.peer(peer)?.link(.control).connection != nil
  }

  // MARK: Levels

  /// From now on nothing is sent to peers that read less, and they are refused: what the cluster writes is nothing for
  /// them. Never goes back.
  package func require(_ level: Level) {
    loop.assertInEventLoop()
    guard level > requiredLevel else { return }
    requiredLevel = level
    // Later, since the owner is told of the ends.
    loop.assumeIsolated().execute {
      for peer in self.peers {
        for lane in Lane.allCases {
          if let connection = peer.link(lane).connection, connection.level < level {
            connection.refuse(connection.level)
          }
          if let inbound = peer.inbound(lane), inbound.level < level {
            inbound.refuse(
              self.configuration.explanation(of: inbound.level, below: level, node: peer.address.id))
          }
        }
      }
    }
  }

  /// The highest level that each node has announced, peers and others.
  package var announcedLevels: [NodeID: Level] {
    loop.assertInEventLoop()
    var levels = levelsOfStrangers
    for peer in peers { if let level = peer.announced { levels[peer.address.id] = level } }
    return levels
  }

  /// The highest level that the peer reads, as announced on the connection that this node sends on now; nil: there is
  /// none.
  package func level(of peer: NodeID) -> Level? {
    loop.assertInEventLoop()
    return self.peer(peer)?.link(.control).connection?.level
  }

  /// What the node has last announced, be it connected, refused or not even a member; nil: nothing is known.
  package func lastLevel(of node: NodeID) -> Level? {
    loop.assertInEventLoop()
    return peer(node)?.announced ?? levelsOfStrangers[node]
  }

  // MARK: Who the peers are

  /// From now on these are the peers, this node left out. Connections of those that stay at their address stay;
  /// those of the others are ended.
  package func replacePeers(_ addresses: [PeerAddress]) {
    loop.assertInEventLoop()
    guard !isClosed else { return }
    var leaving = peers
    var staying: [Peer] = []
    var coming: [Peer] = []
    for address in addresses where address.id != configuration.thisNode {
      if let index = leaving.firstIndex(where: { $0.address == address }) {
        staying.append(leaving.remove(at: index))
      } else if !(staying + coming).contains(where: { $0.address.id == address.id }) {
        let peer = Peer(address: address)
        peer.makeLinks(self)
        coming.append(peer)
      }
    }
    peers = staying + coming
    for peer in leaving { _ = drop(peer) }
    // Later, since dialing may fail at once and tell the owner of it.
    loop.assumeIsolated().execute {
      for peer in coming {
        for link in peer.links { link.dial() }
      }
    }
  }

  /// For tests of a partition: as if the network lost every packet between this node and these, or those of one
  /// direction; connections end once the silence has been noticed. What is not named is whole again.
  package func cut(_ nodes: [NodeID: CutDirection]) {
    loop.assertInEventLoop()
    cuts = nodes
  }

  func reaches(_ node: NodeID) -> Bool { cuts.isEmpty || cuts[node].map { $0 == .incoming } ?? true }
  func hears(_ node: NodeID) -> Bool { cuts.isEmpty || cuts[node].map { $0 == .outgoing } ?? true }
  /// No connection comes about, and no end of one is seen.
  func isCut(from node: NodeID) -> Bool { !cuts.isEmpty && cuts[node] != nil }

  private func peer(_ id: NodeID) -> Peer? {
    // A few peers: quicker than a hash.
    for peer in peers where peer.address.id == id { return peer }
    return nil
  }

  // MARK: Connections that peers have dialed

  /// - Returns: false when there are too many strangers already, none of which gives way.
  func accepted(_ connection: InboundConnection, from address: SocketAddress?) -> Bool {
    guard !isClosed else { return false }
    let admission = strangers.admit(
      connection, from: address?.strangerGroup ?? "", isMembers: isMembers(address), isProven: \.hasCertificate)
    guard case .admitted(let evicted) = admission else { return false }
    if let evicted {
      evicted.close()
      if isNews("crowd") {
        logger.warning(
          "so many connections to the peer port do not greet that the oldest ones are ended",
          metadata: ["address": "\(address.map { "\($0)" } ?? "")"])
      }
    }
    return true
  }

  private func isMembers(_ address: SocketAddress?) -> Bool {
    let plain = address?.plainAddress
    return peers.contains { $0.address.host == plain || ($0.lastAddress != nil && $0.lastAddress == plain) }
  }

  func gone(_ connection: InboundConnection) { strangers.remove(connection) }

  func judge(
    _ hello: Hello, _ announcement: Announcement, certificateNames: [String]?
  ) -> Result<Peer, GreetingRefusal> {
    if let refusal = configuration.refusal(of: hello, announcement, certificateNames: certificateNames) {
      return .failure(refusal)
    }
    peer(hello.from)?.announced = announcement.level
    guard announcement.level >= requiredLevel else {
      noteStranger(hello.from, announcement.level)
      return .failure(
        GreetingRefusal(
          code: .otherProtocol,
          explanation: configuration.explanation(
            of: announcement.level, below: requiredLevel, node: hello.from)))
    }
    guard let peer = peer(hello.from) else {
      noteStranger(hello.from, announcement.level)
      return .failure(
        GreetingRefusal(
          code: .unknownNode,
          explanation: "node \(hello.from) is not among the peers that node \(configuration.thisNode) knows"))
    }
    return .success(peer)
  }

  /// So that a node which reads too little is refused when it is to become a member, too.
  private func noteStranger(_ node: NodeID, _ level: Level) {
    if levelsOfStrangers.count >= Self.mostLevelsKept, levelsOfStrangers[node] == nil {
      levelsOfStrangers.removeAll()
    }
    levelsOfStrangers[node] = level
  }

  func established(_ connection: InboundConnection, _ peer: Peer, _ lane: Lane) {
    gone(connection)
    let older = peer.inbound(lane)
    peer.setInbound(connection, lane)
    older?.close()
    logger.info(
      older == nil ? "peer has connected" : "peer has connected anew",
      metadata: ["peer": "\(peer.address.id)", "lane": "\(lane)"])
    // It is there: no reason to wait any longer before dialing it.
    for link in peer.links { link.dial() }
  }

  func received(_ type: FrameType, _ payload: ByteBuffer, from peer: NodeID, lane: Lane) {
    guard let events else { return }
    if !turnEndIsDue {
      turnEndIsDue = true
      // Tasks run once all that is readable in this turn has been read.
      loop.execute {
        self.turnEndIsDue = false
        self.events?.turnEnded()
      }
    }
    events.received(type, payload, from: peer, lane: lane)
  }

  func lost(_ connection: InboundConnection, _ peer: Peer, _ lane: Lane, _ reason: LinkEnd) {
    guard peer.inbound(lane) === connection else { return }
    peer.setInbound(nil, lane)
    logger.warning(
      "peer's connection lost",
      metadata: ["peer": "\(peer.address.id)", "lane": "\(lane)", "reason": "\(reason)"])
    events?.inboundLost(peer.address.id, lane: lane, reason: reason)
  }

  /// Of strangers one line of each kind is news, whatever they say, so that they cannot fill the log; of a member's address,
  /// too, and apart from them.
  func strangerLeft(_ connection: InboundConnection, _ reason: LinkEnd, at address: SocketAddress?) {
    gone(connection)
    let whose = isMembers(address) ? address?.plainAddress ?? "" : ""
    guard !isClosed, isNews("stranger \(whose) \(reason.kind)") else { return }
    logger.warning(
      "a connection to the peer port ended before it was taken",
      metadata: ["address": "\(address.map { "\($0)" } ?? "")", "reason": "\(reason)"])
  }

  func logRefusal(of hello: Hello, _ refusal: GreetingRefusal, at address: SocketAddress?) {
    // Who is no peer may call itself what it likes: its names make no news.
    let whose = peer(hello.from) == nil ? "" : "\(hello.from)"
    guard isNews("refusal \(whose) \(refusal.code)") else { return }
    logger.warning(
      "a peer is refused",
      metadata: ["address": "\(address.map { "\($0)" } ?? "")", "reason": "\(refusal.explanation)"])
  }

  /// What repeats itself each second is logged once in a while.
  func isNews(_ text: String) -> Bool { news.isNew(text, at: .now()) }

  // MARK: Time and the end

  /// Pings, and looks for silence. After a stall of this very loop, or of the whole process, signs of life may
  /// lie unread in the system: nobody is judged then until the next time.
  func heartbeat(at now: NIODeadline) {
    let interval = configuration.pingInterval
    let hasStalled = lastHeartbeat.map { now - $0 > interval + interval } ?? false
    lastHeartbeat = now
    for peer in peers {
      for lane in Lane.allCases {
        peer.link(lane).connection?.heartbeat(now, judging: !hasStalled)
        if !hasStalled { peer.inbound(lane)?.heartbeat(now) }
      }
    }
  }

  /// Ends all connections and the dialing; no event follows.
  /// - Returns: when everything is closed.
  package func close() -> EventLoopFuture<Void> {
    loop.assertInEventLoop()
    isClosed = true
    events = nil
    heartbeats?.cancel()
    var closing: [EventLoopFuture<Void>] = []
    if let server {
      closing.append(server.closeFuture)
      server.close(promise: nil)
    }
    closing += strangers.guests.map { $0.close() }
    let leaving = peers
    peers = []
    for peer in leaving { closing += drop(peer) }
    return EventLoopFuture.andAllComplete(closing, on: loop)
  }

  private func drop(_ peer: Peer) -> [EventLoopFuture<Void>] {
    var closing = peer.links.map { $0.stop() }
    for lane in Lane.allCases {
      guard let connection = peer.inbound(lane) else { continue }
      peer.setInbound(nil, lane)
      closing.append(connection.close())
      tell { $0.inboundLost(peer.address.id, lane: lane, reason: .dropped) }
    }
    return closing
  }

  /// Tells the owner of something that its own call has brought about, after that call.
  func tell(_ event: @escaping (any PeerEvents) -> Void) {
    loop.assumeIsolated().execute {
      if let events = self.events { event(events) }
    }
  }
}
