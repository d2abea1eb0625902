import Desk
internal import Protocol

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
      },
      "/v1/cluster/status": {
        "get": {
          "tags": ["cluster"],
          "operationId": "clusterStatus",
          "summary": "The cluster as this node sees it",
          "description": "Always answers and never waits for a quorum. For agents, supervisors and \#
    admins; without a token where the node is configured so.",
          "security": [{"bearer": []}, {}],
          "responses": {
            "200": {
              "description": "What the node knows now.",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ClusterStatus"}}}
            },
            "400": {"$ref": "#/components/responses/BadRequest"},
            "401": {"$ref": "#/components/responses/Unauthorized"},
            "403": {"$ref": "#/components/responses/Forbidden"},
            "414": {"$ref": "#/components/responses/TargetTooLong"},
            "429": {"$ref": "#/components/responses/TooManyRequests"},
            "503": {"$ref": "#/components/responses/Unavailable"}
          }
        }
      },
      "/v1/agents": {
        "get": {
          "tags": ["cluster"],
          "operationId": "agents",
          "summary": "All agents",
          "description": "As this node has them, sorted by id, page by page. For agents, supervisors and admins.",
          "parameters": [\#(describe(ClusterRoutes.listFields))],
          "responses": {
            "200": {
              "description": "The agents.",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Agents"}}}
            },
            "400": {"$ref": "#/components/responses/BadRequest"},
            "401": {"$ref": "#/components/responses/Unauthorized"},
            "403": {"$ref": "#/components/responses/Forbidden"},
            "414": {"$ref": "#/components/responses/TargetTooLong"},
            "429": {"$ref": "#/components/responses/TooManyRequests"},
            "503": {"$ref": "#/components/responses/Unavailable"}
          }
        }
      },
      "/v1/events": {
        "get": {
          "tags": ["cluster"],
          "operationId": "events",
          "summary": "What happens to the cluster, as it happens",
          "description": "Server-sent events, as this node sees them; docs/operations.md names them. A stream ends with the \#
    event `end` after 100 seconds, when the node is shut down, and when its reader is too slow: come back with the header \#
    field `Last-Event-ID`, and nothing is missed, or an event `missed` says so. For admins.",
          "parameters": [
            {
              "name": "Last-Event-ID",
              "in": "header",
              "description": "The id of the last event that you have had.",
              "schema": {"type": "string"}
            }
          ],
          "responses": {
            "200": {
              "description": "Events, one after the other.",
              "content": {"text/event-stream": {}}
            },
            "400": {"$ref": "#/components/responses/BadRequest"},
            "401": {"$ref": "#/components/responses/Unauthorized"},
            "403": {"$ref": "#/components/responses/Forbidden"},
            "414": {"$ref": "#/components/responses/TargetTooLong"},
            "429": {"$ref": "#/components/responses/TooManyRequests"},
            "503": {"$ref": "#/components/responses/Unavailable"}
          }
        }
      },
      "/v1/sessions": {
        "get": {
          "tags": ["sessions"],
          "operationId": "ownSessions",
          "summary": "One's own open sessions",
          "description": "Newest first: those that a customer has opened, those that anybody else serves. Whoever \#
    has kept nothing goes on with one of them.",
          "parameters": [\#(describe(SessionRoutes.ownFields))],
          "responses": {
            "200": {
              "description": "The sessions.",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OwnSessions"}}}
            },
            "400": {"$ref": "#/components/responses/BadRequest"},
            "401": {"$ref": "#/components/responses/Unauthorized"},
            "414": {"$ref": "#/components/responses/TargetTooLong"},
            "429": {"$ref": "#/components/responses/TooManyRequests"},
            "503": {"$ref": "#/components/responses/Unavailable"}
          }
        },
        \#(post("/v1/sessions"))
      },
      "/v1/sessions/{session}": {
        "get": {
          "tags": ["sessions"],
          "operationId": "session",
          "summary": "One session",
          "description": "For its customer, its agents, supervisors and admins.",
          "parameters": [
            {"$ref": "#/components/parameters/Session"},
            {
              "name": "If-None-Match",
              "in": "header",
              "description": "`ETag` of the answer that you have: 304 when it would be the same.",
              "schema": {"type": "string"}
            },
            \#(describe(SessionRoutes.sessionFields))
          ],
          "responses": {
            "200": {
              "description": "The session.",
              "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Session"}}}
            },
            "304": {
              "description": "It is as you have it.",
              "headers": {"ETag": {"$ref": "#/components/headers/ETag"}}
            },
            "400": {"$ref": "#/components/responses/BadRequest"},
            "401": {"$ref": "#/components/responses/Unauthorized"},
            "403": {"$ref": "#/components/responses/Forbidden"},
            "404": {"$ref": "#/components/responses/NotFound"},
            "414": {"$ref": "#/components/responses/TargetTooLong"},
            "429": {"$ref": "#/components/responses/TooManyRequests"},
            "503": {"$ref": "#/components/responses/Unavailable"}
          }
        }
      },
      "/v1/sessions/{session}/messages": {
        "get": {
          "tags": ["sessions"],
          "operationId": "messages",
          "summary": "Messages of a session",
          "description": "Ascending by `seq`. At most one of `after`, `before` and `since`; without any, \#
    from the first message on. For the session's customer, its agents, supervisors and admins.",
          "parameters": [
            {"$ref": "#/components/parameters/Session"},
            \#(describe(SessionRoutes.messageFields))
          ],
          "responses": {
            "200": {
              "description": "A page of messages.",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Messages"}}}
            },
            "400": {"$ref": "#/components/responses/BadRequest"},
            "401": {"$ref": "#/components/responses/Unauthorized"},
            "403": {"$ref": "#/components/responses/Forbidden"},
            "404": {"$ref": "#/components/responses/NotFound"},
            "414": {"$ref": "#/components/responses/TargetTooLong"},
            "429": {"$ref": "#/components/responses/TooManyRequests"},
            "503": {"$ref": "#/components/responses/Unavailable"}
          }
        },
        \#(post("/v1/sessions/{session}/messages"))
      },
      "/metrics": {
        "get": {
          "tags": ["operation"],
          "operationId": "metrics",
          "summary": "Figures for Prometheus",
          "description": "Text exposition format 0.0.4. Open wherever the status is.",
          "security": [{"bearer": []}, {}],
          "responses": {
            "200": {"description": "The figures.", "content": {"text/plain": {"schema": {"type": \#
    "string"}}}},
            "400": {"$ref": "#/components/responses/BadRequest"},
            "401": {"$ref": "#/components/responses/Unauthorized"},
            "403": {"$ref": "#/components/responses/Forbidden"},
            "414": {"$ref": "#/components/responses/TargetTooLong"}
          }
        }
      },
      "/livez": {
        "get": {
          "tags": ["operation"],
          "operationId": "livez",
          "summary": "The process lives",
          "security": [{}],
          "responses": {
            "200": {"description": "It does.", "content": {"text/plain": {"schema": {"type": "string"}}}},
            "400": {"$ref": "#/components/responses/BadRequest"},
            "414": {"$ref": "#/components/responses/TargetTooLong"}
          }
        }
      },
      "/readyz": {
        "get": {
          "tags": ["operation"],
          "operationId": "readyz",
          "summary": "The node can serve clients",
          "description": "Checks that failed are listed by name.",
          "security": [{}],
          "parameters": [\#(describe(HealthRoutes.readyFields))],
          "responses": {
            "200": {"description": "Ready.", "content": {"text/plain": {"schema": {"type": "string"}}}},
            "400": {"$ref": "#/components/responses/BadRequest"},
            "414": {"$ref": "#/components/responses/TargetTooLong"},
            "503": {
              "description": "Not ready; the failed checks.",
              "content": {"text/plain": {"schema": {"type": "string"}}}
            }
          }
        }
      },
      "/openapi.json": {
        "get": {
          "tags": ["operation"],
          "operationId": "openapi",
          "summary": "This document",
          "security": [{}],
          "responses": {
            "200": {
              "description": "OpenAPI 3.1.",
              "content": {"application/json": {"schema": {"type": "object"}}}
            },
            "400": {"$ref": "#/components/responses/BadRequest"},
            "414": {"$ref": "#/components/responses/TargetTooLong"},
            "429": {"$ref": "#/components/responses/TooManyRequests"},
            "503": {"$ref": "#/components/responses/Unavailable"}
          }
        }
      }
    }
    """#
}
