import Desk
import Protocol

/// Keeps what one connection asks about one session in the order in which it asked, where the answers must not overtake
/// one another: what is sent after a `resume` or `join` goes once that is answered, and a `resume` or `join` waits for
/// the answers to what was sent before. Else an ack could come before the messages that a resume brings, and a client that
/// remembers the highest sequence would never ask for those between.
///
/// What waits is bounded by what the gateway lets one connection have open at once.
struct RequestOrder {
  private struct Turn {
    /// Messages that have no answer yet.
    var sends = 0
    /// A `join` or `resume` that has no answer yet.
    var isReading = false
    var waiting: [ClientRequest] = []
    var isIdle: Bool { sends == 0 && !isReading && waiting.isEmpty }

    mutating func mayBegin(_ request: ClientRequest, _ isFollow: Bool) -> Bool {
      guard waiting.isEmpty, !isReading, !isFollow || sends == 0 else {
        waiting.append(request)
        return false
      }
      begin(isFollow)
      return true
    }

    private mutating func begin(_ isFollow: Bool) {
      if isFollow { isReading = true } else { sends += 1 }
    }

    mutating func finished(_ isFollow: Bool) -> [ClientRequest] {
      if isFollow { isReading = false } else { sends = max(0, sends - 1) }
      var next: [ClientRequest] = []
      while !isReading, let first = waiting.first, !first.body.isFollow || sends == 0 {
        waiting.removeFirst()
        begin(first.body.isFollow)
        next.append(first)
      }
      return next
    }
  }

  /// Of a connection, those few sessions that it is asking about at this moment.
  private var connections: [ConnectionID: [SessionID: Turn]] = [:]

  /// - Returns: false when the request waits; `finished` gives it out.
  mutating func mayBegin(_ request: ClientRequest, in session: SessionID) -> Bool {
    let isFollow = request.body.isFollow
    return connections[request.connection, default: [:]][session, default: Turn()].mayBegin(request, isFollow)
  }

  /// A message, or a `join` or `resume`, has its answer.
  ///
  /// - Returns: what goes now, in order; it counts as begun.
  mutating func finished(_ connection: ConnectionID, _ session: SessionID, isFollow: Bool) -> [ClientRequest] {
    guard var turn = connections[connection]?.removeValue(forKey: session) else { return [] }
    let next = turn.finished(isFollow)
    if !turn.isIdle {
      connections[connection]?[session] = turn
    } else if connections[connection]?.isEmpty == true {
      connections[connection] = nil
    }
    return next
  }

  /// The connection is gone.
  mutating func forget(_ connection: ConnectionID) { connections[connection] = nil }

  var count: Int { connections.count }
}

extension ClientRequest.Body {
  /// A `join` or a `resume`.
  var isFollow: Bool {
    switch self {
    case .join, .resume: true
    case .open, .send, .status, .close, .transfer, .history, .typing, .read, .disconnected: false
    }
  }

  /// The session that the order of the request's answer is bound to.
  var orderedSession: SessionID? {
    switch self {
    case .send(let session, _, _), .join(let session, _), .resume(let session, _): session
    case .open, .status, .close, .transfer, .history, .typing, .read, .disconnected: nil
    }
  }
}
