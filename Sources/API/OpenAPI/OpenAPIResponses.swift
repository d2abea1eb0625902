import Kernel
internal import Protocol

/// The answers that many routes give, written once.
extension OpenAPIDocument {
  /// The member `responses` of `components`.
  static var responses: String {
    "{" + ([others] + problems.map(describe)).joined(separator: ",\n") + "}"
  }

  /// Names and descriptions of those that are problem details.
  private static let problems: [(name: String, about: String)] = [
    (
      "Conflict",
      "The session is closed, the key was used for something else, or the agent is not there or has no room (`busy`)."
    ),
    (
      "PreconditionFailed",
      "What is asked about has changed since the version of `If-Match` or of `expecting`; nothing was done."
    ),
    ("TooLarge", "A member, or the body, has more bytes than are allowed; `detail` names it."),
    ("TargetTooLong", "The target of the request has more than 4096 bytes."),
    ("BadRequest", "The request is wrong; `detail` names the parameter, its value and what is allowed."),
    ("Unauthorized", "The token is missing, or not accepted."),
    ("Forbidden", "The token's role may not do this."),
    ("NotFound", "There is no such thing."),
    ("Refused", "It cannot be: `detail` says why."),
    (
      "NotLeader",
      "Another node does this, the leader or the one that is meant; the header Switchboard-Leader has "
        + "its address."
    ),
    ("UpgradeRequired", "Not a handshake of version 13."),
    ("HeadTooLarge", "The head of the request is too large."),
    (
      "TooManyRequests",
      "The address has too many connections or sends too many requests, or the asker has what may be had; Retry-After "
        + "says when to try again. Any route but those of health may answer so."
    ),
    ("Unavailable", "No quorum, or too busy; Retry-After says when to try again."),
  ]

  private static func describe(_ problem: (name: String, about: String)) -> String {
    ##"""
    \##(problem.name.quotedJSON): {"description": \##(problem.about.quotedJSON), "content":
    {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    """##
  }

  private static let others = #"""
    "Changed": {
      "description": "It is done or has begun; the status page shows the rest. `changed` is false when \#
    it was so already.",
      "content": {
        "application/json": {
          "schema": {
            "type": "object",
            "required": ["changed"],
            "properties": {"changed": {"type": "boolean"}}
          }
        }
      }
    },
    "MembersChanged": {
      "description": "It is done. `changed` is false when it was so already.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/MembersChanged"}}}
    },
    "MembersPending": {
      "description": "It has begun and goes on by itself: `detail` says what it waits for, and `change` of \#
    the status page shows it.",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/MembersChanged"}}}
    }
    """#
}
