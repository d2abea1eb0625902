internal import Desk
internal import Hummingbird
internal import NIOCore
internal import Protocol

/// What happens to the cluster, as it happens: server-sent events.
struct EventRoutes: RouteSet {
  static let contentType = "text/event-stream"

  let board: EventBoard

  var paths: [String] { ["/v1/events"] }

  func add(to routes: some RouterMethods<APIContext>) {
    routes.get("/v1/events") { request, context in
      _ = try QueryParameters(request.uri.query, allowed: [])
      try context.requireClusterAdmin()
      let last = request.headers.first { $0.name.rawName.lowercased() == "last-event-id" }?.value
      let follower = try await board.follow(after: last)
      var headers = HTTPFields()
      headers[.contentType] = Self.contentType
      headers[.cacheControl] = "no-store"
      return Response(
        status: .ok, headers: headers,
        body: ResponseBody { writer in
          for await text in follower.words { try await writer.write(ByteBuffer(string: text)) }
          try await writer.finish(nil)
        })
    }
  }
}
