/// Handing leadership over (dissertation, section 3.10).
struct LeadershipTransfer: Sendable {
  let target: NodeID
  let since: UInt64
}

extension RaftNode {
  package enum TransferOutcome: Hashable, Sendable {
    /// The leader brings the target up to date, takes no proposals meanwhile, and tells it to campaign. It is
    /// over when another leads, or after an election timeout, when this node goes on leading.
    case begun(NodeID)
    case alreadyLeading
    /// This node does not lead; the leader, if it is known, does.
    case notLeader(NodeID?)
    /// Nobody can take over, or the one that was named cannot: says why.
    case noTarget(String)
  }

  /// - Parameter wanted: nil for whoever is furthest of those that are not `reluctant`.
  package mutating func transferLeadership(to wanted: NodeID?) -> TransferOutcome {
    guard role == .leader else { return .notLeader(leader) }
    if wanted == id { return .alreadyLeading }
    let target: NodeID
    if let wanted {
      guard membership.voters.contains(wanted), let position = position(of: wanted) else {
        return .noTarget("node \(wanted) is no voter of this group: name one that is")
      }
      guard isRecentlyActive(peers[position]) else {
        return .noTarget("node \(wanted) has not answered lately: name one that does")
      }
      target = wanted
    } else {
      guard let best = furthestVoter else { return .noTarget("no other voter answers and wants to lead") }
      target = best
    }
    transfer = LeadershipTransfer(target: target, since: now)
    mark(.transferBegun)
    if let position = position(of: target) { urgeTarget(position) }
    return .begun(target)
  }

  /// The member that leadership is being handed to.
  package var transferTarget: NodeID? { transfer?.target }

  private var furthestVoter: NodeID? {
    var best: Progress?
    for peer in peers
    where membership.voters.contains(peer.id) && isRecentlyActive(peer) && !reluctant.contains(peer.id) {
      if let known = best, peer.match <= known.match { continue }
      best = peer
    }
    return best?.id
  }

  /// Tells the target to campaign once it has everything.
  mutating func urgeTarget(_ position: Int) {
    guard let transfer, transfer.target == peers[position].id, peers[position].match == log.lastIndex else {
      return
    }
    // A campaign that was asked for may come at any later time: no lease holds against it in this term.
    if !configuration.mistakes.contains(.leaseOutlivesTransfer) { lease.isBroken = true }
    mark(.timeoutNowSent)
    send(.timeoutNow, to: transfer.target)
  }

  /// A target that does not take over in time is given up, so that proposals go on.
  mutating func tickTransfer() {
    guard let transfer else { return }
    if now - transfer.since >= UInt64(configuration.electionTicks) {
      mark(.transferGivenUp)
      self.transfer = nil
      if !membership.votes(id), membershipIndex <= commitIndex { becomeFollower(term: term, leader: nil) }
    } else if heartbeatElapsed == 0, let position = position(of: transfer.target) {
      urgeTarget(position)
    }
  }

  mutating func receiveTimeoutNow() {
    guard role == .follower, canCampaign else { return }
    mark(.timeoutNowObeyed)
    campaignForVotes(transfer: true)
  }
}
