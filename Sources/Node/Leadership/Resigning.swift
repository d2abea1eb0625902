import Kernel
import Protocol
import Raft

/// A leader that can write nothing is in the way of everybody: what the others propose is refused here. It hands
/// leadership over (`HandingOver`); when that fails for long, because each of the others lacks something, it resigns, so
/// that they elect whom they can. Its own campaigns come last (`CampaignPriority.low`).
struct Resigning {
  /// Two tries of handing over come before.
  static let patience = Span.seconds(5)

  private var since: (term: Term, at: Instant)?

  /// - Parameters:
  ///   - isUnable: this node leads and cannot write.
  ///   - othersSuffice: without this node there is a quorum of voters that answer and can write. Else nobody could do
  ///     better, and each resignation would be followed by the next.
  mutating func isDue(isUnable: Bool, othersSuffice: Bool, in term: Term, at now: Instant) -> Bool {
    guard isUnable, othersSuffice else {
      since = nil
      return false
    }
    if let since, since.term == term { return now - since.at >= Self.patience }
    since = (term, now)
    return false
  }

  /// Whether the voters other than `leader` that are able are a majority of the configuration, of both while it is joint.
  static func othersSuffice(
    _ membership: Membership, without leader: NodeID, isAble: (NodeID) -> Bool
  ) -> Bool {
    [membership.voters, membership.outgoing].allSatisfy { voters in
      voters.isEmpty || voters.count { $0 != leader && isAble($0) } * 2 > voters.count
    }
  }
}

extension Node {
  /// It can write nothing, or has too much to write already: it takes no new work.
  var takesNoWork: Bool { diskIsFull || surroundings.disk.backlogBytes >= DiskWatch.mostBytes }

  /// It should not lead.
  var cannotWrite: Bool { diskIsFull || diskWatch.isHanging }

  /// From the tick, for as long as there is a reason.
  mutating func stepAside() {
    raft.priority = reluctance > .none ? .low : .normal
    guard cannotWrite else { return }
    handOverIfReluctant()
    let othersSuffice = Resigning.othersSuffice(raft.membership, without: raft.id) { voter in
      peers.isConnected(voter) && raft.progress(of: voter)?.recentlyActive ?? false
        && peers.report(of: voter).map { !$0.diskIsFull } ?? false
    }
    guard
      resigning.isDue(
        isUnable: raft.role == .leader, othersSuffice: othersSuffice, in: raft.term, at: now)
    else { return }
    note(.warning, "this node can write nothing and nobody has taken over: it leads no longer")
    raft.resign()
  }
}
