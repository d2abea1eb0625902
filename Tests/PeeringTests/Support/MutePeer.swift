import NIOCore
import NIOPosix
import Peering
import Raft
import Wire

/// A node that takes connections and their greetings, and from then on reads nothing, or reads everything and
/// never answers.
final class MutePeer: Sendable {
  private let server: any Channel
  let address: PeerAddress

  private init(_ server: any Channel, _ address: PeerAddress) {
    self.server = server
    self.address = address
  }

  static func start(_ id: UInt64, reads: Bool) async throws -> MutePeer {
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let server = try await ServerBootstrap(group: loop)
      .childChannelOption(.autoRead, value: reads)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Greeter(id: NodeID(id)))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return MutePeer(
      server, PeerAddress(id: NodeID(id), host: "127.0.0.1", port: server.localAddress?.port ?? 0))
  }

  func close() async throws { try await server.close().get() }

  private final class Greeter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let id: NodeID
    private var hasGreeted = false

    init(id: NodeID) {
      self.id = id
    }

    func channelActive(context: ChannelHandlerContext) {
      context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard !hasGreeted else { return }
      hasGreeted = true
      let reply = HelloReply(protocolVersion: 1, node: id, cluster: "test")
      context.writeAndFlush(
        wrapOutboundOut(ByteBuffer(bytes: frame(.helloReply, reply.encode(into:)))), promise: nil)
    }
  }
}
