/// The stable codes of the client protocol.
package struct Failure: Error, Hashable, Sendable {
  package enum Code: String, Sendable, CaseIterable {
    case badFrame = "bad_frame"
    case unauthorized
    case forbidden
    case notFound = "not_found"
    case sessionClosed = "session_closed"
    /// The id was used for something else.
    case conflict
    /// The session is another one than the request expects (`If-Match`): look at it, and ask anew.
    case preconditionFailed = "precondition_failed"
    /// Somebody else was faster.
    case taken
    case tooLarge = "too_large"
    case rateLimited = "rate_limited"
    case busy
    case noQuorum = "no_quorum"
    /// Not before every node of the cluster knows it: wait until the upgrade is over.
    case upgrading
    case unsupported

    /// Whether a client may send the same request again after a while.
    package var isTemporary: Bool {
      switch self {
      case .busy, .noQuorum, .rateLimited, .upgrading: true
      case .badFrame, .unauthorized, .forbidden, .notFound, .sessionClosed, .tooLarge, .conflict,
        .preconditionFailed, .taken, .unsupported:
        false
      }
    }
  }
  package var code: Code
  /// For people: what is wrong and what to do.
  package var message: String
  package var retryAfterMilliseconds: Int?
  /// The asker's own share is used up, or whom they ask for has no room: the node itself could do it. Over HTTP that is no
  /// fault of the server (5xx).
  package var isOfAsker: Bool
  package init(
    _ code: Code, _ message: String, retryAfterMilliseconds: Int? = nil, isOfAsker: Bool = false
  ) {
    self.code = code
    self.message = message
    self.retryAfterMilliseconds = retryAfterMilliseconds
    self.isOfAsker = isOfAsker
  }
}
