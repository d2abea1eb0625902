import Certificates
import NIOCore
import NIOPosix

/// Asks a node for its health on a connection of its own, as an orchestrator does.
enum HealthProbe {
  /// - Parameters:
  ///   - source: an address of this machine that it comes from; nil: the usual one.
  ///   - trust: of a port with TLS.
  /// - Returns: the status, 0 when the connection was closed without one; nil: nothing came in time.
  static func ask(
    _ path: String, host: String, port: Int, from source: String? = nil, trust: ClientTrust? = nil,
    patience: Duration
  ) async -> Int? {
    await withTaskGroup(of: Int?.self) { tasks in
      tasks.addTask { await answer(path, host, port, source, trust, patience) }
      tasks.addTask {
        try? await Task.sleep(for: patience)
        return nil
      }
      defer { tasks.cancelAll() }
      return await tasks.next() ?? nil
    }
  }

  private static func answer(
    _ path: String, _ host: String, _ port: Int, _ source: String?, _ trust: ClientTrust?,
    _ patience: Duration
  ) async -> Int? {
    var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(TimeAmount(patience))
    if let source, let address = try? SocketAddress(ipAddress: source, port: 0) {
      bootstrap = bootstrap.bind(to: address)
    }
    let connection = try? await bootstrap.connect(host: host, port: port) { channel in
      channel.eventLoop.makeCompletedFuture {
        if let trust { try channel.pipeline.syncOperations.addHandler(trust.makeHandler(for: host)) }
        return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
    guard let connection else { return 0 }
    let status = try? await connection.executeThenClose { inbound, outbound in
      try await outbound.write(
        ByteBuffer(string: "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"))
      var head = ""
      for try await part in inbound {
        head += String(buffer: part)
        if let status = Self.status(of: head) { return status }
        if head.utf8.count > 1024 { break }
      }
      return 0
    }
    return status ?? 0
  }

  /// Of the first line of an answer; nil: it is not whole yet, or no such line.
  static func status(of head: String) -> Int? {
    let words = head.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count == 3, words[0].hasPrefix("HTTP/1.") else { return nil }
    return Int(words[1])
  }
}
