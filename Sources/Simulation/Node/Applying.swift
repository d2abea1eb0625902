import Desk
import Raft
import Wire

/// Committed entries become state and answers.
extension World {
  func apply(_ entries: [Entry], at node: SimulatedNode) {
    for entry in entries {
      if entry.index != node.appliedIndex.next {
        return fail("node \(node.id) applies entry \(entry.index) after \(node.appliedIndex)")
      }
      guard checks.sawCommitted(entry, by: node, in: self) else { return }
      node.effects.removeAll(keepingCapacity: true)
      if mistake == .snapshotIndexTooHigh { node.deskBefore = node.desk }
      var submissions: [Submission] = []
      if entry.kind == .command {
        do { submissions = try CommandCodec.decode(entry.data) } catch {
          return fail("entry \(entry.index) cannot be read: \(error)")
        }
        apply(submissions, of: entry, at: node)
      }
      node.appliedIndex = entry.index
      node.appliedTime = entry.time
      checks.sawApplied(entry, submissions, by: node, in: self)
      answer(node)
      node.entriesSinceSnapshot += 1
      if !checks.violations.isEmpty { return }
    }
    node.raft?.applied(to: node.appliedIndex)
    let times = node.raft?.isSendingSnapshot == true ? RaftNode.snapshotDeferral : 1
    if node.entriesSinceSnapshot >= plan.snapshotEvery * times { makeSnapshot(node, tail: plan.tail) }
  }

  private func apply(_ submissions: [Submission], of entry: Entry, at node: SimulatedNode) {
    var submissions = submissions
    var time = entry.time
    switch mistake {
    case .ownClockApplied: time = clock(of: node)
    case .epochUnchecked: submissions = submissions.map { withEpochOf(node.desk, $0) }
    case .dedupOff:
      for place in submissions.indices {
        guard case .send(var send) = submissions[place].command else { continue }
        send.id += "/\(entry.index)/\(place)"
        submissions[place].command = .send(send)
      }
    case .returnForgotten: submissions = submissions.map { withoutReturn(node.desk, $0) }
    default: break
    }
    node.desk.apply(submissions, index: entry.index.rawValue, now: time, into: &node.effects)
  }

  private func withEpochOf(_ desk: DeskState, _ submission: Submission) -> Submission {
    guard case .send(var send) = submission.command, let owner = desk.owner(of: send.session) else {
      return submission
    }
    var submission = submission
    send.epoch = owner.epoch
    submission.command = .send(send)
    return submission
  }

  /// The mistake `returnForgotten`.
  private func withoutReturn(_ desk: DeskState, _ submission: Submission) -> Submission {
    guard case .setStatus(var status) = submission.command, desk.agent(status.agent)?.deadline != nil else {
      return submission
    }
    var submission = submission
    status.status = .offline
    submission.command = .setStatus(status)
    return submission
  }

  /// The mistake `appliedTwice`.
  func applyAgain(_ entries: [Entry], upTo index: LogIndex, at node: SimulatedNode) {
    var effects: [Effect] = []
    for entry in entries where entry.index <= index && entry.kind == .command {
      guard let submissions = try? CommandCodec.decode(entry.data) else { continue }
      node.desk.apply(submissions, index: entry.index.rawValue + 1_000_000, now: entry.time, into: &effects)
    }
  }

  private func answer(_ node: SimulatedNode) {
    for effect in node.effects {
      switch effect {
      case .answer(let origin, let answer):
        if origin.server == node.server {
          self.answer(origin.request, answer, at: node)
          ownAnswered(origin.request, at: node)
        }
      case .timePassed: node.timeProposedAt = nil
      case .serverLost(let lost, _, _, _):
        if lost == node.server { restorePresences(node) }
        // Requests that were under way to the lost owner go to the new one.
        retry(node) { $0.session != nil }
      default: break
      }
    }
  }
}
