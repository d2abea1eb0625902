internal import Certificates
internal import Logging
internal import NIOCore
internal import Protocol
internal import Synchronization

/// Stands before TLS until the first byte: whoever speaks plainly there is told so, in words, and nothing is decrypted.
final class TLSEntrance: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  /// The first byte of a record of TLS's handshake (RFC 8446, section 5.1).
  static let handshakeRecord: UInt8 = 22

  private var isOver = false
  private let hasSpoken: (_ plainly: Bool) -> Void

  private init(hasSpoken: @escaping (_ plainly: Bool) -> Void) { self.hasSpoken = hasSpoken }

  /// Puts TLS before the handlers that are there, and this before TLS.
  ///
  /// - Parameter hasSpoken: called once, when the first bytes of the client have come.
  static func add(_ tls: ServerTLS, to channel: any Channel, hasSpoken: @escaping (_ plainly: Bool) -> Void)
    throws
  {
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(TLSEntrance(hasSpoken: hasSpoken))
    try pipeline.addHandler(tls.makeHandler())
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isOver else { return }
    let bytes = unwrapInboundIn(data)
    guard let first = bytes.readableBytesView.first, Self.isLetter(first) else {
      if bytes.readableBytes > 0 { hasSpoken(false) }
      context.fireChannelRead(data)
      // Others than TLS are refused by TLS itself.
      if bytes.readableBytes > 0 {
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
      }
      return
    }
    isOver = true
    hasSpoken(true)
    let problem = ProblemDetails.badRequest(
      "This port speaks TLS, and the request came in plain text: use https:// or wss://.", code: "tls_required")
    context.writeAndFlush(
      NIOAny(HandshakeResponse.refusal(problem, allocator: context.channel.allocator)), promise: nil)
    // From here outwards: TLS has nothing to say goodbye to.
    context.close(promise: nil)
  }

  /// So does every method of HTTP begin.
  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }
}

/// The answer to whoever speaks TLS where it is not spoken: an alert, since nothing else would be understood.
final class PlainPort: Sendable {
  private let toldAt = Mutex<NIODeadline?>(nil)
  private let logger: Logger

  init(logger: Logger) { self.logger = logger }

  func answerTLS(_ context: ChannelHandlerContext) {
    var alert = context.channel.allocator.buffer(capacity: Self.alert.count)
    alert.writeBytes(Self.alert)
    context.writeAndFlush(NIOAny(alert), promise: nil)
    context.close(promise: nil)
    let now = NIODeadline.now()
    let isNews = toldAt.withLock { last in
      if let told = last, now - told < .minutes(1) { return false }
      last = now
      return true
    }
    guard isNews else { return }
    logger.warning(
      "a client speaks TLS to the plain port: give client.tls.certificate and client.tls.key, or let it use http://",
      metadata: ["address": "\(context.remoteAddress.map { "\($0)" } ?? "")"])
  }

  /// Fatal: protocol_version (RFC 8446, section 6.2), in a record of TLS 1.0, as every client reads.
  static let alert: [UInt8] = [21, 3, 1, 0, 2, 2, 70]

  static func isTLS(_ bytes: ByteBuffer) -> Bool {
    var bytes = bytes.readableBytesView.makeIterator()
    return bytes.next() == TLSEntrance.handshakeRecord && (bytes.next() ?? 3) == 3
  }
}
