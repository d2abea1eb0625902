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
        "Members": {
          "type": "object",
          "properties": {
            "members": {"type": "array", "items": {"$ref": "#/components/schemas/Member"}},
            "next": {"$ref": "#/components/schemas/Next"}
          },
          "required": ["members"]
        },
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
            "nodes": {
              "type": "array",
              "description": "Nodes where the agent is connected, one entry for each connection.",
              "items": {"type": "string"}
            }
          },
          "required": ["id", "name", "status", "skills", "capacity", "chats", "nodes"]
        },
        "ClusterStatus": {
          "type": "object",
          "properties": {
            "cluster": {"type": "string"},
            "observed_by": {"type": "string"},
            "observed_at": {"type": "string", "format": "date-time"},
            "health": {"type": "string", "enum": ["ok", "degraded", "no_quorum"]},
            "problems": {
              "type": "array",
              "items": {
                "type": "object",
                "properties": {
                  "code": {"type": "string"},
                  "node": {"type": "string"},
                  "since": {"type": "string", "format": "date-time"},
                  "advice": {"type": "string"}
                },
                "required": ["code", "node", "since", "advice"]
              }
            },
            "leader": {"type": ["string", "null"]},
            "term": {"type": "integer", "minimum": 0},
            "commit_index": {"type": "integer", "minimum": 0},
            "applied_index": {"type": "integer", "minimum": 0},
            "level": {
              "type": "integer",
              "minimum": 1,
              "description": "The format level that the cluster writes; raised once every member reads a higher one."
            },
            "quorum": {
              "type": "object",
              "properties": {
                "voters": {"type": "integer", "minimum": 0},
                "needed": {"type": "integer", "minimum": 0},
                "reachable": {"type": "integer", "minimum": 0},
                "can_lose": {"type": "integer", "minimum": 0}
              },
              "required": ["voters", "needed", "reachable", "can_lose"]
            },
            "members": {"type": "array", "items": {"$ref": "#/components/schemas/Member"}},
            "sessions": {
              "type": "object",
              "properties": {
                "active": {"type": "integer", "minimum": 0},
                "queued": {"type": "integer", "minimum": 0},
                "closed": {"type": "integer", "minimum": 0}
              },
              "required": ["active", "queued", "closed"]
            },
            "agents": {
              "type": "object",
              "properties": {
                "online": {"type": "integer", "minimum": 0},
                "busy": {"type": "integer", "minimum": 0},
                "away": {"type": "integer", "minimum": 0},
                "offline": {"type": "integer", "minimum": 0}
              },
              "required": ["online", "busy", "away", "offline"]
            }
          },
          "required": [
            "cluster",
            "observed_by",
            "observed_at",
            "health",
            "problems",
            "leader",
            "term",
            "commit_index",
            "applied_index",
            "level",
            "quorum",
            "members",
            "sessions",
            "agents"
          ]
        },
        "Member": {
          "type": "object",
          "properties": {
            "id": {"type": "string"},
            "address": {"type": "string"},
            "client_url": {"type": "string"},
            "role": {"type": "string"},
            "voter": {"type": "boolean"},
            "state": {"type": "string", "enum": ["alive", "suspect", "dead", "draining"]},
            "reachable": {"type": "boolean"},
            "rtt_ms": {"type": "number"},
            "last_contact_ms": {"type": "integer", "minimum": 0},
            "match_index": {"type": "integer", "minimum": 0},
            "applied_index": {"type": "integer", "minimum": 0},
            "lag": {"type": "integer", "minimum": 0},
            "version": {"type": "string"},
            "level": {"type": "integer", "minimum": 1, "description": "The highest format level that it reads."},
            "uptime_s": {"type": "integer", "minimum": 0},
            "load": {
              "type": "object",
              "properties": {
                "connections": {"type": "integer", "minimum": 0},
                "sessions": {"type": "integer", "minimum": 0},
                "cpu": {"type": "number"},
                "loop_lag_ms": {"type": "number"},
                "ack_p99_ms": {"type": "number"},
                "age_ms": {"type": "integer", "minimum": 0}
              },
              "required": ["connections", "sessions", "cpu", "loop_lag_ms", "ack_p99_ms", "age_ms"]
            },
            "storage": {
              "type": "object",
              "properties": {
                "log_bytes": {"type": "integer", "minimum": 0},
                "fsync_p99_ms": {"type": "number"},
                "snapshot_index": {"type": "integer", "minimum": 0},
                "disk_free_bytes": {"type": "integer", "minimum": 0},
                "archive_rows": {"type": "integer", "minimum": 0}
              },
              "required": ["log_bytes", "fsync_p99_ms", "snapshot_index", "disk_free_bytes", "archive_rows"]
            },
            "archive": {
              "type": "object",
              "description": "What is over, on the disk of the observing node alone.",
              "properties": {
                "complete_index": {"type": "integer", "minimum": 0, "description": "It has all that was applied up to here."},
                "lag": {"type": "integer", "minimum": 0, "description": "Log entries that it is behind."},
                "gap": {"type": "boolean", "description": "Whether it misses something, and is filled from the state and from other nodes."},
                "missing_entries": {"type": "integer", "minimum": 0, "description": "Log entries whose rows it may miss, of any month or of one."},
                "rows_from_others": {"type": "integer", "minimum": 0, "description": "Rows that came from other nodes since this one has started."},
                "erasing": {"type": "boolean", "description": "Whether something that was erased is still in files of the node."},
                "sessions": {"type": "integer", "minimum": 0},
                "messages": {"type": "integer", "minimum": 0},
                "bytes": {"type": "integer", "minimum": 0}
              },
              "required": [
                "complete_index", "lag", "gap", "missing_entries", "rows_from_others", "erasing", "sessions", "messages",
                "bytes"
              ]
            },
            "gossip": {
              "type": "object",
              "description": "What nodes say of it in datagrams, as advice; not there when the observer does not gossip.",
              "properties": {
                "state": {"type": "string", "enum": ["alive", "suspect", "dead", "left"]},
                "age_ms": {"type": "integer", "minimum": 0, "description": "Of its hints, once there are any."}
              },
              "required": ["state"]
            },
            "certificates": {
              "type": "array",
              "description": "Of the observing node alone, when it uses TLS.",
              "items": {
                "type": "object",
                "properties": {
                  "use": {"type": "string", "enum": ["client", "peer"]},
                  "expires_at": {"type": "string", "format": "date-time"},
                  "days_left": {"type": "integer", "description": "Rounded down; below 0 once it has ended."},
                  "renewal_refused": {
                    "type": "boolean",
                    "description": "Its files have changed to what cannot be used; the node goes on with what it had."
                  }
                },
                "required": ["use", "expires_at", "days_left", "renewal_refused"]
              }
            }
          },
          "required": ["id", "address", "client_url", "role", "voter", "state", "reachable", "version"],
          "description": "What the observing node does not know is left out."
        }
      }
    }
    """#
}
