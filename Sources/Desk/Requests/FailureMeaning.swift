/// What the codes of errors say, once for all documents.
extension Failure.Code {
  package var meaning: String {
    switch self {
    case .badFrame:
      "The request is not of the protocol, or its fields do not go together; the message names the field."
    case .unauthorized: "The token is missing, is none, or has ended."
    case .forbidden: "The person may not do this: not at all, not here, or not so far."
    case .notFound: "There is no such session or agent."
    case .sessionClosed: "The session is closed, and this needs an open one."
    case .conflict: "The `id` was used before, for something else; what was said first stays."
    case .preconditionFailed:
      "What the request is about has changed since the version that it expects; nothing was done."
    case .taken: "Somebody else serves the session already, or the offer of it has ended."
    case .tooLarge: "A field, the frame or the session is too large; the message names the bound."
    case .rateLimited: "Too much in too short a time."
    case .busy: "There is no room for it now: on the node, or with the agent."
    case .noQuorum: "Too few nodes reach each other: nothing can be promised now."
    case .upgrading: "Not every node of the cluster knows this yet."
    case .unsupported: "This release does not do it, or not so."
    }
  }

  package var remedy: String {
    switch self {
    case .badFrame, .tooLarge, .unsupported: "Mend the request."
    case .unauthorized: "Get another token."
    case .forbidden: "Leave it, or get a token that allows it."
    case .notFound, .sessionClosed: "Open a session, or name another one."
    case .conflict: "Choose a new `id` for what is new."
    case .preconditionFailed: "Look at it, and ask anew with its present version and a new `id`."
    case .taken: "Take another one."
    case .rateLimited, .noQuorum, .upgrading: "Repeat it with the same `id` after `retry_after_ms`."
    case .busy: "Repeat it with the same `id` after `retry_after_ms`; without that, choose another agent."
    }
  }
}
