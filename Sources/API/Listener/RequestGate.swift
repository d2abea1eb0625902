internal import NIOCore
internal import NIOHTTP1

/// Stands before the routes of one HTTP connection: lets in one request at a time and the next one when the answer is
/// out, keeps the deadlines, and answers itself what must not reach a route.
///
/// While an answer is under way nothing is read, so who asks and does not read the answers fills the buffers of its own
/// system and not this node's memory.
final class RequestGate: ChannelDuplexHandler {
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

  private let address: String
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
  private var isReadHeld = false
  private var isPumping = false
  private var since = NIODeadline.now()
  private var movedAt = NIODeadline.now()
  private var pendingBytes = 0

  init(address: String, slots: HTTPSlots, deadlines: RequestDeadlines, isReserved: Bool) {
    self.address = address
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
  }

  // MARK: Requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard phase != .over, !isOverrun else { return }
    if waiting.count >= Self.waitingParts {
      isOverrun = true
    } else {
      waiting.append(unwrapInboundIn(data))
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
      case (.busy(requestEnded: false, let answer), .body):
        waiting.removeFirst()
        phase = .busy(requestEnded: false, answer: answer)
        context.fireChannelRead(wrapInboundOut(part))
      case (.busy(requestEnded: false, let answer), .end):
        waiting.removeFirst()
        phase = answer == .sent ? .idle : .busy(requestEnded: true, answer: answer)
        context.fireChannelRead(wrapInboundOut(part))
      case (.idle, _):
        // The decoder gives no part without its head.
        waiting.removeFirst()
      case (.busy, _), (.over, _): return
      }
    }
    if isOverrun, phase == .idle { return finish(context) }
    if inputHasEnded {
      inputHasEnded = false
      context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
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
    let wait = slots.takeRequest(of: address)
    let problem: ProblemDetails? =
      if let problem = RequestRules.problem(of: head) {
        problem
      } else if isReserved, !RequestRules.isProbe(head) {
        HTTPSlots.Refusal.full.problem
      } else if wait > 0, !RequestRules.isProbe(head) {
        HTTPSlots.tooFast(waitMilliseconds: wait)
      } else {
        nil
      }
    if let problem { return refuse(problem, head, context) }
    phase = .busy(requestEnded: false, answer: .none)
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
    head.headers.add(name: "connection", value: "close")
    for header in problem.headers { head.headers.add(name: header.name.rawValue, value: header.value) }
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
    context.close(mode: .output, promise: nil)
    readOn(context)
  }

  // MARK: Answers

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard case .busy(let requestEnded, _) = phase else {
      return context.write(data, promise: promise)
    }
    switch unwrapOutboundIn(data) {
    case .head(var head):
      if isReserved { head.headers.replaceOrAdd(name: "connection", value: "close") }
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

  /// All of an answer has gone to the system.
  private func answered() {
    guard let context, case .busy(_, .written) = phase else { return }
    if isReserved { return finish(context) }
    guard case .busy(requestEnded: true, _) = phase else {
      // The route did not want the rest of the request: it is read to its end, within its time.
      phase = .busy(requestEnded: false, answer: .sent)
      return
    }
    phase = .idle
    if !waiting.isEmpty {
      pump()
      // What was handed on just now is taken at the end of a read, as what had just come in.
      context.fireChannelReadComplete()
    }
    pump()
    readOn(context)
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
    case .idle: break
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
