package import Desk

/// What the pure state asks its shell to do, in order.
package enum ClientAction: Sendable, Equatable {
  /// A text frame for the connection.
  case transmit(SentFrame)
  /// A WebSocket ping, to find out whether anybody is there.
  case ping
  /// Ends the connection; another try follows.
  case disconnect(reason: String)
  /// The token ends soon: ask for a new one, and give it to `renew`.
  case needToken
  /// An answer for whoever waits for this request.
  case resolve(id: String, Outcome)
  /// For the listeners.
  case emit(ClientEvent)

  package enum Outcome: Sendable, Equatable {
    case opened(SessionSnapshot)
    case joined(SessionSnapshot)
    case acknowledged(Acknowledgement)
    case done
    case history(HistoryPage)
    /// To a `Query`.
    case answer(QueryAnswer)
    case failed(ClientError)

    /// The `Answer` of the operation, as a value.
    package var answer: (any Sendable)? {
      switch self {
      case .opened(let session), .joined(let session): session
      case .acknowledged(let proof): proof
      case .done: ()
      case .history(let page): page
      case .answer(let answer): answer.record
      case .failed: nil
      }
    }
  }
}
