internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket

/// The two answers to a handshake, as bytes: there is no HTTP encoder in the pipeline.
enum HandshakeResponse {
  /// Only its arithmetic is used (RFC 6455 section 4.2.2); the checks are done by `UpgradeCheck`.
  private static let upgrader = NIOWebSocketServerUpgrader(
    shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
    upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })

  /// On the channel's loop. Nil is not expected: the key was checked before.
  static func accepted(_ accepted: UpgradeCheck.Accepted, on channel: any Channel) -> ByteBuffer? {
    guard let proof = proof(of: accepted.key, on: channel) else { return nil }
    var buffer = channel.allocator.buffer(capacity: 192)
    buffer.writeStaticString(
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n")
    buffer.writeStaticString("sec-websocket-accept: ")
    buffer.writeString(proof)
    if let subprotocol = accepted.subprotocol {
      buffer.writeStaticString("\r\nsec-websocket-protocol: ")
      buffer.writeString(subprotocol)
    }
    buffer.writeStaticString("\r\n\r\n")
    return buffer
  }

  private static func proof(of key: String, on channel: any Channel) -> String? {
    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: HandshakeRequest.path)
    head.headers.add(name: "sec-websocket-key", value: key)
    head.headers.add(name: "sec-websocket-version", value: "13")
    var proof: String?
    // Nothing in it waits: the future is done when it comes back, and its callback runs here and now.
    upgrader.buildUpgradeResponse(channel: channel, upgradeRequest: head, initialResponseHeaders: [:])
      .assumeIsolated().whenSuccess { proof = $0.first(name: "sec-websocket-accept") }
    return proof
  }

  /// The connection is to be closed behind it.
  static func refusal(_ problem: ProblemDetails, allocator: ByteBufferAllocator) -> ByteBuffer {
    let body = problem.json
    var buffer = allocator.buffer(capacity: 256 + body.count)
    buffer.writeString("HTTP/1.1 \(problem.status) \(problem.title)\r\n")
    buffer.writeString("content-type: \(ProblemDetails.contentType)\r\ncontent-length: \(body.count)\r\n")
    for header in problem.headers { buffer.writeString("\(header.name.rawValue): \(header.value)\r\n") }
    // RFC 9110 section 7.8: who offers an upgrade names it in Connection.
    buffer.writeString(
      problem.status == 426 ? "connection: upgrade, close\r\n\r\n" : "connection: close\r\n\r\n")
    buffer.writeBytes(body)
    return buffer
  }
}
