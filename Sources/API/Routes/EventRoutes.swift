internal import Desk
internal import Hummingbird
internal import NIOCore
internal import Protocol

/// What happens to the cluster, as it happens: server-sent events.
struct EventRoutes: RouteSet {
  static let contentType = "text/event-stream"

  let board: EventBoard

  static let query = QueryRoute(
    path: "/v1/events", name: "events", tag: "cluster", summary: "What happens to the cluster, as it happens",
    about:
      "Server-sent events, as this node sees them; docs/operations.md names them. A stream ends with the event `end` "
      + "after 100 seconds, when the node is shut down, and when its reader is too slow: come back with the header field "
      + "`Last-Event-ID`, and nothing is missed, or an event `missed` says so.",
    readers: .admins,
    headers: [.init(name: "Last-Event-ID", about: "The id of the last event that you have had.")],
    answer: .init(about: "Events, one after the other.", type: contentType))

  var paths: [String] { [Self.query.path] }

  func add(to routes: some RouterMethods<APIContext>) {
    routes.get("/v1/events") { request, context in
      _ = try QueryParameters(request.uri.query, [])
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
