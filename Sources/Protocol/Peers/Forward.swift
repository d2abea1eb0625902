package import Desk

/// A command on its way from the node of the client to the node that owns the session.
package struct Forward: Hashable, Sendable {
  /// The origin's own number for it, as in `Origin.request`. The origin's server is the node that sent the frame.
  package var request: UInt64
  package var session: SessionID
  /// The epoch under which the sender believes the receiver to own the session.
  package var epoch: Epoch
  package var command: Command

  package init(request: UInt64, session: SessionID, epoch: Epoch, command: Command) {
    self.request = request
    self.session = session
    self.epoch = epoch
    self.command = command
  }
}

/// A forward that the receiver has not taken, and never will: it may be sent again, elsewhere or later.
package struct ForwardRefusal: Hashable, Sendable {
  package enum Reason: UInt8, Sendable, CaseIterable {
    /// The receiver does not own the session: look the owner up anew.
    case notOwner = 1
    /// The receiver's queues are full: wait, then send again.
    case busy = 2
    /// The receiver knows no leader that could take a proposal.
    case noLeader = 3
    /// The receiver does not read the command: it is of a newer release. Nodes of level 1 do not know this reason.
    case unreadable = 4
  }

  /// Of one in a frame, in bytes.
  package static let mostBytes = 11

  /// `Forward.request` of the one that is refused.
  package var request: UInt64
  package var reason: Reason

  package init(request: UInt64, reason: Reason) {
    self.request = request
    self.reason = reason
  }
}
