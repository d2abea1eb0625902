import NIOCore
import NIOPosix
import Raft
import Wire

/// A bare TCP connection: says whatever the test wants said.
final class RawPeer: @unchecked Sendable {
  private let channel: any Channel
  private let received: Received

  private init(_ channel: any Channel, _ received: Received) {
    self.channel = channel
    self.received = received
  }

  static func connect(to port: Int) async throws -> RawPeer {
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let received = NIOLoopBoundBox<Received?>.makeEmptyBox(valueType: Received.self, eventLoop: loop)
    let channel = try await ClientBootstrap(group: loop)
      .connectTimeout(.minutes(2))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let handler = Received()
          received.value = handler
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
    return try await loop.submit { RawPeer(channel, received.value!) }.get()
  }

  func send(_ bytes: [UInt8]) async throws {
    try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
  }

  /// As `send`, where the other side may end the connection meanwhile.
  func sendIfPossible(_ bytes: [UInt8]) async {
    try? await send(bytes)
  }

  func greet(
    as node: UInt64, to target: UInt64, cluster: String = "test", lane: Lane = .control,
    protocolVersion: UInt16 = 1
  ) async throws {
    let hello = Hello(
      protocolVersion: protocolVersion, lane: lane, from: NodeID(node), to: NodeID(target), cluster: cluster)
    try await send(frame(.hello, hello.encode(into:)))
  }

  /// The reply to the greeting.
  func reply() async throws -> HelloReply {
    var buffer = try await bytes(atLeast: FrameHeader.byteCount)
    guard let header = try FrameHeader.read(from: &buffer), header.type == .helloReply else {
      throw NeverHappened(what: "a reply to the hello")
    }
    var all = try await bytes(atLeast: FrameHeader.byteCount + Int(header.length))
    all.moveReaderIndex(forwardBy: FrameHeader.byteCount)
    guard var payload = all.readSlice(length: Int(header.length)) else {
      throw NeverHappened(what: "a reply to the hello")
    }
    return try HelloReply.decode(&payload)
  }

  /// Everything that came so far, once it is at least `count` bytes.
  func bytes(atLeast count: Int) async throws -> ByteBuffer {
    let result = channel.eventLoop.makePromise(of: ByteBuffer.self)
    let deadline = NIODeadline.now() + .minutes(2)
    channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(1)) { task in
      if self.received.bytes.readableBytes >= count {
        task.cancel()
        result.succeed(self.received.bytes)
      } else if NIODeadline.now() > deadline {
        task.cancel()
        result.fail(NeverHappened(what: "\(count) bytes from the node"))
      }
    }
    return try await result.futureResult.get()
  }

  /// Waits until the other side has ended the connection.
  func ended() async throws {
    let timeout = channel.eventLoop.makePromise(of: Void.self)
    let timer = channel.eventLoop.scheduleTask(in: .minutes(2)) {
      timeout.fail(NeverHappened(what: "the node ends the connection"))
    }
    channel.closeFuture.whenComplete { _ in
      timer.cancel()
      timeout.succeed()
    }
    try await timeout.futureResult.get()
  }

  func close() async throws {
    try await channel.close().get()
  }

  /// Used on the loop of its channel alone.
  private final class Received: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    var bytes = ByteBuffer()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      var read = unwrapInboundIn(data)
      bytes.writeBuffer(&read)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }
}

/// A frame as it is on the wire.
func frame(_ type: FrameType, _ write: (inout ByteBuffer) -> Void = { _ in }) -> [UInt8] {
  var payload = ByteBuffer()
  write(&payload)
  var buffer = ByteBuffer()
  FrameHeader(length: UInt32(payload.readableBytes), type: type, timestamp: 0).write(into: &buffer)
  buffer.writeBuffer(&payload)
  return Array(buffer.readableBytesView)
}
