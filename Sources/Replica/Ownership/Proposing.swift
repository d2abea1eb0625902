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
      // What an older node passes on in one session can be larger than any frame.
      switch payload.data.count <= options.maxEntryBytes ? raft.propose([payload]) : .full {
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
    guard upgradeFailure(forward.command) == nil else {
      refusals[origin, default: []].append(ForwardRefusal(request: forward.request, reason: .unreadable))
      return
    }
    guard let owner = desk.owner(of: forward.session), owner.server == server, owner.epoch == forward.epoch
    else {
      refusals[origin, default: []].append(ForwardRefusal(request: forward.request, reason: .notOwner))
      return
    }
    guard !takesNoWork, !memory.isShort || !forward.command.takesMemory,
      forward.command.mostBytes <= options.maxCommandBytes
    else {
      refusals[origin, default: []].append(ForwardRefusal(request: forward.request, reason: .busy))
      return
    }
    gathered.add(
      Submission(origin: Origin(server: origin, request: forward.request), command: forward.command))
  }

  func sendForwards() {
    for owner in forwards.keys.sorted() {
      guard let batch = forwards.removeValue(forKey: owner) else { continue }
      let level = level(of: NodeID(owner.rawValue))
      let pieces = Bundles.cut(
        batch, maxCount: .max, maxBytes: options.maxFrameBytes, bytes: { $0.command.mostBytes }
      ) { [server] in BundleKey(origin: server, session: $0.session) }
      for piece in pieces {
        // Not sent (no connection): the requests stay pending and go again when there is one.
        _ = network.send(.forward, to: NodeID(owner.rawValue), lane: .control) { buffer in
          ForwardCodec.encode(piece, into: &buffer, for: level)
        }
      }
    }
    for origin in refusals.keys.sorted() {
      guard let batch = refusals.removeValue(forKey: origin).map({ readable($0, by: origin) }) else { continue }
      let pieces = Bundles.cut(
        batch, maxCount: .max, maxBytes: options.maxFrameBytes, bytes: { _ in ForwardCodec.refusalBytes })
      for piece in pieces {
        _ = network.send(.refused, to: NodeID(origin.rawValue), lane: .control) { buffer in
          ForwardCodec.encode(piece, into: &buffer)
        }
      }
    }
  }
}
