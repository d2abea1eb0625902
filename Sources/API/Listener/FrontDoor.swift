internal import NIOCore
internal import NIOTLS
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
    case gone
  }

  private var state = State.undecided(nil, searched: 0)
  private let hall: EntranceHall
  private var context: ChannelHandlerContext?
  /// Who is at the other end.
  private(set) var caller: Caller
  /// Whether a PROXY header is to say that first.
  private var isAnnounced: Bool
  /// There is no room for it: whatever it asks for, it is told so.
  private let isUnserved: Bool
  /// Bytes of an incomplete request, as they were told to the hall.
  private var heldBytes = 0
  /// A port with TLS: the client has sent something, and the handshake is not over. Whoever sends nothing looks whether
  /// somebody listens here, as balancers do all day, and goes without a word.
  private var isInHandshake = false

  /// - Parameters:
  ///   - isAnnounced: whether a PROXY header comes first, for which `identify` is called.
  ///   - isUnserved: there is no room for it.
  init(hall: EntranceHall, caller: Caller, isAnnounced: Bool = false, isUnserved: Bool = false) {
    self.isUnserved = isUnserved
    self.hall = hall
    self.caller = caller
    self.isAnnounced = isAnnounced
  }

  /// Whose limits it counts for while it says nothing; nil: it is not known before the proxy has said for whom it asks.
  var address: String? { caller.isProxy || isAnnounced ? nil : caller.group }

  /// The PROXY header has come.
  func identify(_ caller: Caller) {
    self.caller = caller
    isAnnounced = false
  }

  /// The first bytes have come to a port with TLS.
  func beginsTLS() { isInHandshake = true }

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
    if isInHandshake {
      // What follows from it is no news.
      isInHandshake = false
      hall.handshakeComplaints.say(error, from: caller)
    }
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    if isUnserved, isUndecided { return refuse(Self.noRoom, context) }
    switch state {
    case .gone:
      break
    case .undecided(let held, var searched):
      if var held, held.readableBytes > 0 {
        state = .gone
        held.writeBuffer(&bytes)
        bytes = held
      } else {
        // Empty lines before a request are passed over (RFC 9112, section 2.2).
        while bytes.readableBytesView.starts(with: [13, 10]) { bytes.moveReaderIndex(forwardBy: 2) }
        if PlainPort.isTLS(bytes) {
          state = .gone
          return hall.plainPort.answerTLS(context)
        }
      }
      decide(HandshakeRequest.parse(bytes.readableBytesView, searched: &searched), bytes, searched, context)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case TLSUserEvent.handshakeCompleted = event { isInHandshake = false }
    switch (event, state) {
    case (ChannelEvent.inputClosed, .undecided):
      context.close(promise: nil)
    default:
      context.fireUserInboundEventTriggered(event)
    }
  }

  private static let noRoom = ProblemDetails.unavailable(
    "This node has as many connections as its system lets it open: try another node.", code: "busy",
    retryAfterSeconds: 1)

  /// The time for the first request is over.
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
      hold(0, context)
      do throws(HTTPSlots.Refusal) {
        let slot = try hall.slots.enter(context.channel, from: address, isProbe: isProbe)
        becomeHTTP(bytes, as: slot, context)
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
    let address = hall.proxies.client(of: caller, request.forwarding)
    let wait = hall.slots.takeRequest(of: address)
    guard wait == 0 else { return refuse(HTTPSlots.tooFast(waitMilliseconds: wait), context) }
    let answer: ByteBuffer
    do throws(ProblemDetails) {
      answer = try hall.admit(request, from: address, on: context.channel)
    } catch {
      return refuse(error, context)
    }
    state = .gone
    context.writeAndFlush(NIOAny(answer), promise: nil)
    guard context.channel.isActive else { return }
    hall.tune(context.channel)
    // What the client sent right behind its handshake are frames already.
    if let remainder, remainder.readableBytes > 0 {
      context.fireChannelRead(NIOAny(remainder))
      context.fireChannelReadComplete()
    }
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }

  /// Puts the handlers of HTTP in this one's place, and hands them what was read.
  private func becomeHTTP(_ bytes: ByteBuffer, as slot: HTTPSlots.Slot, _ context: ChannelHandlerContext) {
    state = .gone
    let channel = context.channel
    // What one read brings is what may wait behind a request.
    try? channel.syncOptions?.setOption(
      .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 1024, maximum: 4096))
    do {
      try HTTPPipeline.add(to: channel, from: caller, slot: slot, hall: hall)
    } catch {
      hall.slots.leave(slot)
      return refuse(.internalError, context)
    }
    context.fireChannelRead(NIOAny(bytes))
    context.fireChannelReadComplete()
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }
}
