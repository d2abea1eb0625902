extension OpenAPIDocument {
  /// What each of these can be answered with when it is not done.
  private static let failures = #"""
    "400": {"$ref": "#/components/responses/BadRequest"},
    "401": {"$ref": "#/components/responses/Unauthorized"},
    "403": {"$ref": "#/components/responses/Forbidden"},
    "414": {"$ref": "#/components/responses/TargetTooLong"},
    "429": {"$ref": "#/components/responses/TooManyRequests"},
    "503": {"$ref": "#/components/responses/Unavailable"}
    """#

  /// Changes of the running cluster.
  static let controlPaths = #"""
    {
      "/v1/cluster/members/{name}": {
        "delete": {
          "tags": ["cluster"],
          "operationId": "removeMember",
          "summary": "Remove a node",
          "description": "Its sessions go to the others, its clients are sent to them, and its process \#
    ends. Only the leader does it. For admins.",
          "parameters": [
            {"$ref": "#/components/parameters/Node"}
          ],
          "responses": {
            "200": {"$ref": "#/components/responses/MembersChanged"},
            "202": {"$ref": "#/components/responses/MembersPending"},
            "404": {"$ref": "#/components/responses/NotFound"},
            "409": {"$ref": "#/components/responses/Refused"},
            "421": {"$ref": "#/components/responses/NotLeader"},
            \#(failures)
          }
        }
      },
      "/v1/cluster/leader": {
        "post": {
          "tags": ["cluster"],
          "operationId": "transferLeadership",
          "summary": "Hand leadership over",
          "description": "Answers once another node leads. Only the leader does it. For admins.",
          "requestBody": {
            "required": true,
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "properties": {
                    "node": {"type": "string", "description": "Without it: whichever is furthest."}
                  }
                }
              }
            }
          },
          "responses": {
            "200": {
              "description": "Another node leads.",
              "content": {
                "application/json": {
                  "schema": {
                    "type": "object",
                    "required": ["from", "to", "milliseconds"],
                    "properties": {
                      "from": {"type": "string"},
                      "to": {"type": "string"},
                      "milliseconds": {"type": "number"}
                    }
                  }
                }
              }
            },
            "404": {"$ref": "#/components/responses/NotFound"},
            "409": {"$ref": "#/components/responses/Refused"},
            "413": {"$ref": "#/components/responses/TooLarge"},
            "421": {"$ref": "#/components/responses/NotLeader"},
            \#(failures)
          }
        }
      },
      "/v1/nodes/{name}/drain": {
        "post": {
          "tags": ["cluster"],
          "operationId": "drain",
          "summary": "Empty a node, so that it can be stopped",
          "description": "Leadership first, then its sessions, then its clients, each told where to go. \#
    Answers when it is done. Only the node itself does it. For admins.",
          "parameters": [
            {"$ref": "#/components/parameters/Node"}
          ],
          "responses": {
            "200": {"$ref": "#/components/responses/Changed"},
            "404": {"$ref": "#/components/responses/NotFound"},
            "421": {"$ref": "#/components/responses/NotLeader"},
            \#(failures)
          }
        },
        "delete": {
          "tags": ["cluster"],
          "operationId": "endDrain",
          "summary": "A drained node takes clients and sessions again",
          "description": "Only the node itself does it. For admins.",
          "parameters": [
            {"$ref": "#/components/parameters/Node"}
          ],
          "responses": {
            "200": {"$ref": "#/components/responses/Changed"},
            "404": {"$ref": "#/components/responses/NotFound"},
            "421": {"$ref": "#/components/responses/NotLeader"},
            \#(failures)
          }
        }
      },
      "/v1/snapshots": {
        "post": {
          "tags": ["cluster"],
          "operationId": "makeSnapshot",
          "summary": "Have this node write a snapshot",
          "description": "Answers once a snapshot is on the disk of this node that has all that was committed \#
    when it was asked for: what a backup begins with. Takes 30 seconds at the most; 16 may wait. For admins.",
          "responses": {
            "200": {
              "description": "It is on the disk.",
              "content": {
                "application/json": {
                  "schema": {
                    "type": "object",
                    "required": ["index", "node"],
                    "properties": {
                      "index": {"type": "integer", "description": "The entry of the log up to which it has all."},
                      "node": {"type": "string", "description": "The name of the node."}
                    }
                  }
                }
              }
            },
            \#(failures)
          }
        }
      },
      "/v1/archive/months/{month}/detach": {
        "post": {
          "tags": ["cluster"],
          "operationId": "detachMonth",
          "summary": "Take the file of a month out of the archive of this node",
          "description": "Not of this month and the one before. Lists and pages that could have a part of it say that they \#
    are not complete. `switchboard archive detach` moves the file on. For admins.",
          "parameters": [
            {"$ref": "#/components/parameters/Month"}
          ],
          "responses": {
            "200": {
              "description": "It is in the folder `detached` of the archive.",
              "content": {
                "application/json": {
                  "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                      "file": {"type": "string", "description": "On the machine of the node."}
                    }
                  }
                }
              }
            },
            "404": {"$ref": "#/components/responses/NotFound"},
            "409": {"$ref": "#/components/responses/Refused"},
            \#(failures)
          }
        }
      },
      "/v1/archive/months/{month}/attach": {
        "post": {
          "tags": ["cluster"],
          "operationId": "attachMonth",
          "summary": "Take the file of a month back into the archive of this node",
          "description": "From the folder `attaching` of the archive, where `switchboard archive attach` has put and \#
    checked it. For admins.",
          "parameters": [
            {"$ref": "#/components/parameters/Month"}
          ],
          "responses": {
            "200": {"$ref": "#/components/responses/Changed"},
            "404": {"$ref": "#/components/responses/NotFound"},
            "409": {"$ref": "#/components/responses/Refused"},
            \#(failures)
          }
        }
      },
      "/v1/archive/months/{month}/give-up": {
        "post": {
          "tags": ["cluster"],
          "operationId": "giveUpMonth",
          "summary": "Fill a detached month from other nodes, since its file will not come back",
          "description": "What no node has of it is gone. For admins.",
          "parameters": [
            {"$ref": "#/components/parameters/Month"}
          ],
          "responses": {
            "200": {"$ref": "#/components/responses/Changed"},
            "404": {"$ref": "#/components/responses/NotFound"},
            "409": {"$ref": "#/components/responses/Refused"},
            \#(failures)
          }
        }
      },
      "/v1/archive/mend": {
        "post": {
          "tags": ["cluster"],
          "operationId": "mendArchive",
          "summary": "Compare a month of the archive of this node with its checksums, and mend it",
          "description": "A file that is damaged is set aside, and its month filled again from the state and from other nodes; the status says when that is done. Ask again with `after` until no month comes. For admins.",
          "requestBody": {
            "required": true,
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "properties": {
                    "month": {"type": "string", "description": "The month, in UTC, like 2026-08; without it the first one that is kept behind `after`."},
                    "after": {"type": "string", "description": "The month of the answer before; without it the first of all, and the catalogue with it."}
                  }
                }
              }
            }
          },
          "responses": {
            "200": {
              "description": "What was found.",
              "content": {
                "application/json": {
                  "schema": {
                    "type": "object",
                    "required": ["rows", "is_whole"],
                    "properties": {
                      "month": {"type": "string", "description": "Not there when no month is left."},
                      "rows": {"type": "integer", "minimum": 0, "description": "That are as they were written."},
                      "damage": {"type": "string", "description": "What was not, in words for people."},
                      "is_whole": {"type": "boolean", "description": "Whether the archive misses nothing that is known of."}
                    }
                  }
                }
              }
            },
            "404": {"$ref": "#/components/responses/NotFound"},
            "409": {"$ref": "#/components/responses/Refused"},
            "413": {"$ref": "#/components/responses/TooLarge"},
            \#(failures)
          }
        }
      },
      "/v1/development/partition": {
        "put": {
          "tags": ["operation"],
          "operationId": "partition",
          "summary": "Cut this node off from others, for tests",
          "description": "Refused unless the node was started with `development.faults`. An empty list heals. For admins.",
          "requestBody": {
            "required": true,
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "required": ["nodes"],
                  "properties": {
                    "nodes": {"type": "array", "items": {"type": "string"}},
                    "direction": {
                      "type": "string",
                      "enum": ["both", "in", "out"],
                      "default": "both",
                      "description": "`in`: what they send is lost; `out`: what is sent to them."
                    }
                  }
                }
              }
            }
          },
          "responses": {
            "200": {"$ref": "#/components/responses/Changed"},
            "404": {"$ref": "#/components/responses/NotFound"},
            "409": {"$ref": "#/components/responses/Refused"},
            "413": {"$ref": "#/components/responses/TooLarge"},
            \#(failures)
          }
        }
      },
      "/v1/development/clock": {
        "put": {
          "tags": ["operation"],
          "operationId": "setClock",
          "summary": "Set the clock of this node, for tests",
          "description": "Refused unless the node was started with `development.faults`. 0 sets it right. For admins.",
          "requestBody": {
            "required": true,
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "required": ["ahead_ms"],
                  "properties": {
                    "ahead_ms": {"type": "integer", "minimum": -31536000000, "maximum": 31536000000}
                  }
                }
              }
            }
          },
          "responses": {
            "200": {"$ref": "#/components/responses/Changed"},
            "404": {"$ref": "#/components/responses/NotFound"},
            "409": {"$ref": "#/components/responses/Refused"},
            "413": {"$ref": "#/components/responses/TooLarge"},
            \#(failures)
          }
        }
      },
      "/v1/development/disk": {
        "put": {
          "tags": ["operation"],
          "operationId": "disturbDisk",
          "summary": "Make this node's disk slow or full, for tests",
          "description": "Refused unless the node was started with `development.faults`. Without fields it is as it was. For admins.",
          "requestBody": {
            "required": true,
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "properties": {
                    "sync_delay_ms": {"type": "integer", "minimum": 0, "maximum": 10000, "default": 0},
                    "full": {"type": "boolean", "default": false}
                  }
                }
              }
            }
          },
          "responses": {
            "200": {"$ref": "#/components/responses/Changed"},
            "404": {"$ref": "#/components/responses/NotFound"},
            "409": {"$ref": "#/components/responses/Refused"},
            "413": {"$ref": "#/components/responses/TooLarge"},
            \#(failures)
          }
        }
      }
    }
    """#

  /// Changes under paths where something is read, too.
  static let otherMethods = [
    "/v1/cluster/members": #"""
        "post": {
          "tags": ["cluster"],
          "operationId": "addMember",
          "summary": "Add a node, or replace one",
          "description": "The node receives the log at once and votes as soon as it has caught up. With \#
    `replaces`, the other node goes in the same step. Only the leader does it. The number of \#
    a member that answers where it is names no other node. For admins.",
          "requestBody": {
            "required": true,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewMember"}}}
          },
          "responses": {
            "200": {"$ref": "#/components/responses/MembersChanged"},
            "202": {"$ref": "#/components/responses/MembersPending"},
            "404": {"$ref": "#/components/responses/NotFound"},
            "409": {"$ref": "#/components/responses/Refused"},
            "413": {"$ref": "#/components/responses/TooLarge"},
            "421": {"$ref": "#/components/responses/NotLeader"},
            \#(failures)
          }
        }
    """#
  ]
}
