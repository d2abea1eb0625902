import Desk
import Kernel
import Protocol
import Raft

/// The owner's side: commands of many sessions and many nodes become few entries.
extension Node {
  mutating func proposeBatch() {
    guard !batch.isEmpty else { return }
    let mayWait =
      batch.count < configuration.maxBatch && batch.bytes < configuration.maxBatchBytes
      && batch.proposalsUnderWay >= configuration.maxProposalsInFlight
    guard !mayWait else { return }
    let payloads = batch.take(maxCount: configuration.maxBatch, maxBytes: configuration.maxBatchBytes)
    for (payload, submissions) in payloads {
      observer?.proposes(submissions)
      defer { if has(.answerAtProposal) { answerEarly(submissions) } }
      switch raft.propose([payload]) {
      case .appended, .forwarded:
        batch.wasProposed(payload, until: now + .milliseconds(configuration.proposalPatience))
        metrics.proposals += 1
      case .noLeader:
        // Own requests stay pending and are repeated when there is a leader.
        for submission in submissions { refuse(submission, .noLeader) }
      case .full, .transferring:
        for submission in submissions {
          refuse(submission, .busy)
          if submission.origin.server == server { requestWasBusy(submission.origin.request) }
        }
      }
    }
  }

  private mutating func refuse(_ submission: Submission, _ reason: ForwardRefusal.Reason) {
    guard submission.origin.server != server else { return }
    routes.refuse(submission.origin.request, reason, to: submission.origin.server)
  }

  /// A command of another node's client, for a session that this node owns.
  mutating func takeForward(_ forward: Forward, from origin: ServerID) {
    metrics.forwardsTaken += 1
    let owner = desk.owner(of: forward.session)
    guard has(.ownerUnchecked) || (owner?.server == server && owner?.epoch == forward.epoch) else {
      return routes.refuse(forward.request, .notOwner, to: origin)
    }
    guard !diskIsFull, surroundings.disk.backlogBytes < configuration.maxBacklogBytes else {
      return routes.refuse(forward.request, .busy, to: origin)
    }
    batch.add(
      Submission(origin: Origin(server: origin, request: forward.request), command: forward.command))
  }

  /// Not sent (no connection): the requests stay pending and go again when there is one.
  mutating func sendForwards() {
    for (owner, forwards) in routes.takeForwards() { send(.forward(forwards), to: NodeID(owner.rawValue)) }
    for (origin, refusals) in routes.takeRefusals() {
      send(.refused(refusals), to: NodeID(origin.rawValue))
    }
  }
}
