import NIOCore
import NIOPosix

/// A bare UDP socket on the loopback interface: sends what it is told, and may stand between two nodes.
final class PacketSocket: Sendable {
  private let channel: any Channel
  private let reader: Reader

  private init(_ channel: any Channel, _ reader: Reader) {
    self.channel = channel
    self.reader = reader
  }

  /// - Parameter target: where what arrives is passed on to; nil: nowhere.
  static func open(passingOnTo target: Int? = nil) async throws -> PacketSocket {
    let reader = Reader(target: try target.map { try SocketAddress(ipAddress: "127.0.0.1", port: $0) })
    let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(reader) }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return PacketSocket(channel, reader)
  }

  var port: Int { channel.localAddress?.port ?? 0 }

  func send(_ packet: [UInt8], to port: Int) async throws {
    let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
    try await channel.writeAndFlush(
      AddressedEnvelope(remoteAddress: address, data: ByteBuffer(bytes: packet))
    ).get()
  }

  /// All that has arrived so far.
  func packets() async throws -> [[UInt8]] {
    try await channel.eventLoop.submit { self.reader.packets }.get()
  }

  func close() async throws { try await channel.close().get() }

  /// Confined to the channel's loop.
  private final class Reader: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    private let target: SocketAddress?
    private(set) var packets: [[UInt8]] = []

    init(target: SocketAddress?) { self.target = target }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let packet = unwrapInboundIn(data).data
      packets.append(Array(packet.readableBytesView))
      guard let target else { return }
      context.channel.writeAndFlush(AddressedEnvelope(remoteAddress: target, data: packet), promise: nil)
    }
  }
}
