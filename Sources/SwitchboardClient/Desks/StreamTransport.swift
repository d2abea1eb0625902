import Certificates
import NIOCore
import NIOHTTP1
import NIOPosix
import Protocol

/// One connection to one node for one answer that goes on and on.
struct StreamTransport: Sendable {
  typealias Exchange = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

  let exchange: Exchange

  /// - Parameters:
  ///   - trust: whom to believe, of an address with TLS.
  ///   - patience: how long the connection may take.
  /// - Throws: the system's error when nobody answers.
  static func connect(
    to url: NodeURL, trust: ClientTrust?, patience: Duration, group: any EventLoopGroup
  ) async throws -> StreamTransport {
    let exchange = try await ClientBootstrap(group: group)
      .connectTimeout(TimeAmount(patience))
      .channelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
      .connect(host: url.host, port: url.port) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let trust { try channel.pipeline.syncOperations.addHandler(trust.makeHandler(for: url.host)) }
          try channel.pipeline.syncOperations.addHTTPClientHandlers()
          return try Exchange(wrappingChannelSynchronously: channel)
        }
      }
    return StreamTransport(exchange: exchange)
  }

  /// Ends the connection without waiting for anybody: the other side may be frozen.
  func abort() { exchange.channel.close(promise: nil) }
}
