/// The handshake of the WebSocket; what is read is described in `OpenAPIQueries`.
extension OpenAPIDocument {
  static let paths = #"""
    {
      "/v1/connect": {
        "get": {
          "tags": ["clients"],
          "operationId": "connect",
          "summary": "Open a WebSocket",
          "description": "The handshake of RFC 6455, as any request of a connection: it has its turn when all \#
    before it are answered. The token goes into Authorization or into the first frame (`hello`), never into \#
    the URL. Refusals close the connection.",
          "security": [{}, {"bearer": []}],
          "parameters": [
            {
              "name": "Sec-WebSocket-Version",
              "in": "header",
              "required": true,
              "schema": {"type": "string", "const": "13"}
            },
            {
              "name": "Sec-WebSocket-Key",
              "in": "header",
              "required": true,
              "schema": {"type": "string", "minLength": 24, "maxLength": 24}
            },
            {
              "name": "Sec-WebSocket-Protocol",
              "in": "header",
              "description": "`v2.msg`, or nothing.",
              "schema": {"type": "string"}
            },
            {
              "name": "Origin",
              "in": "header",
              "description": "Set by browsers; has to be allowed by configuration.",
              "schema": {"type": "string"}
            }
          ],
          "responses": {
            "101": {"description": "The connection is a WebSocket from here on."},
            "400": {"$ref": "#/components/responses/BadRequest"},
            "401": {"$ref": "#/components/responses/Unauthorized"},
            "403": {"$ref": "#/components/responses/Forbidden"},
            "414": {"$ref": "#/components/responses/TargetTooLong"},
            "426": {"$ref": "#/components/responses/UpgradeRequired"},
            "429": {"$ref": "#/components/responses/TooManyRequests"},
            "431": {"$ref": "#/components/responses/HeadTooLarge"},
            "503": {"$ref": "#/components/responses/Unavailable"}
          }
        }
      }
    }
    """#
}
