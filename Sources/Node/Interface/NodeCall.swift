package import Protocol

/// What an operator or the HTTP interface asks of the node.
package enum NodeCall: Sendable {
  case change(MemberChange)
  /// nil: to whoever is furthest.
  case transferLeadership(to: String?)
  case drain(Bool)
  /// To read the state once this node has applied all that was committed when the call came.
  case read
}

package enum NodeAnswer: Sendable {
  case changed(Result<Bool, ControlFailure>)
  case transferred(Result<TransferReport, ControlFailure>)
  case drained
  /// nil: the state may be read now.
  case readable(Failure?)
}
