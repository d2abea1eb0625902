internal import Desk
internal import Hummingbird
internal import NIOCore
internal import Protocol

/// What happens to the cluster, or in a desk, as it happens: server-sent events.
struct EventRoutes: RouteSet {
  static let contentType = "text/event-stream"

  let board: EventBoard

  static let desk = QueryField.desk(
    "desk", "The desk to follow. Admins of the cluster without it: the cluster; everybody else: one's own desk."
  )

  static let query = QueryRoute(
    path: "/v1/events", name: "events", tag: "cluster",
    summary: "What happens to the cluster, or in a desk, as it happens",
    about:
      "Server-sent events, as this node sees them; docs/operations.md names them. Supervisors, and admins whose token names "
      + "a desk, follow their own desk; admins of the cluster follow the cluster, or the desk that they name. A stream ends "
      + "with the event `end` after 100 seconds, when the node is shut down, when its reader is too slow, and when the desk is "
      + "deleted: come back with the header field `Last-Event-ID`, and nothing is missed, or an event `missed` says so.",
    readers: .roles([.supervisor, .admin]), fields: [desk],
    headers: [.init(name: "Last-Event-ID", about: "The id of the last event that you have had.")],
    answer: .init(about: "Events, one after the other.", type: contentType), mayMiss: true)

  var paths: [String] { [Self.query.path] }

  func add(to routes: some RouterMethods<APIContext>) {
    routes.get("/v1/events") { request, context in
      let query = try QueryParameters(request.uri.query, Self.query.fields)
      let desk = try Self.desk(of: context, named: try query.value(Self.desk))
      let last = request.headers.first { $0.name.rawName.lowercased() == "last-event-id" }?.value
      let follower =
        if let desk { try await board.follow(desk, after: last) } else { try await board.follow(after: last) }
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

  /// - Returns: nil: the cluster.
  /// - Throws: 403 for whoever asks for a desk that is not their own; whether there is one of that name is not said.
  private static func desk(of context: APIContext, named name: DeskName?) throws -> DeskName? {
    try context.require(atLeast: .supervisor)
    guard !context.isClusterAdmin else { return name }
    if let name, name != context.desk {
      throw ProblemDetails.forbidden(
        "Your token is of the desk `\(context.desk)`, and you follow that one alone: leave `desk` out.")
    }
    return context.desk
  }
}
