import Desk
import NIOCore
import NIOPosix
import Protocol
import TestFrames
import Testing

@testable import Gateway

/// A gateway behind a real port, without HTTP before it.
struct TestServer {
  let group: MultiThreadedEventLoopGroup
  /// Of their own, so that the server's loops take turns.
  let clients = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  let cluster = ScriptedCluster()
  let verifier = ScriptedVerifier()
  let gateway: GatewayLoops
  let channel: any Channel

  init(_ settings: GatewaySettings = GatewaySettings(limits: .off), loops: Int = 2) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
    let gateway = GatewayLoops(group: group, cluster: cluster, verifier: verifier, settings: settings)
    self.group = group
    self.gateway = gateway
    channel = try await ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try gateway.install(on: channel, bearer: nil) }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  func client(reads: Bool = true) async throws -> TestClient {
    try await TestClient(group: clients, port: channel.localAddress?.port ?? 0, reads: reads)
  }

  /// A client that has said hello and was welcomed.
  func client(as token: String, receipts: Bool = false) async throws -> TestClient {
    let client = try await client()
    try await client.say(#"{"type":"hello","token":"\#(token)","receipts":\#(receipts)}"#)
    #expect(await client.next(butPings: true)?.type == "welcome")
    return client
  }

  /// One that speaks binary frames.
  func binaryClient(as token: String, receipts: Bool = false) async throws -> TestClient {
    let client = try await client()
    let hello = HelloRecord.fields.encode(HelloRecord(token: token, receipts: receipts))
    try await client.say(BinaryFrameType.hello.rawValue, hello)
    #expect(await client.next(butPings: true)?.binaryType == BinaryFrameType.welcome.rawValue)
    return client
  }

  func close() async throws {
    gateway.stop()
    try await clients.shutdownGracefully()
    try await group.shutdownGracefully()
  }

  /// Runs a test against a server, and ends the server in any case.
  static func with(
    _ settings: GatewaySettings = GatewaySettings(limits: .off), _ body: (TestServer) async throws -> Void
  ) async throws {
    let server = try await TestServer(settings)
    do {
      try await body(server)
    } catch {
      try await server.close()
      throw error
    }
    try await server.close()
  }

  /// Waits until something holds; the time limit of the test is the deadline.
  func until(_ condition: () -> Bool) async {
    while !condition(), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(2)) }
  }
}

/// Speaks WebSocket by hand; what comes stands in `next`, and nil is the end of the connection.
final class TestClient: Sendable {
  let channel: any Channel
  private let frames: AsyncStream<SeenFrame>

  init(group: any EventLoopGroup, port: Int, reads: Bool) async throws {
    let (frames, continuation) = AsyncStream.makeStream(of: SeenFrame.self)
    self.frames = frames
    channel = try await ClientBootstrap(group: group)
      .channelOption(.autoRead, value: reads)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Collector(continuation))
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
  }

  func send(_ bytes: [UInt8]) async throws {
    try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
  }

  func say(_ text: String) async throws { try await send(maskedFrame(Opcode.text, Array(text.utf8))) }

  func say(_ type: UInt8, _ record: [UInt8]) async throws {
    try await send(maskedFrame(Opcode.binary, BinaryFrame.bytes(type, id: "", record, at: 1)))
  }

  func next(butPings: Bool = false) async -> SeenFrame? {
    var iterator = frames.makeAsyncIterator()
    while let frame = await iterator.next() {
      if butPings, case .ping = frame { continue }
      return frame
    }
    return nil
  }

  func next(_ count: Int) async -> [SeenFrame] {
    var seen: [SeenFrame] = []
    while seen.count < count, let frame = await next() { seen.append(frame) }
    return seen
  }

  private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let continuation: AsyncStream<SeenFrame>.Continuation
    private var received: [UInt8] = []

    init(_ continuation: AsyncStream<SeenFrame>.Continuation) { self.continuation = continuation }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      received += unwrapInboundIn(data).readableBytesView
      for frame in seenFrames(&received) { continuation.yield(frame) }
    }

    func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}

extension SeenFrame {
  var binaryType: UInt8? {
    if case .binary(let payload) = self, payload.count >= 14 { payload[5] } else { nil }
  }

  /// Of a message in either form.
  var sequence: Int? {
    guard case .binary(let payload) = self else { return json["seq"] as? Int }
    guard binaryType == BinaryFrameType.message.rawValue else { return nil }
    return (try? MessageFrame.fields.decode(Array(payload[14...]))).map { Int($0.message.sequence.rawValue) }
  }
}
