import API
import Desk
import Foundation
import Logging
import NIOCore
import NIOPosix
import Protocol
import Synchronization
import TestLog

/// A real server on a free port, in front of a scripted cluster.
struct TestServer: Sendable {
  var port: Int
  var cluster: ScriptedCluster
  var entrance: RecordingEntrance

  static let secret = TokenSecret(id: nil, secret: Array("0123456789abcdef0123456789abcdef".utf8))

  static func token(_ id: String = "root", _ role: UserRole = .admin) async throws -> String {
    let tokens = try await TokenService(secrets: [secret])
    return try tokens.sign(
      Claims(
        person: Person(id: id, role: role, name: id.uppercased()),
        expiresAtMilliseconds: UInt64(Date().timeIntervalSince1970 + 600) * 1000))
  }

  static func run(
    _ script: ScriptedCluster.Script = .init(), origins: [String] = [], openStatus: Bool = false,
    firstRequestSeconds: Int = 10, httpConnections: Int = 2048, readiness: [ReadinessCheck] = [],
    figures: GatewayFigures = GatewayFigures(), log: CapturedLog? = nil,
    configure: (inout HTTPOptions) -> Void = { _ in },
    _ body: @Sendable (TestServer) async throws -> Void
  ) async throws {
    let cluster = ScriptedCluster(script)
    let entrance = RecordingEntrance()
    var options = HTTPOptions()
    options.port = 0
    options.allowedOrigins = origins
    options.openStatus = openStatus
    options.firstRequestSeconds = firstRequestSeconds
    options.httpConnections = httpConnections
    options.version = "9.9"
    configure(&options)
    var logger = log.map { log in Logger(label: "test") { _ in log } } ?? Logger(label: "test")
    if log == nil { logger.logLevel = .error }
    let (addresses, announce) = AsyncStream.makeStream(of: SocketAddress.self)
    let frontend = HTTPFrontend(
      cluster: cluster, control: cluster, tokens: try await TokenService(secrets: [secret]),
      loops: MultiThreadedEventLoopGroup.singleton, entrance: entrance.entrance, figures: { figures },
      readiness: { readiness }, options: options, logger: logger,
      onListening: { announce.yield($0) })
    try await withThrowingTaskGroup { group in
      group.addTask { try await frontend.run() }
      guard let port = await addresses.first(where: { _ in true })?.port else { throw NoAnswer(received: "") }
      try await body(TestServer(port: port, cluster: cluster, entrance: entrance))
      group.cancelAll()
    }
  }

  func get(_ target: String, token: String? = nil, headers: [String] = []) async throws -> RawAnswer {
    try await RawClient.request(port: port, "GET", target, token: token, headers: headers)
  }
}

/// Stands in for the gateway: remembers the bearer, and sends every byte back.
final class RecordingEntrance: Sendable {
  private let state = Mutex<(bearers: [String?], addresses: [String], isFull: Bool)>(([], [], false))

  var bearers: [String?] { state.withLock { $0.bearers } }
  /// Whose limits count for those who came, in order.
  var addresses: [String] { state.withLock { $0.addresses } }
  func fill() { state.withLock { $0.isFull = true } }

  var entrance: WebSocketEntrance {
    WebSocketEntrance { channel, bearer, address in
      let isFull = self.state.withLock { state in
        if !state.isFull {
          state.bearers.append(bearer)
          state.addresses.append(address)
        }
        return state.isFull
      }
      if isFull {
        throw Failure(.busy, "This node is full: try \(address) later.", retryAfterMilliseconds: 1500)
      }
      try channel.pipeline.syncOperations.addHandler(Echo())
    }
  }

  /// Sends back the names of the handlers when it is asked for them, and all else as it is.
  private final class Echo: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard String(buffer: unwrapInboundIn(data)) == "handlers?" else {
        context.writeAndFlush(data, promise: nil)
        return
      }
      context.writeAndFlush(NIOAny(ByteBuffer(string: context.pipeline.debugDescription + "END")), promise: nil)
    }
  }
}

/// A JSON document, for comparing.
func json(_ text: String) throws -> [String: Any] {
  let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
  return (object as? [String: Any]) ?? [:]
}
