package import Desk
import Kernel
import Protocol
package import Raft

/// What an operator, or a test that plays one, can do beyond what the HTTP interface offers. As with `take`, what follows
/// comes with the end of the turn.
extension Node {
  package mutating func changeMembership(_ change: MembershipChange) -> MembershipChange.Outcome {
    raft.changeMembership(change)
  }

  package mutating func handOver(to target: NodeID?) -> RaftNode.TransferOutcome {
    raft.transferLeadership(to: target)
  }

  /// Proposes a command in the node's own name, to which nobody waits for an answer.
  package mutating func propose(_ command: Command) {
    batch.add(Submission(origin: Origin(server: server, request: 0), command: command))
  }

  package mutating func prefers(toLead: Bool) { raft.priority = toLead ? .normal : .low }

  /// A snapshot is made at the next opportunity.
  package mutating func wantsSnapshot() {
    snapshots.hurry()
    makeSnapshotIfDue()
  }

  /// For those who wait until a node has come to rest: what it still has to say in its own name; nil: nothing.
  package var unsettled: String? {
    if !agentConnections.isAnnounced { return "has not told of its agents" }
    if state.absentCount > 0, configuration.queueGrace > 0,
      let session = subscriptions.sessions.first(where: { state.isAbsent($0) && isCustomerHere($0) })
        ?? visits.sessions(at: now).first(where: { state.isAbsent($0) })
    {
      return "has the customer of session \(session.text), who is said to be gone"
    }
    if state.level >= .second, configuration.queueGrace > 0,
      let session = state.sessions(ownedBy: server, after: nil, limit: .max).first(where: isMissing)
    {
      return "has not said that the customer of session \(session.text) is gone"
    }
    if let session = unfollowed { return "does not tell an agent of session \(session.text), which it serves" }
    let own = pending.numbers { $0.connection == nil }
    guard let oldest = own.first, let request = pending[oldest] else { return nil }
    return
      "waits for \(own.count) commands of its own; the oldest was asked \(request.repeats + 1) times, last "
      + "\((now - request.lastAttempt).nanoseconds / 1_000_000) ms ago, and is asked again after "
      + "\(retryPace.wait(afterRepeats: request.repeats, isOwn: true).nanoseconds / 1_000_000) ms"
  }

  /// The furthest that the member has told to have on its disk, as far as this node has heard.
  package func told(of member: NodeID) -> (term: UInt64, index: UInt64)? {
    integrity.memory.record(of: member).map { record in
      let furthest = max(record.before, record.now)
      return (furthest.term, furthest.index)
    }
  }

  /// A session of an agent who is present on a connection of this node that does not follow it.
  private var unfollowed: SessionID? {
    for (connection, command) in agentConnections.all where command.status != .offline {
      guard let agent = state.agent(command.agent, in: command.desk), agent.presences.contains(command.presence)
      else { continue }
      let chat = agent.chats.first { !subscriptions.connections(of: $0).contains(connection) }
      if let chat { return chat }
    }
    return nil
  }

  /// Whether that snapshot is to take the place of the state.
  package func isLoading(_ meta: SnapshotMeta) -> Bool { log.loading == meta }
}
