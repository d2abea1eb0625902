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
      // What an older node passes on in one session can be larger than any frame.
      switch payload.data.count <= configuration.maxEntryBytes ? raft.propose([payload]) : .full {
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
    guard upgradeFailure(forward.command) == nil else {
      // Whoever sent it has applied that the level was raised; this node is about to.
      let isAhead = forward.command.since <= configuration.level
      return routes.refuse(forward.request, isAhead ? .notOwner : .unreadable, to: origin)
    }
    let owner = state.owner(of: forward.session)
    guard has(.ownerUnchecked) || (owner?.server == server && owner?.epoch == forward.epoch) else {
      return routes.refuse(forward.request, .notOwner, to: origin)
    }
    guard !takesNoWork, !memory.isShort || !forward.command.takesMemory,
      forward.command.mostBytes <= configuration.maxCommandBytes
    else {
      return routes.refuse(forward.request, .busy, to: origin)
    }
    batch.add(
      Submission(origin: Origin(server: origin, request: forward.request), command: forward.command))
  }

  /// Not sent (no connection): the requests stay pending and go again when there is one.
  mutating func sendForwards() {
    let most = configuration.maxFrameBytes
    for (owner, forwards) in routes.takeForwards() {
      let pieces = Bundles.cut(forwards, maxCount: .max, maxBytes: most, bytes: { $0.command.mostBytes }) {
        [server] in BundleKey(origin: server, session: $0.session)
      }
      for piece in pieces { send(.forward(ForwardBatch(forwards: piece)), to: NodeID(owner.rawValue)) }
    }
    for (origin, refusals) in routes.takeRefusals() {
      let pieces = Bundles.cut(
        readable(refusals, by: origin), maxCount: .max, maxBytes: most, bytes: { _ in ForwardRefusal.mostBytes }
      )
      for piece in pieces { send(.refused(piece), to: NodeID(origin.rawValue)) }
    }
  }
}
