internal import Hummingbird
internal import NIOCore

/// No route of today reads a body. Whoever sends a large one, or one of unknown length, is answered and cut off, since
/// the rest of it would have to be read to the end otherwise.
struct RequestBounds: RouterMiddleware {
  static let bodyBytes = 64 * 1024

  func handle(
    _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    let isUnbounded = request.headers[.transferEncoding] != nil
    let length = request.headers[.contentLength].map { Int($0) ?? Int.max } ?? 0
    guard isUnbounded || length > Self.bodyBytes else { return try await next(request, context) }
    var response = Response(
      .tooLarge("The body of a request may have \(Self.bodyBytes) bytes, and its length has to be declared."))
    response.headers[.connection] = "close"
    let body = response.body
    let channel = context.channel
    response.body = ResponseBody(contentLength: body.contentLength) { writer in
      try await body.write(writer)
      channel.close(promise: nil)
    }
    return response
  }
}
