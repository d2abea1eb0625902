internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import Protocol

/// The first and only handler of a new connection, until its first request shows what it is: a handshake for
/// `/v1/connect` is answered here and the connection is the gateway's from then on; everything else becomes HTTP.
///
/// Most connections of a node are WebSockets, and after a restart they all come at once. So a handshake never meets
/// the HTTP codec, a channel for async code, or a task: it is read from the bytes, answered, and this handler goes.
final class FrontDoor: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private enum State {
    /// Bytes of a request that is not known yet, and how many of them were searched for its end.
    case undecided(ByteBuffer?, searched: Int)
    /// HTTP, for the task that will take the connection. `ended`: the client has sent all that it will send.
    case waiting(ByteBuffer, ended: Bool)
    case gone
  }

  private var state = State.undecided(nil, searched: 0)
  private let hall: EntranceHall
  private var context: ChannelHandlerContext?
  /// Whose limits the connection counts for.
  let address: String
  /// Bytes of an incomplete request, as they were told to the hall.
  private var heldBytes = 0

  init(hall: EntranceHall, address: String) {
    self.hall = hall
    self.address = address
  }

  /// Whether it has not shown yet what it wants.
  var isUndecided: Bool {
    if case .undecided = state { true } else { false }
  }

  /// Whether the connection is nobody's yet.
  var isOccupied: Bool {
    if case .gone = state { false } else { true }
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    state = .gone
    hold(0, context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    state = .gone
    hold(0, context)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    switch state {
    case .gone:
      break
    case .waiting(var held, let ended):
      held.writeBuffer(&bytes)
      state = .waiting(held, ended: ended)
    case .undecided(let held, var searched):
      if var held {
        state = .gone
        held.writeBuffer(&bytes)
        bytes = held
      }
      decide(HandshakeRequest.parse(bytes.readableBytesView, searched: &searched), bytes, searched, context)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch (event, state) {
    case (ChannelEvent.inputClosed, .undecided):
      context.close(promise: nil)
    case (ChannelEvent.inputClosed, .waiting(let held, _)):
      state = .waiting(held, ended: true)
    default:
      context.fireUserInboundEventTriggered(event)
    }
  }

  /// The time for the first request, or for somebody to take it, is over.
  func expire() {
    if isOccupied { context?.close(promise: nil) }
  }

  private func hold(_ bytes: Int, _ context: ChannelHandlerContext) {
    let more = bytes - heldBytes
    heldBytes = bytes
    hall.holds(more, on: context.eventLoop)
  }

  private func decide(
    _ parsed: HandshakeRequest.Parsed, _ bytes: ByteBuffer, _ searched: Int, _ context: ChannelHandlerContext
  ) {
    switch parsed {
    case .incomplete:
      state = .undecided(bytes, searched: searched)
      hold(bytes.readableBytes, context)
    case .other(let isProbe):
      state = .waiting(bytes, ended: false)
      hold(0, context)
      // Nothing more is read, so nothing more is held, until the task is there.
      try? context.channel.syncOptions?.setOption(.autoRead, value: false)
      do throws(HTTPSlots.Refusal) {
        try hall.announce(self, on: context.channel, isProbe: isProbe)
      } catch {
        refuse(error.problem, context)
      }
    case .malformed(let reason):
      refuse(.badRequest("The request is malformed: \(reason)."), context)
    case .tooLarge:
      refuse(
        .tooLarge("The head of the request has more than \(HandshakeRequest.headBytes) bytes.", status: 431),
        context)
    case .complete(let request, let length):
      upgrade(
        request,
        remainder: bytes.getSlice(at: bytes.readerIndex + length, length: bytes.readableBytes - length), context
      )
    }
  }

  private func refuse(_ problem: ProblemDetails, _ context: ChannelHandlerContext) {
    state = .gone
    hold(0, context)
    context.writeAndFlush(
      NIOAny(HandshakeResponse.refusal(problem, allocator: context.channel.allocator)), promise: nil)
    context.close(promise: nil)
  }

  private func upgrade(_ request: HandshakeRequest, remainder: ByteBuffer?, _ context: ChannelHandlerContext) {
    hold(0, context)
    let accepted: UpgradeCheck.Accepted
    let wait = hall.slots.takeRequest(of: address)
    guard wait == 0 else { return refuse(HTTPSlots.tooFast(waitMilliseconds: wait), context) }
    do throws(ProblemDetails) {
      accepted = try hall.check.decide(request)
    } catch {
      return refuse(error, context)
    }
    let channel = context.channel
    guard let answer = HandshakeResponse.accepted(accepted, on: channel) else {
      return refuse(.internalError, context)
    }
    do {
      try hall.entrance.install(channel, accepted.bearer, address)
    } catch let failure as Failure {
      return refuse(ProblemDetails(failure), context)
    } catch {
      hall.logger.warning("a WebSocket could not be set up", metadata: ["error": "\(error)"])
      return refuse(.internalError, context)
    }
    state = .gone
    context.writeAndFlush(NIOAny(answer), promise: nil)
    guard channel.isActive else { return }
    hall.tune(channel)
    // What the client sent right behind its handshake are frames already.
    if let remainder, remainder.readableBytes > 0 {
      context.fireChannelRead(NIOAny(remainder))
      context.fireChannelReadComplete()
    }
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }

  /// Puts Hummingbird's HTTP handlers in this one's place, hands them what was read, and reads on.
  func becomeHTTP(
    _ http: HTTP1Channel, as slot: HTTPSlots.Slot, on channel: any Channel, logger: Logger
  ) -> EventLoopFuture<HTTP1Channel.Value> {
    guard let context, case .waiting(let held, let ended) = state, channel.isActive,
      let gate = hall.gate(for: address, slot: slot, on: channel.eventLoop)
    else {
      return channel.eventLoop.makeFailedFuture(ChannelError.eof)
    }
    state = .gone
    // What one read brings is what may wait behind a request.
    try? channel.syncOptions?.setOption(
      .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 1024, maximum: 4096))
    return http.setup(channel: channel, logger: logger).assumeIsolated().flatMapThrowing { value in
      let pipeline = channel.pipeline.syncOperations
      let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      try pipeline.addHandler(gate, position: .after(decoder))
      context.fireChannelRead(NIOAny(held))
      context.fireChannelReadComplete()
      if ended { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
      context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
      try? channel.syncOptions?.setOption(.autoRead, value: true)
      return value
    }.nonisolated()
  }
}
