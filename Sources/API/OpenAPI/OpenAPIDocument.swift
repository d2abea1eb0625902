/// What `/openapi.json` says: OpenAPI 3.1, of exactly the routes that are there (a test compares them).
enum OpenAPIDocument {
  static let text =
    "{"
    + [
      String(object: general), "\"paths\": " + joined(paths, queryPaths, controlPaths, operationPaths),
      "\"components\": " + components,
    ].joined(separator: ",\n") + "}\n"

  /// One JSON object of several.
  private static func joined(_ objects: String...) -> String {
    "{" + objects.map { String(object: $0) }.joined(separator: ",") + "}"
  }

  private static let general = #"""
    {
      "openapi": "3.1.0",
      "info": {
        "title": "Switchboard",
        "version": "1",
        "description": "The HTTP interface of a Switchboard node. Messages in real time go over the \#
    WebSocket of `/v1/connect`, subprotocol `v2.msg`. Errors are problem details (RFC 9457) with a stable \#
    `code`. Routes that answer GET answer HEAD, too. A path has one spelling: words of letters, digits and \#
    - . _ ~ with one slash before each. Any request may be answered 429, but those for the node's health, \#
    which are always let in. A body has at most 65536 bytes (413). Connections are kept as HTTP/1.1 and \#
    HTTP/1.0 have it. Pages of the allowed origins may read every answer (CORS), and are told beforehand \#
    (`OPTIONS`, 204) what they may send; a page of another origin is told 403.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
      },
      "security": [{"bearer": []}],
      "tags": [
        {"name": "cluster", "description": "The nodes, and who serves."},
        {"name": "sessions", "description": "Conversations."},
        {"name": "operation", "description": "For monitoring."},
        {"name": "clients", "description": "The WebSocket."}
      ]
    }
    """#
}

extension String {
  /// A JSON object without its braces.
  fileprivate init(object: String) { self.init(object.dropFirst().dropLast()) }
}
