/// What an operator may change about the running cluster.
package protocol ClusterControl: AnyObject, Sendable {
  /// Begins a change of the members. It goes on by itself, also under another leader; the status page shows it.
  ///
  /// - Returns: once it is done, or after two seconds that it is not yet.
  /// - Throws: `ControlFailure` when nothing was begun.
  func change(_ change: MemberChange) async throws -> MemberChangeOutcome
  /// Hands leadership over, and waits until another node leads.
  ///
  /// - Parameter name: of the node that is to lead; nil for whichever is furthest.
  /// - Throws: `ControlFailure`; also when the target has not taken over within an election timeout.
  func transferLeadership(to name: String?) async throws -> TransferReport
  /// Empties a node of leadership, sessions and clients, so that it can be stopped with nobody noticing; only that node
  /// itself can do it. It goes on voting.
  ///
  /// - Parameter isDraining: false ends it: the node takes clients and sessions again.
  /// - Throws: `ControlFailure`.
  func drain(_ name: String, _ isDraining: Bool) async throws
  /// Waits until this node has a snapshot on its disk that has all that was committed when it was asked for.
  ///
  /// - Returns: the index of the log that it is of.
  /// - Throws: `ControlFailure`; `busy` when it takes longer than 30 seconds, and where 16 wait already.
  func snapshot() async throws -> SnapshotReport
  /// Takes the file of a month out of the archive of this node, which goes on without it.
  ///
  /// - Parameter month: "2026-09".
  /// - Returns: where the file is, on this node's machine.
  /// - Throws: `ControlFailure`.
  func detachMonth(_ month: String) async throws -> String
  /// Takes it back, from where `switchboard archive attach` has put it.
  ///
  /// - Throws: `ControlFailure`.
  func attachMonth(_ month: String) async throws
  /// The file of a detached month will not come back: the month is filled from other nodes.
  /// - Throws: `ControlFailure`.
  func giveUpMonth(_ month: String) async throws
  /// Compares one month of the archive of this node with its checksums. What is damaged is set aside, and filled again from the
  /// state and from other nodes; that goes on by itself.
  ///
  /// - Parameters:
  ///   - month: "2026-09"; nil: the first one that is kept behind `after`, or the first of all, and the catalogue with it.
  /// - Throws: `ControlFailure`; `busy` where others ask already.
  func mendArchive(month: String?, after: String?) async throws -> ArchiveMending
  /// For tests, on nodes that were started with `development.faults`.
  ///
  /// - Throws: `ControlFailure` when it is not allowed here, or names a node that nobody knows.
  func inject(_ fault: DevelopmentFault) async throws
}

package enum MemberChange: Hashable, Sendable {
  /// The node becomes a learner at once, and a voter as soon as it has caught up.
  case add(MemberAddress)
  /// By name.
  case remove(String)
  /// The newcomer takes the place of the other in one step, as soon as it has caught up.
  case replace(String, with: MemberAddress)
}

/// What has become of a change.
package enum MemberChangeOutcome: Hashable, Sendable {
  /// The members were so already.
  case unchanged
  case done
  /// It has begun, and goes on by itself: what it waits for.
  case pending(String)
}

package struct TransferReport: Hashable, Sendable {
  package var from: String
  package var to: String
  /// From the request to the first word of the new leader.
  package var milliseconds: Double
  package init(from: String, to: String, milliseconds: Double) {
    self.from = from
    self.to = to
    self.milliseconds = milliseconds
  }
}

package struct SnapshotReport: Hashable, Sendable {
  /// All up to this entry of the log is in it.
  package var index: UInt64
  /// The name of the node whose snapshot it is.
  package var node: String
  package init(index: UInt64, node: String) {
    self.index = index
    self.node = node
  }
}

/// What was found in a month of the archive.
package struct ArchiveMending: Hashable, Sendable {
  /// nil: no month is left.
  package var month: String?
  /// That are as they were written.
  package var rows: UInt64
  /// What was not; the month was set aside, and is filled again.
  package var damage: String?
  /// The archive misses nothing that is known of.
  package var isWhole: Bool
  package init(month: String?, rows: UInt64 = 0, damage: String? = nil, isWhole: Bool) {
    (self.month, self.rows, self.damage, self.isWhole) = (month, rows, damage, isWhole)
  }
}

package enum ControlFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// Only the leader can do it; it is told who that is.
  case notLeader(MemberAddress?)
  /// Only the node itself can do it.
  case elsewhere(MemberAddress)
  case notFound(String)
  /// Not at this moment: says why.
  case busy(String)
  /// Not at all: says why.
  case refused(String)

  package var description: String {
    switch self {
    case .notLeader(let leader?): "\(leader.name) leads: ask \(leader.clientURL)"
    case .notLeader(nil):
      "no leader is known at this moment: try again, and see that a majority of the nodes runs"
    case .elsewhere(let node): "only \(node.name) itself can do that: ask \(node.clientURL)"
    case .notFound(let what), .busy(let what), .refused(let what): what
    }
  }
}
