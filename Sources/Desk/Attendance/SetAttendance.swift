/// A session's customer is gone, or there again: connected to some node, and following the session. Known from level 2 on.
///
/// That somebody is gone is said by the owner of the session, who hears from all nodes; that somebody is there by whichever
/// node they are connected to.
package struct SetAttendance: Hashable, Sendable {
  /// What becomes of a session whose customer is gone. In the command, so that it is the same on all nodes, whatever their
  /// configuration says.
  package struct Absence: Hashable, Sendable {
    /// The epoch under which the proposer owns the session.
    package var epoch: Epoch
    /// A session that waits keeps its place for so long, in ms, is passed over meanwhile, and is closed then. 0: it is
    /// served in its turn as if its customer were there.
    package var queueGrace: UInt64
    /// Any session is closed after so long, in ms; 0: never.
    package var openGrace: UInt64
    package init(epoch: Epoch, queueGrace: UInt64, openGrace: UInt64) {
      self.epoch = epoch
      self.queueGrace = queueGrace
      self.openGrace = openGrace
    }
  }

  package var session: SessionID
  /// nil: the customer is there.
  package var absence: Absence?
  package init(session: SessionID, absence: Absence?) {
    self.session = session
    self.absence = absence
  }
}

extension Person {
  /// Who closes what nobody has closed. No token has an empty `sub`.
  package static let system = Person(id: "", role: .admin, name: "")
}
