import Certificates
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Protocol

/// One WebSocket connection to one node, from the TCP handshake to the close frame.
struct WebSocketTransport: Sendable {
  typealias Frames = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

  /// Pages of a history may be large; a node sends no frame beyond this.
  static let maximumFrame = 1 << 24

  let frames: Frames

  /// - Parameters:
  ///   - trust: whom to believe, of an address with TLS.
  ///   - patience: how long TCP, TLS and the upgrade may take together; a frozen node takes connections, too.
  /// - Throws: `ClientError` or the system's error when the node does not answer as it should.
  static func connect(
    to url: NodeURL, trust: ClientTrust?, patience: Duration, group: any EventLoopGroup
  ) async throws -> WebSocketTransport {
    let patience = TimeAmount(patience)
    let upgraded: EventLoopFuture<Frames?> = try await ClientBootstrap(group: group)
      .connectTimeout(patience)
      .channelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
      .connect(host: url.host, port: url.port) { channel in
        channel.eventLoop.makeCompletedFuture {
          let alarm = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
          if let trust { try channel.pipeline.syncOperations.addHandler(trust.makeHandler(for: url.host)) }
          let result = try upgrade(channel, to: url)
          result.whenComplete { _ in alarm.cancel() }
          return result
        }
      }
    guard let frames = try await upgraded.get() else {
      throw ClientError.badAnswer("\(url.authority) did not upgrade /v1/connect to a WebSocket")
    }
    return WebSocketTransport(frames: frames)
  }

  private static func upgrade(_ channel: any Channel, to url: NodeURL) throws -> EventLoopFuture<Frames?> {
    let upgrader = NIOTypedWebSocketClientUpgrader<Frames?>(
      maxFrameSize: maximumFrame,
      upgradePipelineHandler: { channel, _ in
        channel.eventLoop.makeCompletedFuture {
          let whole = NIOWebSocketFrameAggregator(
            minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 4096,
            maxAccumulatedFrameSize: maximumFrame)
          try channel.pipeline.syncOperations.addHandler(whole)
          return try Frames(wrappingChannelSynchronously: channel)
        }
      })
    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: url.target)
    head.headers.add(name: "Host", value: url.authority)
    head.headers.add(name: "Sec-WebSocket-Protocol", value: "v2.msg")
    let configuration = NIOTypedHTTPClientUpgradeConfiguration<Frames?>(
      upgradeRequestHead: head, upgraders: [upgrader],
      notUpgradingCompletionHandler: { channel in
        channel.close(promise: nil)
        return channel.eventLoop.makeSucceededFuture(nil)
      })
    var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: configuration)
    pipeline.leftOverBytesStrategy = .forwardBytes
    return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: pipeline)
  }

  /// Hands a frame to the connection; frames leave in the order of the calls.
  func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer) {
    let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
    frames.channel.writeAndFlush(frame, promise: nil)
  }

  /// Says goodbye by RFC 6455 and closes.
  func close(code: WebSocketErrorCode) {
    var data = ByteBuffer()
    data.write(webSocketErrorCode: code)
    let frame = WebSocketFrame(fin: true, opcode: .connectionClose, maskKey: .random(), data: data)
    let channel = frames.channel
    channel.writeAndFlush(frame).whenComplete { _ in channel.close(promise: nil) }
  }

  /// Ends the connection without waiting for anybody: the other side may be frozen.
  func abort() { frames.channel.close(promise: nil) }
}
