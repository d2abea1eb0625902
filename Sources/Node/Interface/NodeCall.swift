package import Desk
package import Protocol

/// What an operator or the HTTP interface asks of the node.
package enum NodeCall: Sendable {
  case change(MemberChange)
  /// nil: to whoever is furthest.
  case transferLeadership(to: String?)
  case drain(Bool)
  /// To be told once a snapshot of this node is on its disk that has all that was committed when the call came.
  case snapshot
  /// To read the state once this node has applied all that was committed when the call came.
  case read
  /// To be told once it is noted that this person reads a session's messages, where that has to be: see `AuditRule`.
  case noteRead(Person, DeskName, SessionID)
  /// To be told what happens in the desk, for `FollowedDesks.lease`.
  case follow(DeskName)
}

extension NodeCall {
  /// Whoever asks a node that has ended is to ask another one.
  package var answerOfEndedNode: NodeAnswer {
    switch self {
    case .change: .changed(.failure(.busy("this node stops: ask another")))
    case .transferLeadership: .transferred(.failure(.busy("this node stops: ask another")))
    case .drain: .drained
    case .snapshot: .snapshotIsThere(.failure(.busy("this node stops: ask it again when it is back")))
    case .read, .noteRead:
      .readable(Failure(.busy, "this node is stopping; try another", retryAfterMilliseconds: 500))
    case .follow:
      .following(
        .failure(Failure(.busy, "this node is stopping; try another", retryAfterMilliseconds: 500)))
    }
  }
}

package enum NodeAnswer: Sendable {
  case changed(Result<MemberChangeOutcome, ControlFailure>)
  case transferred(Result<TransferReport, ControlFailure>)
  case drained
  /// The index of the log that the snapshot is of.
  case snapshotIsThere(Result<UInt64, ControlFailure>)
  /// nil: the state may be read now.
  case readable(Failure?)
  case following(Result<DeskFollowing, Failure>)
}
