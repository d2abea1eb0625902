internal import NIOCore
internal import NIOHTTP1

/// Stands before the routes of one HTTP connection: lets in one request at a time and the next one when the answer is
/// out, keeps the deadlines, and answers itself what must not reach a route. A handshake for the gateway takes its turn
/// as every request does; whether the connection lives on behind an answer is decided here (RFC 9112, section 9.3).
///
/// While an answer is under way nothing is read, so who asks and does not read the answers fills the buffers of its own
/// system and not this node's memory.
final class RequestGate: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private enum Phase: Equatable {
    case idle
    /// A request is being read, or answered, or both.
    case busy(requestEnded: Bool, answer: Answer)
    /// The last answer is out; what comes is thrown away until the client has closed its side, or the time is over.
    case over
  }

  private enum Answer: Equatable { case none, begun, written, sent }

  /// Parts of requests that were sent behind one another and wait: some sixteen requests. Few, since what waits here can
  /// be answered without any input, and an event loop looks for input only when it has nothing else to do: with
  /// hundreds on each of some dozen connections nobody else was heard for seconds.
  private static let waitingParts = 32

  /// Whose limits count: the connection's, or behind a proxy those of whom the present request is for.
  private var address: String
  /// For a trusted proxy: for whom it asks.
  private let client: ((HTTPRequestHead) -> String)?
  /// Whose place the present request has.
  private var lodger: String?
  private let slots: HTTPSlots
  private let deadlines: RequestDeadlines
  /// The connection got in for one question about the node's health.
  private let isReserved: Bool

  private var context: ChannelHandlerContext?
  private var phase = Phase.idle
  private var waiting = CircularBuffer<HTTPServerRequestPart>()
  /// More were sent than may wait: the connection ends with the answer to the last that does.
  private var isOverrun = false
  private var inputHasEnded = false
  /// Behind the answer that is under way there is no other.
  private var isLast = false
  private var isClosingUp = false
  /// What of the request that is under way its answer has to know.
  private var request: HTTPRequestHead?
  /// Of the request that is coming in: the decoder stops behind it, and what follows is HTTP all the same.
  private var endsDecoder = false
  /// The request that is being read is a handshake: decided when it has come as a whole.
  private var handshake: HandshakeRequest?
  private var isReadHeld = false
  private var isPumping = false
  private var since = NIODeadline.now()
  private var movedAt = NIODeadline.now()
  private var pendingBytes = 0

  private let crossOrigin: CrossOrigin
  private let renewDecoder: () -> Void
  private let upgrade: (HandshakeRequest) throws(ProblemDetails) -> Void

  /// - Parameters:
  ///   - client: of a trusted proxy's connection: for whom a request is.
  ///   - isReserved: the connection got in for one question about the node's health.
  ///   - renewDecoder: the decoder reads nothing behind a request that offers another protocol: it is to be replaced by
  ///     one that does.
  ///   - upgrade: gives the connection to the gateway, so that this handler goes, or throws what is to be answered.
  init(
    address: String, client: ((HTTPRequestHead) -> String)? = nil, slots: HTTPSlots,
    deadlines: RequestDeadlines, isReserved: Bool,
    crossOrigin: CrossOrigin = CrossOrigin(rules: OriginRules([])), renewDecoder: @escaping () -> Void = {},
    upgrade: @escaping (HandshakeRequest) throws(ProblemDetails) -> Void = { _ in }
  ) {
    self.crossOrigin = crossOrigin
    self.renewDecoder = renewDecoder
    self.upgrade = upgrade
    self.address = address
    self.client = client
    self.slots = slots
    self.deadlines = deadlines
    self.isReserved = isReserved
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    deadlines.add(self)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    waiting.removeAll()
    deadlines.remove(self)
    vacate()
  }

  /// The present request has its answer: nobody's place is taken by it.
  private func vacate() {
    guard let lodger else { return }
    self.lodger = nil
    slots.vacate(lodger)
  }

  /// The request counts for whom it is for from here on.
  private func lodge(_ head: HTTPRequestHead) -> ProblemDetails? {
    guard client != nil, !RequestRules.isProbe(head) else { return nil }
    do throws(HTTPSlots.Refusal) {
      try slots.occupy(address)
      lodger = address
      return nil
    } catch {
      return error.problem
    }
  }

  // MARK: Requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard phase != .over, !isOverrun else { return }
    let part = unwrapInboundIn(data)
    switch part {
    case .head(let head): endsDecoder = head.offersUpgrade && !head.isHandshake
    case .end where endsDecoder: renewDecoder()
    default: break
    }
    if waiting.count >= Self.waitingParts {
      isOverrun = true
    } else {
      waiting.append(part)
    }
    pump()
  }

  func read(context: ChannelHandlerContext) {
    if case .busy(requestEnded: true, _) = phase {
      isReadHeld = true
    } else {
      context.read()
    }
  }

  private func pump() {
    guard !isPumping, let context else { return }
    isPumping = true
    defer { isPumping = false }
    while let part = waiting.first {
      switch (phase, part) {
      case (.idle, .head(let head)):
        waiting.removeFirst()
        begin(head, context)
      case (.busy(requestEnded: false, _), .body) where handshake != nil:
        return refuse(.badRequest("A WebSocket handshake has no body."), nil, context)
      case (.busy(requestEnded: false, _), .end) where handshake != nil:
        waiting.removeFirst()
        return turnOver(context)
      case (.busy(requestEnded: false, let answer), .body):
        waiting.removeFirst()
        phase = .busy(requestEnded: false, answer: answer)
        context.fireChannelRead(wrapInboundOut(part))
      case (.busy(requestEnded: false, let answer), .end):
        waiting.removeFirst()
        if answer == .sent { rest() } else { phase = .busy(requestEnded: true, answer: answer) }
        context.fireChannelRead(wrapInboundOut(part))
      case (.idle, _):
        // The decoder gives no part without its head.
        waiting.removeFirst()
      case (.busy, _), (.over, _): return
      }
    }
    if isOverrun, phase == .idle { return finish(context) }
    if inputHasEnded {
      if phase == .idle { return finish(context) }
      isLast = true
    }
  }

  /// The next request may come.
  private func rest() {
    phase = .idle
    since = .now()
    request = nil
    vacate()
  }

  /// No other request is taken. On the channel's loop.
  func closeUp() {
    isClosingUp = true
    if let context, phase == .idle, waiting.isEmpty { finish(context) }
  }

  /// The handshake has its turn: all before it is answered.
  private func turnOver(_ context: ChannelHandlerContext) {
    guard let handshake = self.handshake else { return }
    self.handshake = nil
    do throws(ProblemDetails) {
      try upgrade(handshake)
      phase = .over
    } catch {
      refuse(error, nil, context)
    }
  }

  /// The client has sent all that it will send: told to the routes behind the last request that waits.
  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case ChannelEvent.inputClosed = event else { return context.fireUserInboundEventTriggered(event) }
    if phase == .over { return context.close(promise: nil) }
    inputHasEnded = true
    if waiting.isEmpty { pump() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard error is HTTPParserError else { return context.fireErrorCaught(error) }
    switch phase {
    case .over: break
    case .idle, .busy(requestEnded: false, answer: .none):
      refuse(.badRequest("The request is not HTTP/1.1: it could not be read."), nil, context)
    case .busy: isOverrun = true
    }
  }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    since = .now()
    movedAt = since
    if let client { address = client(head) }
    let wait = slots.takeRequest(of: address)
    let problem: ProblemDetails? =
      if let problem = RequestRules.problem(of: head) {
        problem
      } else if isReserved, !RequestRules.isProbe(head) {
        HTTPSlots.Refusal.full.problem
      } else if wait > 0, !RequestRules.isProbe(head) {
        HTTPSlots.tooFast(waitMilliseconds: wait)
      } else {
        lodge(head)
      }
    request = head
    if let problem { return refuse(problem, head, context) }
    phase = .busy(requestEnded: false, answer: .none)
    if head.isHandshake {
      do throws(ProblemDetails) {
        handshake = try HandshakeRequest(head)
      } catch {
        refuse(error, head, context)
      }
      return
    }
    context.fireChannelRead(wrapInboundOut(.head(head)))
  }

  private func refuse(
    _ problem: ProblemDetails, _ request: HTTPRequestHead?, _ context: ChannelHandlerContext
  ) {
    let body = problem.json
    var head = HTTPResponseHead(
      version: .http1_1, status: .init(statusCode: problem.status, reasonPhrase: problem.title))
    head.headers.add(name: "content-type", value: ProblemDetails.contentType)
    head.headers.add(name: "content-length", value: String(body.count))
    // RFC 9110 section 7.8: who offers an upgrade names it in Connection.
    head.headers.add(name: "connection", value: problem.status == 426 ? "upgrade, close" : "close")
    for header in problem.headers { head.headers.add(name: header.name.rawValue, value: header.value) }
    crossOrigin.mark(&head.headers, for: request ?? self.request)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if request?.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    finish(context)
  }

  /// Nothing is said any more. The client's side stays open a little: an answer that is on its way would be lost by a
  /// reset, as the system sends one for bytes that nobody has read.
  private func finish(_ context: ChannelHandlerContext) {
    phase = .over
    waiting.removeAll()
    since = .now()
    vacate()
    context.close(mode: .output, promise: nil)
    readOn(context)
  }

  // MARK: Answers

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard case .busy(let requestEnded, _) = phase else {
      return context.write(data, promise: promise)
    }
    switch unwrapOutboundIn(data) {
    case .head(let head) where head.status.code < 200:
      context.write(data, promise: promise)
    case .head(var head):
      settle(&head)
      crossOrigin.mark(&head.headers, for: request)
      phase = .busy(requestEnded: requestEnded, answer: .begun)
      since = .now()
      movedAt = since
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .body:
      context.write(data, promise: promise)
    case .end:
      phase = .busy(requestEnded: requestEnded, answer: .written)
      let written = promise ?? context.eventLoop.makePromise(of: Void.self)
      context.write(data, promise: written)
      written.futureResult.assumeIsolated().whenComplete { _ in self.answered() }
    }
  }

  /// Whether the connection lives on, as both sides understand it.
  private func settle(_ answer: inout HTTPResponseHead) {
    let asksToStay = request?.isKeepAlive ?? true
    isLast = isLast || isReserved || isClosingUp || !asksToStay || !answer.isKeepAlive
    let isOld = request.map { $0.version == .http1_0 } ?? false
    // Whoever speaks HTTP/1.0 knows no chunks: an answer of unknown length ends with the connection.
    if isOld, !answer.headers.contains(name: "content-length") {
      answer.version = .http1_0
      isLast = true
    }
    if isLast {
      answer.headers.replaceOrAdd(name: "connection", value: "close")
    } else if isOld {
      answer.headers.replaceOrAdd(name: "connection", value: "keep-alive")
    }
  }

  /// All of an answer has gone to the system.
  private func answered() {
    guard let context, case .busy(_, .written) = phase else { return }
    if isLast { return finish(context) }
    guard case .busy(requestEnded: true, _) = phase else {
      // The route did not want the rest of the request: it is read to its end, within its time.
      phase = .busy(requestEnded: false, answer: .sent)
      return
    }
    rest()
    if !waiting.isEmpty {
      pump()
    }
    pump()
    // A handshake may have taken this handler away.
    if self.context != nil { readOn(context) }
  }

  private func readOn(_ context: ChannelHandlerContext) {
    guard isReadHeld else { return }
    isReadHeld = false
    read(context: context)
  }

  // MARK: Time

  func look(now: NIODeadline) {
    guard let context else { return }
    switch phase {
    case .idle:
      if now - since >= deadlines.bounds.idle { context.close(promise: nil) }
    case .over:
      if now - since >= deadlines.bounds.farewell { context.close(promise: nil) }
    case .busy(let requestEnded, let answer):
      if !requestEnded, now - since >= deadlines.bounds.body { return context.close(promise: nil) }
      guard answer != .none else { return }
      let pending = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
      if pending != pendingBytes || pending == 0 { movedAt = now }
      pendingBytes = pending
      if now - movedAt >= deadlines.bounds.stalled || now - since >= deadlines.bounds.answer {
        context.close(promise: nil)
      }
    }
  }
}

extension HTTPRequestHead {
  /// For the gateway, whatever else is to be said of it.
  var isHandshake: Bool {
    method == .GET && uri.prefix { $0 != "?" } == HandshakeRequest.path
  }

  /// Another protocol could follow: so the decoder sees it, and stops.
  var offersUpgrade: Bool {
    method == .CONNECT
      || headers.contains(name: "upgrade")
        && headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
  }
}
