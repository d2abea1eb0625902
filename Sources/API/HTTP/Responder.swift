internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// Answers the requests of one HTTP connection with the router's responses.
struct Responder: Sendable {
  let router: RouterResponder<APIContext>
  let logger: Logger

  func respond(to request: Request, writer: consuming ResponseWriter, channel: any Channel) async throws {
    var logger = logger
    logger[metadataKey: "hb.request.id"] = "\(RequestID())"
    let context = APIContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
    var response: Response
    do {
      response = try await router.respond(to: request, context: context)
    } catch {
      // Errors of routes are problems by now: this is a cancelled request.
      response = Response(.unavailable("The node is being shut down.", code: "busy", retryAfterSeconds: 1))
    }
    response.headers[.date] = Timestamp.http(Date.now)
    try await writer.write(response: response.head, body: response.body)
  }
}
