internal import Certificates
internal import Gateway
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import Wire

/// Accepts the clients of a node: HTTP/1.1 and the gateway's WebSockets on one port.
///
/// Hummingbird's `Server` is not used, since it has a task for every connection until that shows what it is: a
/// channel is registered only when its setup is over, so the setup cannot wait for the first request. Here a
/// request over HTTP has a task until it is answered; connections never leave their event loop.
struct ClientPort: Service {
  let host: String
  let port: Int
  let backlog: Int
  let loops: any EventLoopGroup
  let check: UpgradeCheck
  let entrance: WebSocketEntrance
  let limits: ClientPortLimits
  let proxies: TrustedProxies
  /// nil: clients speak plainly.
  let tls: ServerTLS?
  let responder: Responder
  let logger: Logger
  let onListening: @Sendable (SocketAddress) async -> Void

  /// Until it is cancelled or shut down. Then nobody is accepted any more, and HTTP requests that have begun are
  /// finished; WebSockets are the gateway's to end.
  func run() async throws {
    let (visitors, arrivals) = AsyncStream.makeStream(
      of: Visitor.self, bufferingPolicy: .bufferingOldest(limits.slots.connections + limits.slots.reserved))
    let hall = EntranceHall(
      loops: loops, check: check, entrance: entrance, slots: HTTPSlots(limits: limits.slots),
      sockets: SocketBudget(most: limits.sockets), proxies: proxies, handshakes: limits.handshakes,
      requests: limits.requests,
      visitors: arrivals, logger: logger)
    let listener: any Channel
    do {
      listener = try await bootstrap(hall).bind(host: host, port: port).get()
    } catch {
      throw ListenFailure(error, purpose: "clients", host: host, port: port, key: "client.port")
    }
    if let address = listener.localAddress {
      logger.info("listening for clients", metadata: ["address": "\(address)"])
      await onListening(address)
    }
    await withDiscardingTaskGroup { group in
      await withGracefulShutdownHandler {
        for await visitor in visitors { group.addTask { await responder.serve(visitor) } }
      } onGracefulShutdown: {
        // An idle connection is closed by it, another one when its request is answered.
        listener.close(promise: nil)
        hall.closeUp()
      }
      // Cancelled, perhaps.
      hall.closeUp()
      // Closing a listener fails only when it is closed.
      try? await listener.close()
    }
  }

  private func bootstrap(_ hall: EntranceHall) -> ServerBootstrap {
    ServerBootstrap(group: loops)
      .serverChannelOption(.backlog, value: CInt(clamping: backlog))
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      // More than four connections for each turn of the accepting loop, for when all clients come back at once.
      .serverChannelOption(.maxMessagesPerRead, value: UInt(min(64, max(4, limits.sockets / 64))))
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            ShortageGate(budget: hall.sockets, logger: hall.logger))
          try channel.pipeline.syncOperations.addHandler(
            AcceptGate(budget: hall.sockets, loop: channel.eventLoop) { hall.makeRoom() })
        }
      }
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      // HTTP clients may end their side and wait for the answer.
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      // A handshake fits, with its token; see EntranceHall.tune for what comes after it.
      .childChannelOption(
        .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 1024, maximum: 65_536)
      )
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let caller = hall.proxies.caller(at: IPAddress(channel.remoteAddress))
          let isAnnounced = caller.isProxy && hall.proxies.speakProxyProtocol
          let hasRoom = hall.sockets.hasRoom
          let door = FrontDoor(hall: hall, caller: caller, isAnnounced: isAnnounced, isUnserved: !hasRoom)
          // Before TLS, which is the client's own.
          if isAnnounced { try channel.pipeline.syncOperations.addHandler(ProxyDoor(hall: hall, door: door)) }
          if let tls {
            try TLSEntrance.add(tls, to: channel) { isPlain in
              door.beginsTLS()
              if isPlain { hall.handshakeComplaints.say(.plain, from: door.caller) }
            }
          }
          try channel.pipeline.syncOperations.addHandler(door)
          if hasRoom {
            hall.await(door, on: channel.eventLoop)
          } else {
            hall.await(unserved: door, on: channel.eventLoop)
          }
        }
      }
  }
}

/// What the client port takes at a time, and for how long.
struct ClientPortLimits: Sendable {
  /// Connections of all kinds.
  var sockets = 32_768
  var slots = HTTPSlots.Limits()
  var handshakes = HandshakeDeadlines.Bounds()
  var requests = RequestDeadlines.Bounds()
}
