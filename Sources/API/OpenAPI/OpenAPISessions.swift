extension OpenAPIDocument {
  /// The properties of a session wherever one is described (`SessionHead`), beside its state.
  static let sessionProperties = #"""
    "session": {"type": "string"},
    "seq": {"type": "integer", "minimum": 0, "description": "Of the last message; 0: there is none."},
    "position": {
      "type": "integer",
      "minimum": 0,
      "description": "Place in the queue, from 1; only while it is queued."
    },
    "eta_ms": {"type": "integer", "minimum": 0, "description": "Only while it is queued."},
    "eta_low_ms": {
      "type": "integer",
      "minimum": 0,
      "description": "Of ten who are told this, one waits less; only while something can be said."
    },
    "eta_high_ms": {"type": "integer", "minimum": 0, "description": "Of ten who are told this, one waits more."},
    "agents": {"type": "array", "items": {"type": "string"}},
    "channel": {"type": "string"},
    "skill": {"type": "string"},
    "opened_at": {"type": "string", "format": "date-time"},
    "updated_at": {"type": "string", "format": "date-time"}
    """#
}
