internal import NIOCore
internal import NIOHTTP1

/// Puts the parts of a request together and asks for its answer: the last handler of an HTTP connection. The gate before
/// it lets one request in at a time.
final class RequestReader: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// Bytes of the body of a request.
  static let bodyBytes = 64 * 1024

  private let hall: EntranceHall
  private let slot: HTTPSlots.Slot
  private let client: (HTTPRequestHead) -> String
  private var head: HTTPRequestHead?
  private var body = ByteBuffer()

  /// - Parameter client: whose limits a request counts for.
  init(hall: EntranceHall, slot: HTTPSlots.Slot, client: @escaping (HTTPRequestHead) -> String) {
    self.hall = hall
    self.client = client
    self.slot = slot
  }

  func handlerRemoved(context: ChannelHandlerContext) { hall.slots.leave(slot) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): begin(head, context)
    case .body(var more):
      guard head != nil else { return }
      guard body.readableBytes + more.readableBytes <= Self.bodyBytes else { return refuse(context) }
      body.writeBuffer(&more)
    case .end:
      guard let head else { return }
      self.head = nil
      if let preflight = hall.crossOrigin.preflight(head) {
        answer(preflight, to: head, context)
        return
      }
      do throws(HTTPSlots.Refusal) {
        try hall.announce(Visitor(head: head, body: body, address: client(head), channel: context.channel))
      } catch {
        answer(error.problem, to: head, context)
      }
      body = ByteBuffer()
    }
  }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    self.head = head
    // That it is a number was looked at before.
    let length = head.headers.first(name: "content-length").map { Int($0) ?? .max } ?? 0
    guard length <= Self.bodyBytes else { return refuse(context) }
    guard head.version == .http1_1,
      head.headers[canonicalForm: "expect"].contains(where: { $0.lowercased() == "100-continue" })
    else { return }
    // The client waits for this word before it sends the body (RFC 9110, section 10.1.1).
    context.writeAndFlush(
      wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
  }

  /// The rest of the body would have to be read to its end; so the connection ends with this answer.
  private func refuse(_ context: ChannelHandlerContext) {
    guard let head else { return }
    self.head = nil
    body = ByteBuffer()
    answer(.tooLarge("The body of a request may have \(Self.bodyBytes) bytes."), to: head, context)
  }

  private func answer(
    _ preflight: CrossOrigin.Preflight, to request: HTTPRequestHead, _ context: ChannelHandlerContext
  ) {
    body = ByteBuffer()
    switch preflight {
    case .refused(let problem): answer(problem, to: request, isLast: false, context)
    case .allowed(let headers):
      let head = HTTPResponseHead(version: .http1_1, status: .noContent, headers: headers)
      context.write(wrapOutboundOut(.head(head)), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
  }

  private func answer(
    _ problem: ProblemDetails, to request: HTTPRequestHead, isLast: Bool = true,
    _ context: ChannelHandlerContext
  ) {
    var head = HTTPResponseHead(
      version: .http1_1, status: .init(statusCode: problem.status, reasonPhrase: problem.title))
    let bytes = problem.json
    head.headers.add(name: "content-type", value: ProblemDetails.contentType)
    head.headers.add(name: "content-length", value: String(bytes.count))
    if isLast { head.headers.add(name: "connection", value: "close") }
    for header in problem.headers { head.headers.add(name: header.name.rawValue, value: header.value) }
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if request.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
