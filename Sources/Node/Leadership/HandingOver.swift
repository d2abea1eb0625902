import Kernel
import Protocol
import Raft

/// A leader that does not want to lead tries to hand leadership over for as long as that is so: not once, and not as fast
/// as it can. While a transfer is under way nothing is proposed, so one that has failed is not repeated at once, and
/// another target comes first then.
struct HandingOver {
  /// From one try to the next; a transfer is given up after an election timeout, which is shorter.
  static let pause = Span.seconds(2)

  private var last: (term: Term, target: NodeID, at: Instant)?

  /// The one to hand over to now; nil: not now.
  ///
  /// - Parameter targets: as `LeadershipTargets` ranks them.
  mutating func next(_ targets: [NodeID], in term: Term, at now: Instant) -> NodeID? {
    var targets = targets
    if let last, last.term == term {
      guard now - last.at >= Self.pause else { return nil }
      if targets.first == last.target, targets.count > 1 { targets.removeFirst() }
    }
    guard let target = targets.first else { return nil }
    last = (term, target, now)
    return target
  }
}

extension Node {
  /// How little this node wants to lead.
  var reluctance: Reluctance { Reluctance(isDraining: drain.isDraining, diskIsFull: cannotWrite) }

  /// Those that this node, as the leader, may hand leadership to; empty when it should keep it, and when it does not lead.
  func leadershipTargets() -> [NodeID] {
    LeadershipTargets.ranked(leadershipCandidates, own: reluctance, commit: raft.commitIndex)
  }

  /// Whether leadership is where it stays for now, so that a drained node need not wait for anything.
  var isLeadershipSettled: Bool {
    guard raft.role == .leader else { return raft.leader != nil }
    return !LeadershipTargets.isSomebodyWilling(leadershipCandidates, own: reluctance)
  }

  private var leadershipCandidates: [LeadershipCandidate] {
    guard raft.role == .leader else { return [] }
    return raft.membership.voters.filter { $0 != raft.id }.map { voter in
      LeadershipCandidate(
        id: voter, isConnected: peers.isConnected(voter), notice: peers.report(of: voter),
        progress: raft.progress(of: voter))
    }
  }

  /// Hands leadership over when this node leads, does not want to, and somebody else can and does. May be called as often
  /// as one likes; for as long as the reason lasts it has to be.
  mutating func handOverIfReluctant() {
    guard raft.role == .leader, reluctance > .none, raft.transferTarget == nil,
      let target = handingOver.next(leadershipTargets(), in: raft.term, at: now)
    else { return }
    guard case .begun = raft.transferLeadership(to: target) else { return }
    note(.notice, "leadership is handed over", ("to", name(of: target)), ("reason", "\(reluctance)"))
  }

  /// Raft, too, is not to choose a node that does not want to lead.
  mutating func noteReluctance() {
    raft.reluctant = peers.reporting.filter { peer in (said(by: peer) ?? .none) > .none }
  }

  /// Why an operator's transfer to this node would put leadership where it does not belong; nil when it is fine.
  func reasonNotToLead(_ target: NodeID?) -> String? {
    guard let target, let said = said(by: target) else { return nil }
    switch said {
    case .none: return nil
    case .draining:
      return
        "\(name(of: target)) is drained: take that back with `switchboard cluster drain \(name(of: target)) --undo`"
    case .fullDisk: return "the disk of \(name(of: target)) is full: make room there, or name another"
    }
  }

  private func said(by peer: NodeID) -> Reluctance? {
    peers.report(of: peer).map { Reluctance(isDraining: $0.isDraining, diskIsFull: $0.diskIsFull) }
  }
}
