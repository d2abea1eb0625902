import Certificates
import NIOCore
import NIOPosix
import Synchronization

/// How a stranger behaves on a connection. None of them has a token, none reads.
enum StrangerManner: Sendable {
  /// Says nothing.
  case silent
  /// Begins a request and does not end it.
  case halfOpen
  /// Asks for one large page after the other, as fast as the node takes it.
  case pipelining
}

/// Connections of strangers to one port, and new ones where the node has closed them.
final class StrangerCrowd: Sendable {
  struct Group: Sendable {
    var manner: StrangerManner
    var count: Int
  }

  /// So many connections are being made at a time.
  private static let atOnce = 32

  private let host: String
  private let port: Int
  private let sources: [String]
  private let groups: [Group]
  private let trust: ClientTrust?
  private let channels: Mutex<[[any Channel]]>
  private let opened = Mutex(0)

  /// - Parameters:
  ///   - sources: addresses of this machine that the connections come from, in turn.
  ///   - trust: of a port with TLS; who is silent does not even begin with it.
  init(to host: String, port: Int, from sources: [String], groups: [Group], trust: ClientTrust? = nil) {
    self.trust = trust
    self.host = host
    self.port = port
    self.sources = sources
    self.groups = groups
    channels = Mutex(groups.map { _ in [] })
  }

  /// How many connections there were, all in all.
  var connections: Int { opened.withLock { $0 } }

  /// Fills up what is missing.
  func gather() async {
    for (place, group) in groups.enumerated() {
      let missing = channels.withLock { channels in
        channels[place].removeAll { !$0.isActive }
        return group.count - channels[place].count
      }
      guard missing > 0 else { continue }
      await withTaskGroup(of: Void.self) { tasks in
        for number in 0..<missing {
          if number >= Self.atOnce { await tasks.next() }
          guard !Task.isCancelled else { break }
          tasks.addTask { await self.add(place, group.manner) }
        }
      }
    }
  }

  private func add(_ place: Int, _ manner: StrangerManner) async {
    let number = opened.withLock { count in
      count += 1
      return count
    }
    guard let source = try? SocketAddress(ipAddress: sources[number % sources.count], port: 0) else { return }
    let (trust, host) = (manner == .silent ? nil : trust, host)
    let channel = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(.seconds(2))
      .bind(to: source)
      // What comes is only taken where there is nothing but a goodbye, and until TLS has begun.
      .channelOption(.autoRead, value: manner == .silent || trust != nil)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let trust { try channel.pipeline.syncOperations.addHandler(trust.makeHandler(for: host)) }
          try channel.pipeline.syncOperations.addHandler(StrangerHandler(manner))
        }
      }
      .connect(host: host, port: port).get()
    guard let channel else { return }
    channels.withLock { $0[place].append(channel) }
  }

  func disperse() async {
    let all = channels.withLock { channels in
      defer { channels = groups.map { _ in [] } }
      return channels.flatMap { $0 }
    }
    for channel in all { channel.close(promise: nil) }
    for channel in all { try? await channel.closeFuture.get() }
  }
}

private final class StrangerHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private static let page = "GET /openapi.json HTTP/1.1\r\nHost: node\r\n\r\n"

  private let manner: StrangerManner
  private let requests: ByteBuffer

  init(_ manner: StrangerManner) {
    self.manner = manner
    requests = ByteBuffer(string: String(repeating: Self.page, count: 256))
  }

  func channelActive(context: ChannelHandlerContext) {
    switch manner {
    case .silent: break
    case .halfOpen:
      write(ByteBuffer(string: "GET /livez HTTP/1.1\r\nHost: node\r\nX-More: "), context) { _, _ in }
    case .pipelining: ask(context)
    }
    context.fireChannelActive()
  }

  /// The next requests go when the system has taken these.
  private func ask(_ context: ChannelHandlerContext) {
    write(requests, context) { handler, context in
      // Not at once: where the node takes it as fast as it is written, the loop would have no time for anything else.
      let bound = NIOLoopBound((handler, context), eventLoop: context.eventLoop)
      context.eventLoop.execute {
        let (handler, context) = bound.value
        handler.ask(context)
      }
    }
  }

  /// What is written goes only when TLS has begun, and then nothing is read any more.
  private func write(
    _ bytes: ByteBuffer, _ context: ChannelHandlerContext,
    then next: @escaping @Sendable (StrangerHandler, ChannelHandlerContext) -> Void
  ) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(bytes)).whenSuccess {
      let (handler, context) = bound.value
      try? context.channel.syncOptions?.setOption(.autoRead, value: false)
      next(handler, context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
