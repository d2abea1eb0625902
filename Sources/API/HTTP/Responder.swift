internal import Foundation
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// Answers requests over HTTP with the router's responses.
struct Responder: Sendable {
  let router: RouterResponder<APIContext>
  let logger: Logger

  func serve(_ visitor: Visitor) async {
    let channel = visitor.channel
    do {
      let isHead = visitor.head.method == .HEAD
      let response = await respond(to: try Request(visitor), from: visitor.address, on: channel)
      var head = HTTPResponseHead(
        version: .http1_1,
        status: .init(statusCode: Int(response.status.code), reasonPhrase: response.status.reasonPhrase))
      for field in response.headers { head.headers.add(name: field.name.rawName, value: field.value) }
      if isHead, !head.headers.contains(name: "content-length"), let length = response.body.contentLength {
        head.headers.add(name: "content-length", value: String(length))
      }
      channel.write(HTTPServerResponsePart.head(head), promise: nil)
      let isStream = response.headers[.contentType] == EventRoutes.contentType
      try await response.body.write(AnswerWriter(channel: channel, isSilent: isHead, flushes: isStream))
    } catch {
      // It went away, or what is written of the answer cannot be finished.
      channel.close(promise: nil)
    }
  }

  private func respond(to request: Request, from address: String, on channel: any Channel) async -> Response {
    var logger = logger
    logger[metadataKey: "hb.request.id"] = "\(RequestID())"
    logger[metadataKey: "client"] = "\(address)"
    let context = APIContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
    var response: Response
    do {
      response = try await router.respond(to: request, context: context)
    } catch {
      // Errors of routes are problems by now: this is a cancelled request.
      response = Response(.unavailable("The node is being shut down.", code: "busy", retryAfterSeconds: 1))
    }
    response.headers[.date] = Timestamp.http(Date.now)
    return response
  }
}

extension Request {
  /// - Throws: when its method is none. What it is has been looked at before (`RequestRules`).
  fileprivate init(_ visitor: Visitor) throws {
    guard let method = HTTPRequest.Method(rawValue: visitor.head.method.rawValue) else {
      throw ChannelError.inputClosed
    }
    var fields = HTTPFields()
    for (name, value) in visitor.head.headers {
      if let name = HTTPFields.Element.Name(name) { fields.append(.init(name: name, value: value)) }
    }
    self.init(
      head: HTTPRequest(
        method: method, scheme: "http", authority: visitor.head.headers.first(name: "host"),
        path: visitor.head.uri, headerFields: fields),
      body: RequestBody(buffer: visitor.body))
  }
}

/// Writes the body of an answer piece by piece, each when the one before has gone.
private struct AnswerWriter: ResponseBodyWriter {
  let channel: any Channel
  /// To HEAD nobody gets a body.
  let isSilent: Bool
  /// Each piece is of use by itself.
  let flushes: Bool

  mutating func write(_ buffer: ByteBuffer) async throws {
    guard !isSilent, buffer.readableBytes > 0 else { return }
    // The end is to come, and flushes what is small together with it.
    if !flushes, buffer.readableBytes < 64 * 1024 {
      channel.write(HTTPServerResponsePart.body(.byteBuffer(buffer)), promise: nil)
    } else {
      try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(buffer)))
    }
  }

  consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
    try await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
  }
}
