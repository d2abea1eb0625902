import Desk
import Peering
internal import Protocol
import Raft
import Storage
import Wire

/// The owner's side: commands of many sessions and many nodes become few entries.
extension ReplicaCore {
  func proposeGathered() {
    guard !gathered.isEmpty else { return }
    let mayWait =
      gathered.count < options.maxBatch && gathered.bytes < options.maxBatchBytes
      && gathered.proposalsUnderWay >= options.maxProposalsInFlight
    guard !mayWait else { return }
    for (payload, submissions) in gathered.take(maxCount: options.maxBatch, maxBytes: options.maxBatchBytes) {
      switch raft.propose([payload]) {
      case .appended, .forwarded:
        gathered.wasProposed(payload, at: now)
        statistics.proposals += 1
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

  private func refuse(_ submission: Submission, _ reason: ForwardRefusal.Reason) {
    guard submission.origin.server != server, submission.origin.request != 0 else { return }
    refusals[submission.origin.server, default: []].append(
      ForwardRefusal(request: submission.origin.request, reason: reason))
  }

  /// A command of another node's client, for a session that this node owns.
  func takeForward(_ forward: Forward, from origin: ServerID) {
    statistics.forwardsTaken += 1
    guard let owner = desk.owner(of: forward.session), owner.server == server, owner.epoch == forward.epoch
    else {
      refusals[origin, default: []].append(ForwardRefusal(request: forward.request, reason: .notOwner))
      return
    }
    guard !takesNoWork else {
      refusals[origin, default: []].append(ForwardRefusal(request: forward.request, reason: .busy))
      return
    }
    gathered.add(
      Submission(origin: Origin(server: origin, request: forward.request), command: forward.command))
  }

  func sendForwards() {
    for owner in forwards.keys.sorted() {
      guard let batch = forwards.removeValue(forKey: owner) else { continue }
      // Not sent (no connection): the requests stay pending and go again when there is one.
      _ = network.send(.forward, to: NodeID(owner.rawValue), lane: .control) { buffer in
        ForwardCodec.encode(batch, into: &buffer)
      }
    }
    for origin in refusals.keys.sorted() {
      guard let batch = refusals.removeValue(forKey: origin) else { continue }
      _ = network.send(.refused, to: NodeID(origin.rawValue), lane: .control) { buffer in
        ForwardCodec.encode(batch, into: &buffer)
      }
    }
  }
}
