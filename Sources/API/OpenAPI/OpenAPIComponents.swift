import Desk
internal import Protocol

extension OpenAPIDocument {
  static let components = #"""
    {
      "securitySchemes": {
        "bearer": {
          "type": "http",
          "scheme": "bearer",
          "bearerFormat": "JWT",
          "description": "Claims: `sub`, `role` (customer, agent, supervisor, admin), `name`, `exp`; for \#
    agents `skills` and `capacity`, for customers `priority`: the most that they may ask for."
        }
      },
      "parameters": {
        "IdempotencyKey": {
          "name": "Idempotency-Key",
          "in": "header",
          "description": "What the request is remembered by, as the `id` of a frame: visible characters of ASCII that you \#
    choose. A repetition with the same key gets the first answer; without a key, a repetition is a new request.",
          "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!#-~]+$"}
        },
        "IfMatch": {
          "name": "If-Match",
          "in": "header",
          "description": "`ETag` of the session that you have seen: it is done if nothing has been done to the session since, \#
    and else refused (412). Several with commas between them, up to 8; `*`: whatever it is. From format level 5 on.",
          "schema": {"type": "string"}
        },
        "Session": {
          "name": "session",
          "in": "path",
          "required": true,
          "description": "The session, as `opened` gave it.",
          "schema": {"type": "string", "pattern": "^[1-9][0-9]{0,19}$"}
        },
        "Node": {
          "name": "name",
          "in": "path",
          "required": true,
          "description": "The name of the node.",
          "schema": {"type": "string"}
        },
        "Month": {
          "name": "month",
          "in": "path",
          "required": true,
          "description": "A month of the archive, in UTC.",
          "schema": {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"}
        }
      },
      "headers": {
        "ETag": {
          "description": "Of the answer: it is another one whenever anything in the answer is.",
          "schema": {"type": "string"}
        }
      },
      "responses": \#(responses),
      "schemas": {
        "Opened": {
          "type": "object",
          "required": ["session", "state", "position", "eta_ms", "agents"],
          "properties": {
            "session": {"type": "string"},
            "state": {"type": "string", "enum": ["queued", "active", "closed"]},
            "position": {"type": "integer", "minimum": 0, "description": "From 1; 0 when it does not wait."},
            "eta_ms": {"type": "integer", "minimum": 0},
            "eta_low_ms": {"type": "integer", "minimum": 0},
            "eta_high_ms": {"type": "integer", "minimum": 0},
            "agents": {"type": "array", "items": {"type": "string"}}
          }
        },
        "Stored": {
          "type": "object",
          "required": ["session", "seq", "time"],
          "properties": {
            "session": {"type": "string"},
            "seq": {"type": "integer", "minimum": 1},
            "time": {"type": "string", "format": "date-time"}
          }
        },
        "Done": {"type": "object"},
        "NewMember": {
          "type": "object",
          "required": ["id", "peer", "client"],
          "properties": {
            "id": {"type": "integer", "minimum": 1, "maximum": 65535},
            "name": {
              "type": "string",
              "pattern": "^[A-Za-z0-9._-]{1,128}$",
              "description": "By default `node` and the id."
            },
            "peer": {"type": "string", "description": "host:port for peers"},
            "client": {"type": "string", "description": "http://host:port for clients"},
            "replaces": {"type": "string", "description": "The name of a node that goes."}
          }
        },
        "MembersChanged": {
          "type": "object",
          "required": ["changed", "state"],
          "properties": {
            "changed": {"type": "boolean"},
            "state": {"type": "string", "enum": ["done", "pending"]},
            "detail": {"type": "string", "description": "What it waits for, when it is pending."},
            "see": {"type": "string", "description": "Where that can be seen."}
          }
        },
        "Problem": {
          "type": "object",
          "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {
              "type": "string",
              \#(errorCodes)
            }
          },
          "required": ["type", "title", "status", "detail", "code"]
        },
        "Session": {
          "type": "object",
          "properties": {
            "state": {"type": "string", "enum": ["queued", "active", "closed"]},
            \#(sessionProperties),
            "customer_away": {
              "type": "boolean",
              "description": "Only when true: it waits and is passed over, for its customer is gone. position is the one that it would have."
            },
            "customer": {
              "type": "object",
              "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
              "required": ["id", "name"]
            },
            "intent": {"type": "string"},
            "priority": {"type": "integer"},
            "attributes": {
              "type": "object",
              "additionalProperties": true,
              "maxProperties": 64,
              "description": "Names of at most 128 bytes, values of at most 4096 bytes of JSON, 16384 bytes in all; as \#
    they were given, numbers to the last digit."
            },
            "owner": {"type": "string", "description": "The node that orders its messages; empty when the session has left the memory of the nodes."},
            "epoch": {"type": "integer", "description": "For supervisors and admins: rises by one with each change of the owner."},
            "closed_at": {"type": "string", "format": "date-time"},
            "close_reason": {"type": "string"}\#(facetProperties)
          },
          "required": [
            "session",
            "state",
            "seq",
            "agents",
            "customer",
            "channel",
            "skill",
            "intent",
            "priority",
            "attributes",
            "owner",
            "opened_at",
            "updated_at"
          ]
        },
        "OwnSessions": {
          "type": "object",
          "properties": {
            "sessions": {"type": "array", "items": {"$ref": "#/components/schemas/OwnSession"}},
            "more": {"type": "boolean", "description": "There are older ones."},
            "next": {"$ref": "#/components/schemas/Next"}
          },
          "required": ["sessions", "more"]
        },
        "OwnSession": {
          "type": "object",
          "properties": {
            "state": {"type": "string", "enum": ["queued", "active"]},
            \#(sessionProperties)
          },
          "required": ["session", "state", "seq", "agents", "channel", "skill", "opened_at", "updated_at"]
        },
        "Messages": {
          "type": "object",
          "properties": {
            "session": {"type": "string"},
            "messages": {"type": "array", "items": {"$ref": "#/components/schemas/Message"}},
            "more": {"type": "boolean", "description": "There are further messages in this direction."},
            "complete": {"type": "boolean", "description": "false where what was asked for begins with messages that are kept no more."},
            "next": {"$ref": "#/components/schemas/Next"}
          },
          "required": ["session", "messages", "more"]
        },
        "Message": {
          "type": "object",
          "properties": {
            "seq": {"type": "integer", "minimum": 1},
            "id": {"type": "string"},
            "from": {"type": "string"},
            "role": {"type": "string", "enum": ["customer", "agent", "supervisor", "admin"]},
            "name": {"type": "string"},
            "kind": {"type": "string", "enum": ["text", "system"]},
            "body": {"type": "string"},
            "time": {"type": "string", "format": "date-time"}
          },
          "required": ["seq", "id", "from", "role", "name", "kind", "body", "time"]
        },
        "Agents": {
          "type": "object",
          "properties": {
            "agents": {"type": "array", "items": {"$ref": "#/components/schemas/Agent"}},
            "next": {"$ref": "#/components/schemas/Next"}
          },
          "required": ["agents"]
        },
        "Members": {\#(MembersDocument.schema)},
        "Next": {
          "type": "string",
          "description": "`cursor` of the page behind this one; missing on the last one. Good for this list alone, on any \#
    node. Whatever is there from the first page to the last one is in one of them, once."
        },
        "Agent": {
          "type": "object",
          "properties": {
            "id": {"type": "string"},
            "name": {"type": "string"},
            "status": {"type": "string", "enum": ["online", "busy", "away", "offline"]},
            "skills": {
              "type": "array",
              "items": {
                "type": "object",
                "properties": {"skill": {"type": "string"}, "weight": {"type": "number"}},
                "required": ["skill", "weight"]
              }
            },
            "capacity": {"type": "integer", "minimum": 0},
            "chats": {"type": "array", "items": {"type": "string"}},
            "offers": {
              "type": "array", "description": "Sessions that the agent is asked for.", "items": {"type": "string"}
            },
            "wrapping_up": {
              "type": "array",
              "description": "Sessions that are over, and with which the agent still has to do: they take room.",
              "items": {"type": "string"}
            },
            "nodes": {
              "type": "array",
              "description": "Nodes where the agent is connected, one entry for each connection.",
              "items": {"type": "string"}
            }
          },
          "required": ["id", "name", "status", "skills", "capacity", "chats", "nodes"]
        },
        "ClusterStatus": {\#(ClusterStatus.schema)},
        "Member": {\#(ClusterStatus.Member.objectSchema)}
      }
    }
    """#
}
