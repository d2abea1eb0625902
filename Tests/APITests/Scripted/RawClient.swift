import NIOCore
import NIOPosix
import Synchronization

struct RawAnswer: Sendable, CustomStringConvertible {
  var status: Int
  /// Lower-case names.
  var headers: [String: String]
  var body: String
  var description: String { "\(status) \(headers) \(body)" }
}

struct TooLate: Error { var received: String }
struct NoAnswer: Error { var received: String }

private final class Alarm: Sendable { let isLate = Atomic(false) }

/// Speaks bytes, so that a test says exactly what goes over the wire.
enum RawClient {
  /// Sends the pieces, each by itself, and reads until `enough` or the end of the connection. `afterAnswer` is sent
  /// when the first bytes came back, `whenUpgraded` when the answer to a handshake did.
  static func exchange(
    port: Int, _ pieces: [String], seconds: Int64 = 180, finishing: Bool = false, afterAnswer: String? = nil,
    whenUpgraded: String? = nil,
    whileOpen: @Sendable () async throws -> Void = {}, until enough: @escaping @Sendable (String) -> Bool
  ) async throws -> String {
    let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
            wrappingChannelSynchronously: channel,
            configuration: .init(isOutboundHalfClosureEnabled: true))
        }
      }
    // Closing it ends the reading, so that nothing waits for ever.
    let channel = client.channel
    let alarmed = Alarm()
    let alarm = channel.eventLoop.scheduleTask(in: .seconds(seconds)) {
      alarmed.isLate.store(true, ordering: .relaxed)
      channel.close(promise: nil)
    }
    return try await client.executeThenClose { inbound, outbound in
      for piece in pieces { try await outbound.write(ByteBuffer(string: piece)) }
      if finishing { outbound.finish() }
      var received = ""
      var later = whenUpgraded
      do {
        for try await part in inbound {
          if received.isEmpty, let afterAnswer { try await outbound.write(ByteBuffer(string: afterAnswer)) }
          received += String(buffer: part)
          if let word = later, let place = received.firstRange(of: " 101 "),
            received[place.upperBound...].contains("\r\n\r\n")
          {
            later = nil
            try await outbound.write(ByteBuffer(string: word))
          }
          if enough(received) { break }
        }
      } catch let error as IOError where error.errnoCode == 104 {}
      alarm.cancel()
      if alarmed.isLate.load(ordering: .relaxed) { throw TooLate(received: received) }
      try await whileOpen()
      return received
    }
  }

  /// One request on a connection of its own.
  static func request(
    port: Int, _ method: String = "GET", _ target: String, token: String? = nil, headers: [String] = [],
    body: String = ""
  ) async throws -> RawAnswer {
    var lines = ["\(method) \(target) HTTP/1.1", "Host: localhost", "Connection: close"] + headers
    if let token { lines.append("Authorization: Bearer \(token)") }
    let text = lines.joined(separator: "\r\n") + "\r\n\r\n" + body
    let received = try await exchange(port: port, [text]) { _ in false }
    return try parse(received)
  }

  /// A WebSocket handshake, with fields changed or (by an empty value) taken away.
  static func handshake(_ changes: [String: String] = [:], target: String = "/v1/connect", extra: [String] = [])
    -> String
  {
    var fields = [
      "Host": "localhost", "Upgrade": "websocket", "Connection": "Upgrade",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
    ]
    for (name, value) in changes { fields[name] = value.isEmpty ? nil : value }
    let lines = fields.map { "\($0.key): \($0.value)" } + extra
    return "GET \(target) HTTP/1.1\r\n" + lines.joined(separator: "\r\n") + "\r\n\r\n"
  }

  static func parse(_ received: String) throws -> RawAnswer {
    let parts = received.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw NoAnswer(received: received) }
    var lines = parts[0].split(separator: "\r\n")
    let words = lines.removeFirst().split(separator: " ")
    guard words.count >= 2, let status = Int(words[1]) else { throw NoAnswer(received: received) }
    var headers: [String: String] = [:]
    for line in lines {
      let pair = line.split(separator: ":", maxSplits: 1)
      headers[pair[0].lowercased()] = pair.count == 2 ? String(pair[1].drop { $0 == " " }) : ""
    }
    return RawAnswer(status: status, headers: headers, body: String(parts[1]))
  }
}
