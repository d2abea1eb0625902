internal import Hummingbird

struct DescriptionRoutes: RouteSet {
  /// `/v1/connect` never comes here as a handshake: that is answered at the door, so this is a second request of a
  /// connection that began as HTTP.
  var paths: [String] { [Self.query.path, "/v1/connect"] }

  static let query = QueryRoute(
    path: "/openapi.json", name: "openapi", tag: "operation", summary: "This document", readers: .anybody,
    answer: .init(about: "OpenAPI 3.1.", schema: #""type": "object""#))

  var needsIdentity: Bool { false }

  func add(to routes: some RouterMethods<APIContext>) {
    routes.get("/openapi.json") { _, _ in
      Response.text(OpenAPIDocument.text, type: "application/json")
    }
    routes.get("/v1/connect") { _, _ -> Response in
      throw ProblemDetails.upgradeRequired(
        "A WebSocket needs a connection of its own: the handshake has to be its first request.",
        headers: [.init(.upgrade, "websocket"), .init(.webSocketVersion, "13"), .init(.connection, "upgrade")])
    }
  }
}
